"""The table of labels: what each object is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from skysift.datasets.exclusions import Exclusions
from skysift.datasets.source_sets import LABELS, ONLY_LABELLED
from skysift.models._settings import nearest

TIMES = ("save_jd", "trigger_jd")
KNOWN = ("objectId", "label", "class", "source_set", *TIMES)

PER_ALERT = "candid"
"""A table with this column has a row an alert, and so many rows an object."""

PASSED_OVER = (PER_ALERT, "jd", "fid", "magpsf", "ra", "dec", "subclass", "peak_mag", "redshift")
"""Columns of a simulation's truth that are not needed here."""

NO_SET = "class_in_no_source_set"
EXAMPLES = 5


def read_labels(
    path: Path, sources: Mapping[str, tuple[str, ...]], exclusions: Exclusions
) -> pd.DataFrame:
    """Read what each object is.

    An object's source set is that of its column ``source_set``; where there is none, the set that
    `sources` names for its class; where it has no class, or `sources` is empty, ``trues`` for the
    label 1 and ``rejects`` for 0. The label follows from the source set; a column ``label`` must
    agree.

    Parameters
    ----------
    path : Path
        CSV or Parquet: ``objectId`` and any of ``label`` (1 for a bright transient, else 0),
        ``class``, ``source_set``; and, if there, ``save_jd``, ``trigger_jd`` (days), when people
        saved the object and asked for its spectrum. One row an object; or one row an alert if
        there is a column ``candid``.
    sources : mapping of str to tuple of str
        Source sets and their classes.
    exclusions : Exclusions
        Told of objects whose class is in no set.

    Returns
    -------
    DataFrame
        By ``objectId``: ``label`` 1.0, 0.0 or NaN (to be computed, see `source_sets.LABELS`),
        ``class`` (empty where unknown), ``source_set``, ``save_jd``, ``trigger_jd``.

    Raises
    ------
    ValueError
        If the file is no table, a column is missing or unknown, a value makes no sense, an object
        is there twice or contradicts itself. The message names examples.
    """
    table = _one_row_an_object(_read(path), path)
    table = table.reindex(columns=KNOWN).set_index("objectId")
    _check_label(table["label"], path)
    table["label"] = table["label"].astype(float)
    table["source_set"] = _source_sets(table, sources, path)
    nowhere = table["source_set"].isna()
    exclusions.add(NO_SET, table.index[nowhere], "objects")
    table = table[~nowhere]
    if table.empty:
        raise ValueError(f"no object of {path} is in a source set; see [set.sources]")
    implied = table["source_set"].map(LABELS).astype(float)
    _refuse(
        table.index[implied.notna() & table["label"].notna() & (implied != table["label"])],
        f"objects in {path} whose label contradicts their source set",
    )
    times = {name: _days(table[name], path) for name in TIMES}
    kinds = table["class"].fillna("").astype(str)
    return table.assign(label=implied, **{"class": kinds}, **times)


def check_classes(labels: pd.DataFrame, path: Path, exclusions: Exclusions) -> None:
    """Refuse labels that leave a class without an object, whatever the alerts may be.

    Parameters
    ----------
    labels : DataFrame
        From `read_labels`.
    path : Path
    exclusions : Exclusions
        As `read_labels` left it, for the message.

    Raises
    ------
    ValueError
    """
    computed = labels["label"].isna().any()
    for label, kind in ((1, "positive"), (0, "negative")):
        if not computed and not (labels["label"] == label).any():
            sets = labels["source_set"].value_counts().to_dict()
            raise ValueError(
                f"{path} has no {kind} object, and a network needs both classes. Objects by source "
                f"set: {sets}; left out: {exclusions.counts or 'none'}"
            )


def _read(path: Path) -> pd.DataFrame:
    if not path.exists():
        raise FileNotFoundError(f"there is no table of labels at {path}")
    table = _read_file(path)
    if "objectId" not in table:
        raise ValueError(f"{path} has no column 'objectId'; it has: {', '.join(table)}")
    for name in table:
        if name not in KNOWN and name not in PASSED_OVER:
            raise ValueError(f"{path} has an unknown column {name!r}{nearest(name, KNOWN)}")
    if not {"label", "class", "source_set"} & set(table):
        raise ValueError(f"{path} has none of the columns label, class, source_set")
    if table.empty:
        raise ValueError(f"{path} has no row")
    if table["objectId"].isna().any():
        raise ValueError(f"{path} has rows without an objectId")
    return table.astype({"objectId": str})


def _read_file(path: Path) -> pd.DataFrame:
    kind = "Parquet" if path.suffix == ".parquet" else "CSV"
    try:
        if kind == "Parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype={"objectId": str}, low_memory=False)
    except ValueError as error:
        raise ValueError(f"{path} cannot be read as {kind}: {str(error).strip()}") from None


def _days(times: pd.Series, path: Path) -> pd.Series:
    """Return times as numbers; NaN where there is none."""
    days = pd.to_numeric(times, errors="coerce").astype(float)
    _refuse(
        times.index[days.isna() & times.notna()],
        f"objects in {path} whose {times.name} is no Julian date",
    )
    return days


def _one_row_an_object(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    if PER_ALERT not in table:
        twice = table["objectId"][table["objectId"].duplicated()]
        _refuse(twice.unique(), f"objects that {path} has more than once")
        return table
    once = table[[name for name in KNOWN if name in table]].drop_duplicates()
    twice = once["objectId"][once["objectId"].duplicated()]
    _refuse(twice.unique(), f"objects in {path} that contradict themselves")
    return once


def _check_label(label: pd.Series, path: Path) -> None:
    wrong = label[~(label.isin([0, 1]) | label.isna())]
    if len(wrong):
        raise ValueError(f"labels in {path} must be 0 or 1. Got: {wrong.unique()[:EXAMPLES]}")


def _source_sets(
    table: pd.DataFrame, sources: Mapping[str, tuple[str, ...]], path: Path
) -> pd.Series:
    """Find the set of each object; None where it is in none."""
    set_of = {kind: name for name, kinds in sources.items() for kind in kinds}
    given = table["source_set"]
    for name in map(str, given.dropna().unique()):
        if name not in LABELS:
            raise ValueError(f"{path} has an unknown source set {name!r}{nearest(name, LABELS)}")
    found = given.where(given.notna(), table["class"].map(set_of)).astype(object)
    by_label = table["label"].map(ONLY_LABELLED)
    if set_of:
        by_label = by_label.where(table["class"].isna())
    return found.where(found.notna(), by_label)


def _refuse(objects: pd.Index | np.ndarray, complaint: str) -> None:
    if len(objects):
        more = f" and {len(objects) - EXAMPLES} more" if len(objects) > EXAMPLES else ""
        raise ValueError(f"{complaint}: {', '.join(map(str, objects[:EXAMPLES]))}{more}")
