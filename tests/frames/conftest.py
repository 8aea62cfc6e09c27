"""What tests of the search in frames share: a small simulated night."""

from __future__ import annotations

from pathlib import Path

import pytest

NIGHT, SIDE, FIELDS, VISITS = 2460433.8, 256, 4, 2


@pytest.fixture(scope="session")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with eight small frames of one night, two visits of four fields."""
    pytest.importorskip("galsim")
    from skysift.simulate.frames import Settings, write_frames

    folder = tmp_path_factory.mktemp("frames")
    settings = Settings(3, (SIDE, SIDE), comets=2, visits=VISITS, night=NIGHT)
    write_frames(FIELDS * VISITS, folder, settings)
    return folder
