"""A small simulated night with its truth, and a config that makes a set of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from skysift.datasets import SetConfig
from skysift.simulate import write_night

MIX = {"supernova": 0.4, "dim_supernova": 0.2, "variable": 0.25, "bogus": 0.15}
SOURCES = {
    "trues": ("supernova",),
    "dims": ("dim_supernova",),
    "vars": ("variable",),
    "rejects": ("bogus",),
}


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """240 alerts of some 60 objects."""
    folder = tmp_path_factory.mktemp("night")
    write_night(240, 3, folder, mix=MIX, alerts_per_object=6, workers=1)
    return folder


@pytest.fixture
def config(night: Path) -> SetConfig:
    """Shares that leave every part objects of both classes."""
    return SetConfig(
        alerts=(night / "packets",),
        labels=night / "truth.csv",
        shares={"train": 0.5, "validation": 0.25, "test": 0.25},
        sources=SOURCES,
    )
