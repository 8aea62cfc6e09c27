"""Make a training set of survey frames: aligned images, a file a frame, and tables of the truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift import __version__
from skysift.alerts.frame_images import FrameError, read_frame
from skysift.datasets.manifest import describe, write_manifest
from skysift.models.tails.training_set import (
    FRAME_COLUMNS,
    FRAMES,
    IMAGES,
    MANIFEST,
    PARTS,
    TRUTH,
    TRUTH_COLUMNS,
)
from skysift.whole import whole

SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}
"""Of the fields, unless others are asked for."""

Progress = Callable[[int, int], None]


def build_frame_set(
    folders: Sequence[Path],
    output: Path,
    *,
    shares: Mapping[str, float] | None = None,
    seed: int = 2,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Build a set of frames with known comets.

    Frames that are there already are not read again, so that an interrupted build goes on, and a
    folder that has grown is taken up. Frames of one field fall into the same part.

    Parameters
    ----------
    folders : sequence of Path
        As `skysift simulate frames` writes them. Frames without ``truth/<id>.json`` are not whole
        and left out.
    output : Path
    shares : mapping of str to float, optional
        Of the fields, by part; they add up to 1.
    seed : int
        Of the split.
    progress : callable, optional
        Called with the numbers of frames seen and kept.

    Returns
    -------
    dict
        The manifest: ``frames`` and ``comets`` by part, ``left_out`` with reasons, ``folders``,
        ``shares``, ``seed``, ``files``.

    Raises
    ------
    ValueError
        If there is no frame, or a share makes no sense.
    """
    shares = _checked(SHARES if shares is None else shares)
    wholes = [(folder, path) for folder in folders for path in sorted(folder.glob("truth/*.json"))]
    if not wholes:
        told = ", ".join(map(str, folders))
        raise ValueError(f"no frames in {told}: there is no truth/<id>.json")
    (output / IMAGES).mkdir(parents=True, exist_ok=True)
    frames: list[dict[str, Any]] = []
    truth: list[pd.DataFrame] = []
    left_out: dict[str, str] = {}
    for seen, (folder, path) in enumerate(wholes, start=1):
        whole = json.loads(path.read_text(encoding="utf-8"))
        try:
            frames.append(_frame(folder, whole["frame"], output))
            truth.append(_truth(whole, frames[-1]["pixel_scale"]))
        except FrameError as error:
            left_out[path.stem] = str(error)
        if progress:
            progress(seen, len(frames))
    table = pd.DataFrame(frames)
    table["split"] = _split(table["field"], shares, seed)
    table[list(FRAME_COLUMNS)].to_parquet(output / FRAMES, index=False)
    sources = pd.concat(truth, ignore_index=True)[list(TRUTH_COLUMNS)]
    sources.to_parquet(output / TRUTH, index=False)
    manifest = {
        "what": "survey frames with known comets",
        "folders": [str(folder) for folder in folders],
        "shares": dict(shares),
        "seed": seed,
        "frames": _counts(table["split"]),
        "comets": _counts(
            table.set_index("id")["split"].loc[sources["id"][sources["kind"] == "comet"]]
        ),
        "left_out": left_out,
        "files": {name: describe(output / name) for name in (FRAMES, TRUTH)},
        "skysift": __version__,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    write_manifest(manifest, output / MANIFEST)
    return manifest


def _frame(folder: Path, row: Mapping[str, Any], output: Path) -> dict[str, Any]:
    """Write a frame's images if they are not there; return its row."""
    file = output / IMAGES / f"{row['id']}.npy"
    facts = file.with_suffix(".json")
    if not (file.is_file() and facts.is_file()):
        frame = read_frame(*(folder / row[what] for what in ("science", "reference", "difference")))
        with whole(file) as part, part.open("wb") as stream:
            np.save(stream, frame.images)
        height, width = frame.images.shape[:2]
        scale = float(frame.header.get("PIXSCALE", np.nan))
        known = {
            "height": height, "width": width, "zeropoint": frame.zeropoint, "pixel_scale": scale
        }  # fmt: skip
        facts.write_text(json.dumps(known), encoding="utf-8")
    return {
        "id": row["id"], "field": row["reference"], **json.loads(facts.read_text(encoding="utf-8"))
    }  # fmt: skip


def _truth(whole: Mapping[str, Any], pixel_scale: float) -> pd.DataFrame:
    """Rows of the sources of a frame, sizes in pixels."""
    rows = pd.DataFrame(whole["truth"])
    return rows.assign(
        id=whole["frame"]["id"],
        size=rows["half_light"] / pixel_scale,
        coma=rows["coma_radius"] / pixel_scale,
    )


def _split(field: pd.Series, shares: Mapping[str, float], seed: int) -> list[str]:
    """Part the fields at random: all frames of a field fall into the same part."""
    names = np.random.default_rng(seed).permutation(np.unique(field.to_numpy(str)))
    ends = np.rint(np.cumsum(list(shares.values())) * len(names)).astype(int)
    groups = np.split(names, ends[:-1])
    part_of = {
        name: part for part, group in zip(shares, groups, strict=True) for name in group.tolist()
    }
    return [part_of[name] for name in field]


def _counts(split: pd.Series) -> dict[str, int]:
    return {part: int((split == part).sum()) for part in PARTS}


def _checked(shares: Mapping[str, float]) -> dict[str, float]:
    given = {part: float(shares.get(part, 0.0)) for part in PARTS}
    unknown = [name for name in shares if name not in PARTS]
    if unknown or min(given.values()) < 0 or abs(sum(given.values()) - 1) > 1e-6:
        raise ValueError(
            f"shares must be of {', '.join(PARTS)}, none negative, and add up to 1. "
            f"Got: {dict(shares)}"
        )
    return given
