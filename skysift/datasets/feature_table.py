"""The VRA's table of features: alerts in, a row an alert out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from skysift.alerts.batch import AlertBatch
from skysift.alerts.signature import required_columns
from skysift.datasets.exclusions import Exclusions
from skysift.datasets.reading import iter_batches
from skysift.models.vra.inputs import FEATURES
from skysift.science_modules import vra

IDS = ("candid", "objectId", "jd", "status")
"""Columns before the features."""

COLUMNS = (*IDS[:3], *required_columns(vra.score))
"""Columns of an alert that the table is made from."""


def feature_table(
    alerts: Iterable[Path],
    *,
    dust: str | None = None,
    min_detections: int = 1,
    progress: Callable[[int, int], object] = lambda read, sound: None,
) -> pd.DataFrame:
    """Make the features of all alerts of some files and folders, as serving makes them.

    Parameters
    ----------
    alerts : iterable of Path
        Alerts of ZTF, in anything that skysift reads.
    dust, min_detections
        As `skysift.science_modules.vra.score` has them.
    progress : callable
        Told the numbers of alerts read so far, and of those whose status is ``ok``.

    Returns
    -------
    DataFrame
        ``candid`` int64, ``objectId`` str, ``jd``, ``status`` str (see
        `skysift.science_modules.vra.features`), and the features, float64. An alert that is there
        twice stands once, in its first place.

    Raises
    ------
    FileNotFoundError
        If there is nothing at a path.
    ValueError
        If no alert of ZTF is there.
    """
    parts: list[pd.DataFrame] = []
    for batch in iter_batches(alerts, COLUMNS, Exclusions()):
        parts.append(batch_features(batch, dust=dust, min_detections=min_detections))
        progress(sum(map(len, parts)), sum(int((part["status"] == vra.OK).sum()) for part in parts))
    if not parts:
        raise ValueError("there is no alert of ZTF among these")
    return pd.concat(parts, ignore_index=True).drop_duplicates("candid", ignore_index=True)


def batch_features(
    batch: AlertBatch, *, dust: str | None = None, min_detections: int = 1
) -> pd.DataFrame:
    """Make the features of a batch of alerts, a row an alert; see `feature_table`."""
    columns = {name: batch.column(name) for name in required_columns(vra.score)}
    curve, behind = columns.pop("light_curve"), columns.pop("reference_sources")
    table, status = vra.features(curve, behind, columns, dust=dust, min_detections=min_detections)
    ids = {name: batch.column(name) for name in IDS[:3]}
    return pd.DataFrame({**ids, "status": status}).join(pd.DataFrame(table, columns=FEATURES))
