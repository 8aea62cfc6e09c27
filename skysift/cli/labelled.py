"""Labelled alerts for training: packets and a table of truth, as a network's input arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from skysift.alerts.batch import AlertBatch
from skysift.alerts.decode import decode
from skysift.alerts.payloads import Payload, iter_payloads
from skysift.alerts.signature import required_columns
from skysift.science_modules import btsbot

PAYLOADS_AT_ONCE = 32
"""A payload holds one packet, or up to some 8 MiB of them."""

Arrays = dict[str, np.ndarray]

UNLABELLED = "object not in the truth table"
UNDECODED = "not decodable"


def read_labelled(
    path: Path, truth: Path, *, progress: Callable[[int], object] = lambda read: None
) -> tuple[Arrays, Counter[str]]:
    """Read alerts and their labels as the arrays that `training.Alerts` takes.

    Inputs are made by the code that serves: `science_modules.btsbot.model_inputs`. Sentinels
    (−999) are kept, since our network knows them for missing.

    Parameters
    ----------
    path : Path
        Alert file, folder, nightly tarball or Parquet.
    truth : Path
        CSV or Parquet with ``objectId``, ``label`` (1 for a bright transient, else 0) and, if
        there, ``class``.
    progress : callable
        Told the number of alerts read so far.

    Returns
    -------
    arrays : dict of str to ndarray
    left_out : Counter
        Alerts that cannot be used, by reason.

    Raises
    ------
    ValueError
        If the truth table lacks a column or contradicts itself, or no alert can be used.
    """
    table = read_truth(truth)
    left_out: Counter[str] = Counter()
    parts: list[Arrays] = []
    read = 0
    for payloads in _chunks(iter_payloads(path)):
        decoded = decode(payloads, (*required_columns(btsbot.score), "objectId"))
        left_out[UNDECODED] += len(decoded.dead)
        for alerts in decoded.alerts:
            parts.append(_usable(alerts.batch, table, left_out))
            read += len(alerts.batch)
        progress(read)
    if not any(len(part["label"]) for part in parts):
        raise ValueError(f"no alert in {path} can be trained on: {dict(+left_out)}")
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return arrays, +left_out


def read_truth(path: Path) -> pd.DataFrame:
    """Read one row an object, indexed by ``objectId``: ``label`` and ``class``.

    Raises
    ------
    ValueError
        If a column is missing, a label is neither 0 nor 1, or an object has two labels.
    """
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    for name in ("objectId", "label"):
        if name not in table:
            raise ValueError(f"{path} has no column {name!r}; it has: {', '.join(table)}")
    if not table["label"].isin([0, 1]).all():
        raise ValueError(f"labels in {path} must be 0 or 1. Got: {table['label'].unique()[:5]}")
    table = table.reindex(columns=["objectId", "label", "class"]).drop_duplicates(
        ["objectId", "label"]
    )
    twice = table["objectId"][table["objectId"].duplicated()]
    if len(twice):
        raise ValueError(f"objects with two labels in {path}: {', '.join(twice[:5])}")
    return table.set_index("objectId")


def _usable(batch: AlertBatch, truth: pd.DataFrame, left_out: Counter[str]) -> Arrays:
    """Make the input arrays of the alerts that can be scored and have a label."""
    columns = {name: batch.column(name) for name in required_columns(btsbot.score)}
    stamps, light_curve = columns.pop("stamps"), columns.pop("light_curve")
    triplet, metadata, status, _ = btsbot.model_inputs(
        stamps, light_curve, columns, preprocessing="centred", compat=True
    )
    group = batch.column("objectId")
    known = np.isin(group, truth.index)
    reason = np.where(known, status, UNLABELLED)
    left_out.update(reason[reason != btsbot.OK].tolist())
    rows = np.flatnonzero(reason == btsbot.OK)
    told = truth.loc[group[rows]]
    return {
        "triplet": triplet[rows],
        "metadata": metadata[rows],
        "label": told["label"].to_numpy(dtype=bool),
        "group": group[rows],
        "kind": told["class"].fillna("").to_numpy(dtype=object),
    }


def _chunks(payloads: Iterator[Payload]) -> Iterator[list[Payload]]:
    """Group payloads, so that only a few are in memory."""
    while chunk := list(islice(payloads, PAYLOADS_AT_ONCE)):
        yield chunk
