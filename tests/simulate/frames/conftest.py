"""Small simulated frames that the tests of frames read."""

from __future__ import annotations

import pytest

from skysift.simulate.frames import Settings, make_frames, visitors, write_frames


@pytest.fixture(scope="session")
def settings() -> Settings:
    """What the frames in `folder` are: two exposures a field."""
    return Settings(seed=4, shape=(400, 384), comets=3, visits=2)


@pytest.fixture(scope="session")
def frames():
    """Six fields, one exposure of each, quiet and crowded; with more points than usual."""
    wanted = Settings(seed=8, shape=(512, 480), comets=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(visitors.CONFUSERS, "asteroid", 150.0)
        patch.setitem(visitors.CONFUSERS, "transient", 100.0)
        return [next(make_frames(index, wanted)) for index in range(6)]


@pytest.fixture(scope="session")
def folder(tmp_path_factory, settings):
    """Three exposures of two fields, written by one process."""
    return write_frames(3, tmp_path_factory.mktemp("frames"), settings, workers=1)
