"""The pool on disk: detections in frames, each with what is seen about it.

    POOL/ztf_20240503…_q3.1f0c3a52.parquet    what one search has found in one frame
    POOL/cutouts/ITEM.npy                     science, reference and difference, 256 px
    POOL/panels/ITEM.png                      a picture, where the search has made one
    POOL/truth.csv                            answers that are known without asking

A frame's table is written last and appears whole or not at all. An item is named after its frame
and its pixel, so that a place is there once, however often its frame is searched.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from skysift.campaigns.store import PoolError
from skysift.models.tails.matching import RADIUS
from skysift.whole import whole

COLUMNS = pa.schema(
    {
        "item": pa.string(),  # its name
        "objectId": pa.string(),  # of a moving object; otherwise the item
        "id": pa.string(),  # of the frame
        "x": pa.float64(),  # column in the frame, from 0 at the centre of the first pixel
        "y": pa.float64(),  # row
        "score": pa.float64(),  # of the search
        "mag": pa.float64(),  # of all its light; null: unknown
        "size": pa.float64(),  # half-light radius [px]
        "coma": pa.float64(),  # where the coma ends [px]
        "zeropoint": pa.float64(),  # magnitude of one DN
        "pixel_scale": pa.float64(),  # [arcsec]
        "others": pa.list_(pa.float64()),  # other detections in the cutout: x, y, x, y … [px]
        "answer": pa.string(),  # where it is known without asking; else null
        "version": pa.string(),  # of the weights that found it
    }
)
"""A row a detection."""

CUTOUTS, PANELS, TRUTH = "cutouts", "panels", "truth.csv"


@dataclass(frozen=True, eq=False)
class Searched:
    """What one search has found in one frame.

    Attributes
    ----------
    frame : str
        Its id.
    search : str
        What tells this search from others of the frame, in a few letters.
    rows : DataFrame
        With `COLUMNS`, but for ``item``; ``objectId`` is null where only the item is known.
    cutouts : sequence of ndarray (256, 256, 3) or Path
        Images of each row, or the file that holds them.
    panels : sequence of Path
        A picture of each row; or none at all.
    """

    frame: str
    search: str
    rows: pd.DataFrame
    cutouts: list[np.ndarray | Path]
    panels: list[Path] = field(default_factory=list)


def mark_of(facts: Mapping[str, Any]) -> str:
    """Name a search by what decides it."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:8]


class DetectionStore:
    """A pool that one process fills and any number read.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in (CUTOUTS, PANELS):
            (folder / part).mkdir(parents=True, exist_ok=True)

    def has(self, frame: str, search: str) -> bool:
        """Tell whether what a search has found in a frame is in the pool."""
        return self._part(frame, search).exists()

    def add(self, found: Searched) -> int:
        """Keep what a search has found; when the call returns it is on the disk.

        Detections nearer than `RADIUS` to one that the pool has of the same frame are left out.

        Returns
        -------
        int
            How many are new.
        """
        new = ~_near(found.rows, self._of(found.frame))
        rows = found.rows[new].copy()
        rows["item"] = [
            f"{found.frame}_{round(x)}_{round(y)}"
            for x, y in zip(rows["x"], rows["y"], strict=True)
        ]
        rows["objectId"] = rows["objectId"].fillna(rows["item"])
        for place, item in zip(np.flatnonzero(new), rows["item"], strict=True):
            _keep(found.cutouts[place], self.folder / CUTOUTS / f"{item}.npy")
            if found.panels:
                _keep(found.panels[place], self.folder / PANELS / f"{item}.png")
        columns = [pa.array(rows[f.name].to_list(), f.type, from_pandas=True) for f in COLUMNS]
        table = pa.Table.from_arrays(columns, schema=COLUMNS)
        with whole(self._part(found.frame, found.search), lasting=True) as part:
            pq.write_table(table, part)
        return len(rows)

    def write_truth(self) -> int:
        """Write all answers that are known without asking; return how many."""
        known = read_detections(self.folder)[["objectId", "answer"]].dropna().drop_duplicates()
        with whole(self.folder / TRUTH) as part:
            known.to_csv(part, index=False)
        return len(known)

    def _of(self, frame: str) -> pd.DataFrame:
        files = sorted(self.folder.glob(f"{frame}.*.parquet"))
        tables = [COLUMNS.empty_table(), *(pq.read_table(file, schema=COLUMNS) for file in files)]
        table = pa.concat_tables(tables).to_pandas()
        return table[table["id"] == frame]

    def _part(self, frame: str, search: str) -> Path:
        return self.folder / f"{frame}.{search}.parquet"


def read_detections(folder: Path) -> pd.DataFrame:
    """Read a pool's table, by frame.

    Raises
    ------
    PoolError
        If there are tables in the folder that are none of a pool.
    """
    files = sorted(folder.glob("*.parquet"))
    try:
        tables = [pq.read_table(file) for file in files]
    except (pa.ArrowException, OSError) as error:
        raise PoolError(f"{folder} is no pool of `skysift learn tails collect`: {error}") from None
    odd = [file for file, table in zip(files, tables, strict=True) if table.schema != COLUMNS]
    if odd:
        raise PoolError(
            f"{folder} is no pool of `skysift learn tails collect`: {odd[0].name} has other columns"
        )
    return pa.concat_tables([COLUMNS.empty_table(), *tables]).to_pandas()


def _near(rows: pd.DataFrame, known: pd.DataFrame) -> np.ndarray:
    """Tell which rows are at places that are known, (n,) of bool."""
    x, y = (np.subtract.outer(rows[a].to_numpy(float), known[a].to_numpy(float)) for a in "xy")
    return np.asarray((np.hypot(x, y) < RADIUS).any(axis=1))


def _keep(content: np.ndarray | Path, path: Path) -> None:
    """Write an array, or give a file another name; where the disk is another one, copy it."""
    if isinstance(content, np.ndarray):
        with whole(path, lasting=True) as part, part.open("wb") as file:
            np.save(file, content, allow_pickle=False)
    elif not path.exists():
        try:
            os.link(content, path)
        except OSError:
            with whole(path, lasting=True) as part:
                shutil.copyfile(content, part)
