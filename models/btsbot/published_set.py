"""Read BTSbot's published training set: Rehemtulla et al., Zenodo 10.5281/zenodo.10839690.

For each part there is an array ``PART_triplets_VERSION.npy``, float64 (n, 63, 63, 3), and a table
``PART_cand_VERSION.csv`` with a row an alert. The arrays are mapped, never read as a whole.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.models.btsbot.inputs import FEATURES, SIDE
from skysift.models.btsbot.training_set import COLUMNS, TrainingSet

PREPROCESSING = "published"

PARTS = {"train": "train", "val": "validation", "test": "test"}
"""Their names of the parts, and ours."""

THEIRS = {"drb": "new_drb", "rank": "N"}
"""Columns that are called otherwise there."""

NOT_THEIRS = ("class", "split", "kept", "save_jd", "trigger_jd")
"""Columns that are not read from their table."""

FLAGS = ("label", "is_SN", "near_threshold", "is_rise")

_NAME = re.compile(r"(train|val|test)_triplets_(.+)\.npy")


class Stacked:
    """Arrays one behind the other, indexed as if they were one, without being copied."""

    def __init__(self, arrays: Sequence[np.ndarray]) -> None:
        self.arrays = list(arrays)
        self._starts = np.cumsum([0, *map(len, self.arrays)])
        self.dtype = self.arrays[0].dtype
        self.shape = (int(self._starts[-1]), *self.arrays[0].shape[1:])

    def __len__(self) -> int:
        """Count the entries."""
        return self.shape[0]

    def __getitem__(self, index: Any) -> np.ndarray:
        """Read the entries at an array of indices, none of them negative."""
        index = np.asarray(index)
        taken = np.empty((len(index), *self.shape[1:]), self.dtype)
        which = np.searchsorted(self._starts, index, side="right") - 1
        for number in np.unique(which):
            here = which == number
            taken[here] = self.arrays[number][index[here] - self._starts[number]]
        return taken


def is_there(folder: Path) -> bool:
    """Tell whether the folder, or one in it, holds arrays with the published names."""
    return bool(_find_arrays(folder))


def read(folder: Path) -> TrainingSet:
    """Open the published set.

    Their cuts, thinning and split are taken as they are. Classes are not published: ``class`` is
    the source set.

    Raises
    ------
    FileNotFoundError
        If a part or a table is not there.
    ValueError
        If an array or a table is not what it should be, or there are several versions.
    """
    arrays = _find_arrays(folder)
    versions = sorted({version for _, version in arrays})
    if len(versions) > 1:
        raise ValueError(
            f"{folder} holds several versions of the published set: {', '.join(versions)}; "
            "give each a folder of its own"
        )
    absent = [part for part in PARTS if (part, versions[0]) not in arrays]
    if absent:
        raise FileNotFoundError(
            f"the published set in {folder} has no {absent[0]}_triplets_{versions[0]}.npy; "
            "`skysift data fetch btsbot` brings what is missing"
        )
    tables, triplets = [], []
    for theirs, ours in PARTS.items():
        file = arrays[theirs, versions[0]]
        triplets.append(_map(file))
        tables.append(_read_table(_find_table(folder, file), ours, len(triplets[-1])))
    table = pd.concat(tables, ignore_index=True)
    facts = {
        "preprocessing": PREPROCESSING,
        "published": versions[0],
        "files": {file.name: file.stat().st_size for file in sorted(arrays.values())},
    }
    return TrainingSet(table, Stacked(triplets), np.arange(len(table)), PREPROCESSING, facts)


def _find_arrays(folder: Path) -> dict[tuple[str, str], Path]:
    """Find the arrays by part and version, at any depth: archives may hold a folder."""
    found = {}
    for file in sorted(folder.rglob("*_triplets_*.npy")):
        if name := _NAME.fullmatch(file.name):
            found[name[1], name[2]] = file
    return found


def _find_table(folder: Path, array: Path) -> Path:
    name = array.name.replace("_triplets_", "_cand_").removesuffix(".npy") + ".csv"
    found = next(folder.rglob(name), None)
    if found is None:
        raise FileNotFoundError(f"{array} has no table {name} beside it or elsewhere in {folder}")
    return found


def _map(file: Path) -> np.ndarray:
    array = np.load(file, mmap_mode="r")
    if array.ndim != 4 or array.shape[1:] != (SIDE, SIDE, 3):
        raise ValueError(f"{file} must be of shape (n, {SIDE}, {SIDE}, 3). Got: {array.shape}")
    return array


def _read_table(file: Path, part: str, expected: int) -> pd.DataFrame:
    read = {name: THEIRS.get(name, name) for name in COLUMNS if name not in NOT_THEIRS}
    there = _header(file)
    lacking = [theirs for theirs in read.values() if theirs not in there]
    if lacking:
        raise ValueError(f"{file} lacks the columns: {', '.join(lacking)}")
    theirs = pd.read_csv(file, usecols=list(read.values()), low_memory=False)
    if len(theirs) != expected:
        raise ValueError(f"{file} has {len(theirs)} rows, but its array has {expected} triplets")
    table = pd.DataFrame({ours: theirs[name] for ours, name in read.items()})
    _refuse_nan(table, file)
    kinds = dict.fromkeys(FEATURES, np.float32)
    table = table.astype({"candid": np.int64, "rank": np.int64, **kinds})
    table[list(FLAGS)] = table[list(FLAGS)].astype(bool)
    return table.assign(
        **{"class": table["source_set"], "split": part, "kept": True},
        save_jd=np.nan, trigger_jd=np.nan,
    )  # fmt: skip


def _header(file: str | os.PathLike[str]) -> list[str]:
    return list(pd.read_csv(file, nrows=0).columns)


def _refuse_nan(table: pd.DataFrame, file: Path) -> None:
    """Complain of features without a value: a network would learn nothing but NaN from them."""
    empty = table[list(FEATURES)].isna().any()
    if empty.any():
        names = ", ".join(empty.index[empty])
        raise ValueError(f"{file} has alerts without a value of {names}; −999 stands for missing")
