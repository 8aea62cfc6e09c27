"""Small frames with made-up comets, for tests: round glows on noise, that can be found."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from skysift.models.tails.training_set import (
    FRAMES,
    IMAGES,
    MANIFEST,
    TRUTH,
    TRUTH_COLUMNS,
    FrameSet,
    read_frame_set,
)

NOISE, SKY, ZEROPOINT = 5.0, 200.0, 26.0
SIZE = 4.0
"""Half-light radius of every comet [px]."""


def add_comet(images: np.ndarray, x: float, y: float, flux: float) -> None:
    """Add a round glow to science and difference, in place."""
    rows, columns = np.indices(images.shape[:2])
    width = SIZE / np.sqrt(2 * np.log(2))
    glow = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * width**2))
    light = (flux * glow / glow.sum()).astype(np.float32)
    images[..., 0] += light
    images[..., 2] += light


def make_images(shape: tuple[int, int], *, rng: np.random.Generator) -> np.ndarray:
    """Science, reference and difference of an empty sky, float32 (h, w, 3), with equal stars."""
    images = rng.normal(0, NOISE, (*shape, 3)).astype(np.float32)
    images[..., :2] += SKY
    for _ in range(shape[0] * shape[1] // 2000):
        y, x = rng.integers(2, np.array(shape) - 2)
        images[y - 1 : y + 2, x - 1 : x + 2, :2] += 150.0
    return images


def make_set(folder: Path, *, frames: int = 10, side: int = 160, each: int = 2) -> FrameSet:
    """Write a set of frames with `each` comets, and a transient that is none; read it."""
    rng = np.random.default_rng(5)
    (folder / IMAGES).mkdir(parents=True)
    rows, truth = [], []
    for number in range(frames):
        images, name = make_images((side, side), rng=rng), f"frame{number}"
        for place in range(each):
            x, y = (
                rng.uniform(16, side - 16),
                rng.uniform(16, side / each - 8) + place * side / each,
            )
            flux = 10 ** rng.uniform(3.7, 4.3)
            add_comet(images, x, y, flux)
            mag = ZEROPOINT - 2.5 * np.log10(flux)
            truth.append((name, "comet", x, y, mag, 50.0, 40.0, 0.0, SIZE, 2 * SIZE))
        x, y = rng.integers(8, side - 8, 2)
        images[y, x, [0, 2]] += 1000.0
        truth.append((name, "transient", x, y, 18.5, 50.0, 0.0, 0.0, 0.0, np.nan))
        np.save(folder / IMAGES / f"{name}.npy", images)
        part = ("train", "train", "train", "validation", "test")[number % 5]
        rows.append((name, part, side, side, ZEROPOINT, 1.0))
    pd.DataFrame(
        rows, columns=["id", "split", "height", "width", "zeropoint", "pixel_scale"]
    ).to_parquet(folder / FRAMES)
    pd.DataFrame(truth, columns=list(TRUTH_COLUMNS)).to_parquet(folder / TRUTH)
    (folder / MANIFEST).write_text(json.dumps({"made": "up"}))
    return read_frame_set(folder)
