"""A simulated night that the job's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stream.jobs import skysift


@pytest.fixture(scope="session")
def packets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of packets, one file an alert, rich in supernovae."""
    folder = tmp_path_factory.mktemp("night")
    skysift("simulate", "alerts", "--count", 120, "--seed", 11, "--output", folder)
    return folder / "packets"
