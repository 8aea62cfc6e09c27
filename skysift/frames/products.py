"""What a search leaves on the disk: a folder for each frame, whole or not at all.

::

    OUTPUT/YYYYMMDD/<id>/frame.json               what was done, and when; written for every frame
    OUTPUT/YYYYMMDD/<id>/detections.parquet       its detections, if there are any
    OUTPUT/YYYYMMDD/<id>/<id>_<ni>.npy            each with its triplet,
    OUTPUT/YYYYMMDD/<id>/<id>_<ni>.png            and its picture
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from skysift import __version__
from skysift.alerts.frame_name import FrameName
from skysift.frames.panel import draw_panel
from skysift.frames.search import Found
from skysift.whole import flush

FACTS, TABLE = "frame.json", "detections.parquet"


def frame_folder(output: Path, name: FrameName) -> Path:
    """Where a frame's products belong."""
    return output / name.night / name.id


def write_frame(found: Found, output: Path) -> Path:
    """Write what was found in a frame.

    It is written beside its place and then moved there, so that a folder that is there is whole;
    one of an earlier search is replaced. A frame is written by one process at a time; a worker that
    outlives its job, and writes what another one writes again, spoils nothing.

    Parameters
    ----------
    found : Found
    output : Path
        The job's folder.

    Returns
    -------
    Path
        The frame's folder.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    folder = frame_folder(output, found.name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{folder.name}.*"):  # by one that was killed
        shutil.rmtree(left)
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    partial.mkdir()
    try:
        _write(found, partial)
        _sync(partial)
        _replace(folder, partial)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _write(found: Found, folder: Path) -> None:
    rows = found.table.to_pylist()
    pictures = zip(rows, found.cutouts, found.scales, found.tilts, strict=True)
    for row, cutout, scale, tilt in pictures:
        np.save(folder / row["cutouts"], cutout, allow_pickle=False)
        (folder / row["panel"]).write_bytes(draw_panel(cutout, row, scale=scale, tilt=tilt))
    if rows:
        pq.write_table(found.table, folder / TABLE)
    facts = {
        "id": found.name.id,
        "status": "done",
        **found.facts,
        "skysift": __version__,
        "searched": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    (folder / FACTS).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _sync(folder: Path) -> None:
    """Have all of a folder on the disk: a power cut must leave nothing that only looks whole."""
    for path in (*folder.iterdir(), folder):
        flush(path)


def _replace(folder: Path, partial: Path) -> None:
    """Put a folder into its place. One that is not empty cannot be replaced in one step."""
    if folder.exists():
        old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
        folder.rename(old)
        partial.rename(folder)
        shutil.rmtree(old)
    else:
        partial.rename(folder)
