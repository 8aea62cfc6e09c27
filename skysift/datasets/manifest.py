"""The account of a training set: how it was made, of what, and what was left out."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from skysift import __version__
from skysift.alerts.payloads import list_files
from skysift.datasets.config import SetConfig
from skysift.datasets.exclusions import Exclusions
from skysift.datasets.pictures import find_pictures
from skysift.datasets.reading import NOT_HARVESTED
from skysift.models.btsbot.training_set import MANIFEST, TABLE, TRIPLETS
from skysift.whole import whole

if TYPE_CHECKING:
    from skysift.datasets.harvest import Harvest

READ_BYTES = 2**22


def make_manifest(
    config: SetConfig, folder: Path, table: pd.DataFrame, exclusions: Exclusions, harvest: Harvest
) -> dict[str, Any]:
    """Account for a set whose other files are written.

    Returns
    -------
    dict
        ``preprocessing``, ``config``, ``inputs`` (files and their bytes), ``read`` (alerts),
        ``alerts``, ``objects``, ``one_alert_objects``, ``counts`` (by part, source set and class),
        ``exclusions``, ``missing_features``, ``files`` (bytes and sha256), ``skysift``,
        ``created``.
    """
    sizes = table["objectId"].value_counts()
    return {
        "preprocessing": config.preprocessing,
        "config": config.as_dict,
        "inputs": list_inputs(config),
        "read": harvest.read + sum(map(exclusions.count, NOT_HARVESTED)),
        "alerts": len(table),
        "objects": len(sizes),
        "one_alert_objects": int((sizes == 1).sum()),
        "counts": count(table),
        "exclusions": exclusions.as_dict,
        "missing_features": harvest.missing,
        "files": {name: describe(folder / name) for name in (TABLE, TRIPLETS)},
        "skysift": __version__,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def list_inputs(config: SetConfig) -> list[dict[str, Any]]:
    """List the files that a set is made of, with their sizes in bytes; a folder of hosts as one."""
    files = [file for path in config.alerts for file in list_files(path)]
    inputs = [{"file": str(file), "bytes": file.stat().st_size} for file in (*files, config.labels)]
    return inputs if config.hosts is None else [*inputs, find_pictures(config.hosts).facts]


def count(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Count objects, alerts and alerts kept, by part, source set, class and label."""
    groups = table.groupby(["split", "source_set", "class", "label"], sort=True)
    counts = groups.agg(
        objects=("objectId", "nunique"), alerts=("objectId", "size"), kept=("kept", "sum")
    )
    return json.loads(counts.reset_index().to_json(orient="records"))


def write_manifest(manifest: dict[str, Any], path: Path) -> None:
    """Write it as a whole or not at all."""
    with whole(path) as part:
        part.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def read_manifest(folder: Path, config: SetConfig) -> dict[str, Any] | None:
    """Return the manifest of a complete set that is made just so; None if there is none.

    Raises
    ------
    FileExistsError
        If there is one that is made otherwise.
    """
    file = folder / MANIFEST
    if not file.is_file():
        return None
    there = json.loads(file.read_text(encoding="utf-8"))
    wanted = config.as_dict
    differs = [key for key in wanted if there.get("config", {}).get(key) != wanted[key]]
    differs += ["input files"] if there.get("inputs") != list_inputs(config) else []
    if differs:
        raise FileExistsError(
            f"{folder} holds a training set that was made otherwise: {', '.join(differs)} differ. "
            "Remove it, or choose another folder"
        )
    return there


def describe(file: Path) -> dict[str, Any]:
    """Return size and sha256 of a file: ``bytes``, ``sha256``."""
    digest = hashlib.sha256()
    with open(file, "rb") as content:
        while piece := content.read(READ_BYTES):
            digest.update(piece)
    return {"bytes": file.stat().st_size, "sha256": digest.hexdigest()}
