"""Small catalogs and images, made up: what tests of sets of galaxies read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits
from PIL import Image

from skysift.datasets.galaxies import read_layout
from skysift.galaxy_zoo import read_tree

GZ2 = read_tree("gz2")
LONG = 587722981741363294
"""An object of SDSS; as a float it ends in 296."""


def votes(count: int, seed: int = 0) -> pd.DataFrame:
    """Votes by columns of the tree, each question answered by somebody."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.integers(1, 20, (count, len(GZ2.columns))), columns=GZ2.columns)


def ids(count: int) -> list[str]:
    """Ids that look like numbers."""
    return [str(LONG + number) for number in range(count)]


def own_catalog(path: Path, names: list[str], **columns: object) -> Path:
    """Write a catalog as `skysift simulate galaxies` does, images named by the ids."""
    table = votes(len(names)).assign(id_str=names, image=[f"{name}.png" for name in names])
    table.assign(**columns).to_csv(path, index=False)
    return path


def hart_catalog(path: Path, names: list[str], sample: str = "original") -> Path:
    """Write a catalog with the columns of Hart et al. (2016), fractions and all."""
    layout = read_layout("gz2-hart16")
    table = pd.DataFrame({"dr7objid": names, "ra": 10.0, "dec": -1.0, "sample": sample})
    for name, values in votes(len(names)).items():
        column = layout.votes[name]
        table[column] = values
        table[column.replace("_count", "_fraction")] = 0.5
    table.to_csv(path, index=False)
    return path


def picture(path: Path, side: int = 20, seed: int = 0) -> Path:
    """Write a picture of a gradient and noise; the format is that of the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 80, (side, side, 3)) + np.linspace(0, 150, side)[:, None, None]
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return path


def pictures(folder: Path, names: list[str], suffix: str = ".png") -> Path:
    """Write a picture of each."""
    for number, name in enumerate(names):
        picture(folder / f"{name}{suffix}", seed=number)
    return folder


def fits_image(path: Path, bands: np.ndarray) -> Path:
    """Write g, r, z images (3, h, w)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.PrimaryHDU(bands.astype(np.float32)).writeto(path)
    return path
