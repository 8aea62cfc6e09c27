"""A simulated night, as packets and as a pool, that the campaigns' tests share."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event

import pandas as pd
import pytest

from skysift.campaigns import get
from skysift.campaigns.listening import Listener
from skysift.campaigns.sources import FILES, FolderSource
from skysift.campaigns.store import Store
from skysift.models.vra import members
from skysift.simulate import write_night

MIX = {"supernova": 0.35, "cv": 0.2, "variable": 0.2, "bogus": 0.25}


@pytest.fixture(autouse=True)
def small_forests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests quick; what holds for 10 trees holds for more."""
    monkeypatch.setattr(members, "TREES", 10)


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ``packets`` and ``truth.csv``: 90 alerts, one or two an object."""
    folder = tmp_path_factory.mktemp("night")
    write_night(90, 5, folder, mix=MIX, alerts_per_object=2)
    return folder


@pytest.fixture(scope="session")
def truth(night: Path) -> pd.DataFrame:
    """Return what the night's alerts are."""
    return pd.read_csv(night / "truth.csv")


def listen(source: Path, pool: Path, **options) -> Listener:
    """Listen to a folder once; return the listener."""
    kind = get("vra")
    store = Store(pool)
    folder = FolderSource(source, store.folder / FILES)
    listener = Listener(folder, store, kind.rows, kind.settings(), **options)
    listener.run(Event(), once=True)
    return listener


@pytest.fixture(scope="session")
def listened(night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a pool of the night, not to be changed."""
    pool = tmp_path_factory.mktemp("listened") / "pool"
    listen(night / "packets", pool)
    return pool


@pytest.fixture
def pool(listened: Path, tmp_path: Path) -> Path:
    """Return a pool of the night of one's own."""
    return Path(shutil.copytree(listened, tmp_path / "pool"))
