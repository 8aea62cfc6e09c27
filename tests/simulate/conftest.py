"""A small simulated night that all tests of the room read."""

from __future__ import annotations

from pathlib import Path

import pyarrow.csv
import pytest

from skysift.simulate import simulate_night, write_night

COUNT = 90
SEED = 4
EVEN_MIX = {
    "supernova": 2.0, "dim_supernova": 1.0, "variable": 1.0, "cv": 1.0, "agn": 1.0,
    "asteroid": 1.0, "bogus": 1.0,
}  # fmt: skip


@pytest.fixture(scope="session")
def alerts():
    """Packets with their truth, of every kind."""
    return list(simulate_night(COUNT, seed=SEED, mix=EVEN_MIX, workers=1))


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """The same alerts written to a folder."""
    output = tmp_path_factory.mktemp("night")
    write_night(COUNT, SEED, output, mix=EVEN_MIX, workers=1)
    return output


@pytest.fixture(scope="session")
def truth(folder):
    """The truth written with them, as rows."""
    return pyarrow.csv.read_csv(folder / "truth.csv").to_pylist()
