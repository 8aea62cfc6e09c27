"""Small images for tests of GANomaly: round glows on a dark sky, and what is none of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 32


def glow(rng: np.random.Generator, side: int = SIDE) -> np.ndarray:
    """A round glow near the middle, (side, side, 3), uint8, on a sky with noise."""
    rows, columns = np.indices((side, side)) - (side - 1) / 2
    x, y = rng.normal(0, side / 32, 2)
    size = side * rng.uniform(0.06, 0.14)
    shape = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * size**2))
    colour = np.array([1.0, rng.uniform(0.7, 0.9), rng.uniform(0.4, 0.7)])
    light = rng.uniform(120, 200) * shape[..., None] * colour
    return np.clip(light + rng.normal(12, 3, (side, side, 3)), 0, 255).astype(np.uint8)


def strange(rng: np.random.Generator, side: int = SIDE) -> np.ndarray:
    """A ring, as bright as a glow."""
    rows, columns = np.indices((side, side)) - (side - 1) / 2
    apart = np.abs(np.hypot(rows, columns) - side * rng.uniform(0.25, 0.35))
    light = 180 * np.exp(-((apart / 2) ** 2))[..., None] * np.array([0.5, 0.8, 1.0])
    return np.clip(light + rng.normal(12, 3, (side, side, 3)), 0, 255).astype(np.uint8)


def write_folder(folder: Path, *, train: int = 60, test: int = 12, seed: int = 5) -> Path:
    """Write the published layout: glows to learn from, glows and rings to judge on."""
    rng = np.random.default_rng(seed)
    for place, make, count in (
        ("train/0.normal", glow, train), ("test/0.normal", glow, test),
        ("test/1.abnormal", strange, test),
    ):  # fmt: skip
        (folder / place).mkdir(parents=True)
        for number in range(count):
            Image.fromarray(make(rng)).save(folder / place / f"{number:03d}.png")
    return folder
