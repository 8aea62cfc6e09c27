"""What can be asked about: the detections of a pool."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from skysift.active_learning.pool import Pool
from skysift.campaigns.tails.picture import draw
from skysift.campaigns.tails.settings import Settings
from skysift.campaigns.tails.store import CUTOUTS, PANELS, read_detections

NEAR_BY = ("score", "mag", "size")
"""By the ranks of which detections are near or far."""


@dataclass(frozen=True)
class DetectionPool(Pool):
    """Detections by their names, which are all the features that a learner is given.

    Parameters
    ----------
    items, objects, features, space
        As of a `Pool`; the features are the items.
    folder : Path
        Where the pool lies.
    table : DataFrame
        A row a detection, see `store.COLUMNS`, by item.
    """

    folder: Path = Path()
    table: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def cutouts(self) -> Path:
        """Folder of the images."""
        return self.folder / CUTOUTS

    def images(self, item: str) -> np.ndarray:
        """Read science, reference and difference, (256, 256, 3), float32."""
        return np.load(self.cutouts / f"{item}.npy")


def read_pool(path: Path, settings: Settings) -> DetectionPool:
    """Read a pool that ``collect`` has filled.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    PoolError
        If it is none.
    """
    if not path.is_dir():
        raise FileNotFoundError(
            f"there is no pool {path}: fill it with `skysift learn tails collect`"
        )
    table = read_detections(path)
    items = table["item"].to_numpy(object)
    space = table[list(NEAR_BY)].rank(pct=True).fillna(0.5).to_numpy(float)
    return DetectionPool(
        items, table["objectId"].to_numpy(object), items, space, folder=path,
        table=table.set_index("item"),
    )  # fmt: skip


def write_pictures(pool: Pool, items: Sequence[str], folder: Path) -> None:
    """Write ``ITEM.png`` for people to look at: that of the search, or else one drawn here.

    Parameters
    ----------
    pool : DetectionPool
    items : sequence of str
    folder : Path
        Made if need be; pictures that are there stay.
    """
    assert isinstance(pool, DetectionPool)
    folder.mkdir(parents=True, exist_ok=True)
    for item in items:
        path, panel = folder / f"{item}.png", pool.folder / PANELS / f"{item}.png"
        if not path.exists():
            if panel.exists():
                shutil.copyfile(panel, path)
            else:
                draw(pool.images(item), float(pool.table.at[item, "pixel_scale"])).save(path)
