"""Write a set of frames again with more in its truth: what a network has taken for comets."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pandas as pd

from skysift import __version__
from skysift.datasets.manifest import describe, write_manifest
from skysift.models.tails.mining import HARD, with_hard
from skysift.models.tails.training_set import FRAMES, IMAGES, MANIFEST, TRUTH, FrameSet
from skysift.whole import whole


def write_mined_set(
    frames: FrameSet, rows: pd.DataFrame, output: Path, *, mined: Mapping[str, Any]
) -> dict[str, Any]:
    """Write a set that knows hard rows beside what it knew.

    The images are those of the first set, linked where the disk can.

    Parameters
    ----------
    frames : FrameSet
        The whole set.
    rows : DataFrame
        From `skysift.models.tails.mining.mine`.
    output : Path
        Folder of the new set; it must not be that of the old one.
    mined : mapping
        How the rows were found, for the manifest.

    Returns
    -------
    dict
        The manifest: that of the first set, with ``mined``, a mapping for each time that a set was
        mined on the way.

    Raises
    ------
    ValueError
        If `output` is the set's own folder.
    FileExistsError
        If there is a set already.
    """
    if output.resolve() == frames.folder.resolve():
        raise ValueError(f"a mined set is another set than {frames.folder}: choose another folder")
    if (output / MANIFEST).exists():
        raise FileExistsError(f"there is a set in {output} already; choose another folder")
    (output / IMAGES).mkdir(parents=True, exist_ok=True)
    for name in frames.frames["id"]:
        _link(frames.folder / IMAGES / f"{name}.npy", output / IMAGES / f"{name}.npy")
    truth = with_hard(frames.truth, rows)
    frames.frames.to_parquet(output / FRAMES, index=False)
    truth.to_parquet(output / TRUTH, index=False)
    added = len(truth) - len(frames.truth)
    manifest = {
        **frames.facts,
        "mined": [*frames.facts.get("mined", []), {**mined, "added": added}],
        "hard": int((truth["kind"] == HARD).sum()),
        "files": {name: describe(output / name) for name in (FRAMES, TRUTH)},
        "skysift": __version__,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    write_manifest(json.loads(json.dumps(manifest)), output / MANIFEST)
    return manifest


def _link(source: Path, target: Path) -> None:
    """Give a file another name, or copy it to another disk; what is there already stays."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        with whole(target) as part:
            shutil.copyfile(source, part)
