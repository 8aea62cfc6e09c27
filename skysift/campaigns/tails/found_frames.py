"""What ``skysift frames`` has found: its folders, a frame each, read into a pool."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from skysift.campaigns.tails.store import DetectionStore, Searched, mark_of
from skysift.models.tails.labelled_set import MIDDLE

FACTS, TABLE = "frame.json", "detections.parquet"
"""Files of a frame's folder; and, of the second name, of a night's."""

PIXEL_SCALE = 1.012
"""Of ZTF's frames [arcsec]: the only ones that are searched."""

COLUMNS = (
    "id", "candid", "x", "y", "ra", "dec", "p", "mag", "size", "magcoma", "coma_radius", "magzp",
    "tails_v", "cutouts", "panel",
)  # fmt: skip


def searches(
    source: Path, store: DetectionStore, threshold: float
) -> Iterator[tuple[Searched | None, int]]:
    """Read the folders of frames.

    Parameters
    ----------
    source : Path
        Folder with a folder a night.
    store : DetectionStore
    threshold : float
        Least score of what is taken.

    Yields
    ------
    found : Searched or None
        None where the pool has it.
    count : int
        Of all frames.

    Raises
    ------
    FileNotFoundError
        If there is no frame.
    """
    folders = sorted(file.parent for file in source.glob(f"*/*/{FACTS}"))
    if not folders:
        raise FileNotFoundError(
            f"{source} holds neither frames that `skysift frames run` has searched, nor a set of "
            "`skysift data build tails`"
        )
    for folder in folders:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        search = mark_of({"frame.json": facts, "threshold": threshold})
        known = store.has(folder.name, search)
        yield None if known else _read(folder, search, threshold), len(folders)


def _read(folder: Path, search: str, threshold: float) -> Searched:
    file = folder / TABLE
    table = (
        pq.read_table(file, columns=list(COLUMNS)).to_pandas()
        if file.exists()
        else pd.DataFrame(columns=list(COLUMNS))
    )
    places = [_others(table, row) for row in range(len(table))]
    taken = (table["p"] >= threshold).to_numpy(bool)
    table = table[taken]
    rows = pd.DataFrame(
        {
            "objectId": table["candid"].map(_tracklets(folder.parent)),
            "id": table["id"], "x": table["x"], "y": table["y"], "score": table["p"],
            "mag": table["magcoma"].fillna(table["mag"]),
            "size": table["size"] / PIXEL_SCALE, "coma": table["coma_radius"] / PIXEL_SCALE,
            "zeropoint": table["magzp"], "pixel_scale": PIXEL_SCALE,
            "others": [others for others, one in zip(places, taken, strict=True) if one],
            "answer": None, "version": table["tails_v"],
        }
    )  # fmt: skip
    panels = [folder / name for name in table["panel"]]
    return Searched(
        folder.name, search, rows, [folder / name for name in table["cutouts"]],
        panels if all(panel.exists() for panel in panels) else [],
    )  # fmt: skip


def _tracklets(night: Path) -> dict[str, str]:
    """Name the tracklets of a night's detections, as far as they were linked."""
    if not (night / TABLE).exists():
        return {}
    rows = pq.read_table(night / TABLE, columns=["candid", "tracklet"]).to_pylist()
    return {row["candid"]: row["tracklet"] for row in rows if row["tracklet"] is not None}


def _others(table: pd.DataFrame, row: int) -> list[float]:
    """Where a frame's other detections lie in a cutout: north is up in it, and east to the left."""
    ra, dec = (np.radians(table[name].to_numpy(float)) for name in ("ra", "dec"))
    east = np.remainder(ra - ra[row] + np.pi, 2 * np.pi) - np.pi
    pixel = np.radians(PIXEL_SCALE / 3600)
    x = MIDDLE - east * np.cos(dec[row]) / pixel
    y = MIDDLE + (dec - dec[row]) / pixel
    inside = (np.fmax(abs(x - MIDDLE), abs(y - MIDDLE)) <= MIDDLE) & (np.arange(len(x)) != row)
    return np.stack([x[inside], y[inside]], axis=1).ravel().tolist()
