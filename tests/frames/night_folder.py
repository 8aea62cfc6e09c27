"""A night's folder as `skysift frames` leaves it, with detections whose values are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from tests.frames.detections import detection, frame_id, table

SEARCHED = "2024-05-03T21:40:00+00:00"
"""When all frames were searched."""


def row(number: int, **values: Any) -> dict[str, Any]:
    """Make a row; each is of a frame of its own, and a little worse than the one before."""
    frame = frame_id(number)
    fixed = {
        "p": 0.9 - 0.1 * number,
        "ra": 150.1 + number,
        "dif_ipac_url": f"https://archive.example/{frame}_scimrefdiffimg.fits.fz",
        "magcoma": float("nan"),
    }
    return detection(frame, **fixed | values)


def write_night(folder: Path, *rows: dict[str, Any]) -> Path:
    """Write the table of a night, and each frame's folder."""
    for one in rows:
        frame = folder / one["id"]
        frame.mkdir(parents=True, exist_ok=True)
        (frame / "frame.json").write_text(json.dumps({"status": "done", "searched": SEARCHED}))
        if one["cutouts"]:
            np.save(frame / one["cutouts"], triplet())
        Image.new("L", (300, 100), 50).save(frame / f"{one['candid']}.png")
    pq.write_table(table(*rows), folder / "detections.parquet")
    return folder


def triplet() -> np.ndarray:
    """Sky with noise, a bright pixel where the detection is, and one above and to the right."""
    images = np.random.default_rng(1).normal(100.0, 1.0, (256, 256, 3)).astype(np.float32)
    images[128, 128, 0] = 1000.0
    images[128 + 20, 128 + 10, 2] = 1000.0
    images[:, :100, 1] = np.nan
    return images
