"""What can be asked about: the galaxies of a set that are there to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from skysift.active_learning.loop import Acquisition
from skysift.active_learning.pool import Pool
from skysift.campaigns.zoobot.settings import Settings
from skysift.datasets.galaxies.index import INDEX, SetIndex
from skysift.models.zoobot.training_set import GalaxySet, read_galaxy_set

SHOWN = 256
"""Least side of a picture that people look at [px]."""


@dataclass(frozen=True)
class GalaxyPool(Pool):
    """Galaxies by their names, which are all the features that a learner is given.

    Parameters
    ----------
    items, objects, features
        As of a `Pool`; all three are ``id_str``.
    galaxies : GalaxySet
        Where their images are found.
    """

    galaxies: GalaxySet | None = None

    def images(self, ids: Sequence[str]) -> np.ndarray:
        """Read images as they are stored, (n, side, side, channels)."""
        assert self.galaxies is not None
        return self.galaxies.shards.images(list(ids))


def read_pool(path: Path, settings: Settings) -> GalaxyPool:
    """Read a set of ``skysift data build zoobot``: its train part can be asked about.

    Raises
    ------
    FileNotFoundError
        If there is no set.
    ValueError
        If it was voted on along another tree.
    """
    galaxies = read_galaxy_set(path)
    strange = [
        name for name in settings.learned().tree.columns if name not in galaxies.tree.columns
    ]
    if strange:
        raise ValueError(
            f"{path} was voted on along the tree {galaxies.tree.name}, which has no {strange[0]}: "
            "set [zoobot] tree"
        )
    return pool_of(galaxies.part("train"))


def pool_of(galaxies: GalaxySet) -> GalaxyPool:
    """Make a pool of all galaxies given."""
    ids = galaxies.ids
    return GalaxyPool(ids, ids, ids, galaxies=galaxies)


def remember(pool: Pool, asked: Acquisition) -> None:
    """Keep in a set's index how much its galaxies were worth asking about, and which were asked.

    A set that another program wrote may have no index; then nothing is kept.

    Parameters
    ----------
    pool : GalaxyPool
    asked : Acquisition
    """
    assert isinstance(pool, GalaxyPool) and pool.galaxies is not None
    path = pool.galaxies.folder / INDEX
    if not path.is_file():
        return
    index = SetIndex(path)
    values = dict(zip(asked.items, asked.utility.tolist(), strict=True))
    try:
        index.record(
            asked.campaign, asked.round, asked.query, values, asked.items[asked.chosen].tolist()
        )
    finally:
        index.close()


def write_pictures(pool: Pool, items: Sequence[str], folder: Path) -> None:
    """Write ``ITEM.png`` for people to look at; small images are enlarged.

    Parameters
    ----------
    pool : GalaxyPool
    items : sequence of str
    folder : Path
        Made if need be; pictures that are there stay.
    """
    assert isinstance(pool, GalaxyPool)
    folder.mkdir(parents=True, exist_ok=True)
    for item in items:
        path = folder / f"{item}.png"
        if not path.exists():
            picture(pool.images([item])[0]).save(path)


def picture(image: np.ndarray) -> Image.Image:
    """Make a picture of an image (side, side, channels), uint8 or float from 0 to 1."""
    pixels = image if image.dtype == np.uint8 else (np.nan_to_num(image) * 255).clip(0, 255)
    flat = pixels.astype(np.uint8)
    shown = Image.fromarray(flat if flat.shape[-1] == 3 else flat[..., 0])
    side = max(SHOWN, shown.width)
    return shown.resize((side, side), Image.Resampling.BICUBIC)
