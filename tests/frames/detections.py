"""Made-up detections, for tests that need rows and no frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from skysift.frames.table import DETECTIONS

NIGHT, FIELD = "20240503", 570


def frame_id(number: int = 0, *, night: str = NIGHT) -> str:
    """Name a frame; the number tells the minute at which it was exposed."""
    return f"ztf_{night}{200000 + 694 * number:06d}_{FIELD:06d}_zr_c05_o_q3"


def detection(frame: str, ni: int = 0, **values: Any) -> dict[str, Any]:
    """Make a row; what is not given is plausible, and the same each time."""
    jd = 2460433.7 + int(frame[12:18]) / 1e6
    row = dict.fromkeys(DETECTIONS.names) | {
        "id": frame, "ni": ni, "jd": jd, "datestr": "2024 05 03.20017", "p": 0.91,
        "x": 100.0, "y": 80.0, "ra": 150.1, "dec": -12.5, "radec_err": 0.3,
        "radecstr": "10h00m24.00s -12d30m00.0s", "tails_v": "tails-made-up",
        "sci_ipac_url": f"https://archive.example/{frame}_sciimg.fits",
        "cutouts": f"{frame}_{ni}.npy", "candid": f"{frame}_{ni}", "jd_start": jd - 15 / 86400,
        "exptime": 30.0, "mag": 18.1, "size": 3.2, "magap": 18.9, "sigmagap": 0.05,
        "magcoma": 18.3, "sigmagcoma": 0.07, "coma_radius": 9.5, "filter": "r", "field": FIELD,
        "ccdid": 5, "qid": 3, "magzp": 26.2, "maglim": 20.5, "seeing": 2.1, "simulated": False,
        "panel": f"{frame}_{ni}.png", "known_status": "not_asked",
    }  # fmt: skip
    return row | values


def table(*rows: dict[str, Any]) -> pa.Table:
    """Make a table of rows."""
    return pa.Table.from_pylist(list(rows), DETECTIONS)


def triplet(level: float = 0.0) -> np.ndarray:
    """Cutouts of one detection: a spot in the middle of noise, float32 (256, 256, 3)."""
    images = np.random.default_rng(3).normal(level, 1, (256, 256, 3)).astype(np.float32)
    images[124:133, 124:133, [0, 2]] += 50
    return images


def write_frame(output: Path, *rows: dict[str, Any], frame: str | None = None) -> Path:
    """Write a frame's folder as a worker leaves it; without rows, that of a frame with none."""
    frame = frame or rows[0]["id"]
    folder = output / frame[4:12] / frame
    folder.mkdir(parents=True)
    (folder / "frame.json").write_text("{}")
    if rows:
        pq.write_table(table(*rows), folder / "detections.parquet")
    return folder
