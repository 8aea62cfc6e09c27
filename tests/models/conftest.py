"""Shared by the tests of models: published data, where it is there, and made-up inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def published(shared_data: Path) -> Path:
    """Folder with the published BTSbot's weights and example alerts."""
    return shared_data / "btsbot"


@pytest.fixture(scope="session")
def imported(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published weights, imported."""
    from skysift.models.btsbot.importing import import_published

    return import_published(published / "v1.0.1", tmp_path_factory.mktemp("imported"))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240101)
