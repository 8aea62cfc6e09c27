"""A training set as it lies on disk: a table of labelled alerts, and their triplets beside it.

Two layouts are read: ours, which `skysift.datasets` writes, and the published one of the Zenodo
record 10.5281/zenodo.10839690 (see `skysift.models.btsbot.published_set`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from skysift.models.btsbot.hosts import INDEX, Hosts, read_hosts
from skysift.models.btsbot.inputs import FEATURES

MANIFEST, TABLE, TRIPLETS = "manifest.json", "alerts.parquet", "triplets.npy"

PARTS = ("train", "validation", "test")

ROW = "row"
"""Column of the table on disk: where in the triplets the alert's own is."""

NO_HOSTS = (
    "the network looks at host images, and the set has none: build it with --hosts, or add them "
    "with `skysift data build hosts`"
)

COLUMNS = (
    "objectId",
    "candid",
    "jd",
    "fid",
    "label",
    "class",
    "source_set",
    "split",
    "rank",
    "kept",
    "is_SN",
    "near_threshold",
    "is_rise",
    "peakmag",
    "save_jd",
    "trigger_jd",
    *FEATURES,
)
"""Columns that every table has, ``magpsf`` among the features. See `TrainingSet`."""


class Triplets(Protocol):
    """Triplets of all alerts, an array or something that is indexed like one."""

    dtype: np.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Of an array: (n, 63, 63, 3)."""
        ...

    def __len__(self) -> int:
        """Count the triplets."""
        ...

    def __getitem__(self, index: Any, /) -> np.ndarray:
        """Return the triplets at an array of indices."""
        ...


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Labelled alerts, or some of them, with their triplets left on disk.

    Attributes
    ----------
    table : DataFrame of n rows
        ``objectId``; ``candid`` int64; ``jd`` days; ``fid``; ``label`` bool, True
        for a bright extragalactic transient; ``class`` and ``source_set`` text; ``split``, one of
        `PARTS`; ``rank`` from 1, random within the object; ``kept``, False for what thinning or a
        validation cut leaves out of its part; ``is_SN``, ``near_threshold``, ``is_rise`` bool;
        ``peakmag``, brightest of the whole object; ``save_jd``, ``trigger_jd`` days, NaN where
        unknown; and the 25 FEATURES, float32, −999 where ZTF has none.
    triplets : array-like (n0, 63, 63, 3), float
        Often a read-only memory map of more alerts than the table has.
    rows : ndarray (n,), int64
        Where in `triplets` each row of the table finds its own.
    preprocessing : str
        How the triplets were made, see `inputs.triplets`.
    facts : mapping
        The manifest; with hosts, also ``hosts``, the sha256 of their images.
    hosts : Hosts, optional
        Images of the objects' hosts.
    """

    table: pd.DataFrame
    triplets: Triplets
    rows: np.ndarray
    preprocessing: str
    facts: Mapping[str, Any]
    hosts: Hosts | None = None

    def __post_init__(self) -> None:
        lacking = [name for name in COLUMNS if name not in self.table]
        if lacking:
            raise ValueError(f"the table of the training set lacks: {', '.join(lacking)}")
        if len(self.rows) != len(self.table):
            raise ValueError(f"{len(self.table)} rows in the table, but {len(self.rows)} triplets")
        if len(self.rows) and not 0 <= self.rows.min() <= self.rows.max() < len(self.triplets):
            raise ValueError(
                f"the table points to triplets {self.rows.min()} to {self.rows.max()}, but there "
                f"are only {len(self.triplets)}: the set is damaged, build it again"
            )

    def __len__(self) -> int:
        """Count the alerts."""
        return len(self.rows)

    @property
    def metadata(self) -> np.ndarray:
        """The 25 features, float32 (n, 25), as the networks take them."""
        return self.table[list(FEATURES)].to_numpy(np.float32)

    @property
    def label(self) -> np.ndarray:
        """True for a bright extragalactic transient, bool (n,)."""
        return self.table["label"].to_numpy(bool)

    @property
    def group(self) -> np.ndarray:
        """Object of each alert, object (n,)."""
        return self.table["objectId"].to_numpy(object)

    def triplet(self, index: np.ndarray | slice) -> np.ndarray:
        """Read triplets, and only those.

        Parameters
        ----------
        index : ndarray of int, or of bool (n,), or slice
            Places in this set, in any order.

        Returns
        -------
        ndarray (len(index), 63, 63, 3), float32
        """
        return np.asarray(self.triplets[self.rows[index]], dtype=np.float32)

    def host(self, index: np.ndarray | slice) -> np.ndarray:
        """Read the host images of alerts, by their objects.

        Parameters
        ----------
        index : ndarray of int, or of bool (n,), or slice
            Places in this set, in any order.

        Returns
        -------
        ndarray (len(index), 63, 63, 4), float32
            See `hosts.Hosts.images`.

        Raises
        ------
        ValueError
            If the set has no host images.
        """
        if self.hosts is None:
            raise ValueError(NO_HOSTS)
        return self.hosts.images(self.group[index])

    def select(self, which: np.ndarray | slice) -> TrainingSet:
        """Choose alerts by a mask or by their places; no triplet is copied."""
        table = self.table.iloc[which].reset_index(drop=True)
        return replace(self, table=table, rows=self.rows[which])

    def part(self, name: str, *, thinned: bool = True) -> TrainingSet:
        """Choose the alerts of a part.

        Parameters
        ----------
        name : str
            One of `PARTS`.
        thinned : bool
            Leave out what thinning and the validation cuts leave out.

        Raises
        ------
        ValueError
            If there is no such part.
        """
        if name not in PARTS:
            raise ValueError(f"there is no part {name!r}; there are: {', '.join(PARTS)}")
        wanted = self.table["split"].to_numpy(object) == name
        if thinned:
            wanted &= self.table["kept"].to_numpy(bool)
        return self.select(wanted)


def read_set(folder: str | os.PathLike[str]) -> TrainingSet:
    """Open a training set; the triplets stay on disk.

    Parameters
    ----------
    folder : path-like
        What `skysift data build btsbot` wrote, or what `skysift data fetch btsbot` brought, with
        or without what `skysift data build hosts` adds.

    Raises
    ------
    FileNotFoundError
        If the folder holds no complete training set.
    ValueError
        If its parts do not fit together.
    """
    folder = Path(folder)
    alerts = _read_alerts(folder)
    if not (folder / INDEX).is_file():
        return alerts
    hosts = read_hosts(folder)
    return replace(alerts, hosts=hosts, facts={**alerts.facts, "hosts": hosts.facts["sha256"]})


def _read_alerts(folder: Path) -> TrainingSet:
    """Open a set of either layout."""
    if (folder / MANIFEST).is_file():
        return _read_ours(folder)
    from skysift.models.btsbot import published_set

    if published_set.is_there(folder):
        return published_set.read(folder)
    raise FileNotFoundError(
        f"there is no complete training set in {folder}: it has neither {MANIFEST} nor files named "
        "like train_triplets_v10_N100_programid1.npy"
    )


def _read_ours(folder: Path) -> TrainingSet:
    facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    table = pd.read_parquet(folder / TABLE)
    triplets = np.load(folder / TRIPLETS, mmap_mode="r")
    rows = table.pop(ROW).to_numpy(np.int64)
    return TrainingSet(table, triplets, rows, facts["preprocessing"], facts)
