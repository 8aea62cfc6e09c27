"""From batches of alerts to rows and triplets: what a network can learn from, and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skysift.alerts.batch import AlertBatch, MissingColumnError
from skysift.alerts.signature import required_columns
from skysift.datasets.config import SetConfig
from skysift.datasets.cuts import columns_of, first_failed
from skysift.datasets.exclusions import Exclusions
from skysift.datasets.image_file import ImageFile
from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.training_set import ROW
from skysift.science_modules import btsbot

NO_LABEL, REPEATED, CUT = "object_without_label", "repeated_candid", "cut_"

IDENTITY = ("objectId", "candid", "jd", "fid")
MODEL_COLUMNS = required_columns(btsbot.score)


class Harvest:
    """Gathers the alerts of a training set, batch by batch.

    Parameters
    ----------
    config : SetConfig
    objects : Index of str
        Objects that have a label.
    triplets : ImageFile
        Gets the triplets as they come.
    exclusions : Exclusions
        Told of each alert that is left out, once, for the first reason.

    Attributes
    ----------
    read : int
        Alerts seen so far.
    """

    def __init__(
        self, config: SetConfig, objects: pd.Index, triplets: ImageFile, exclusions: Exclusions
    ) -> None:
        self.config = config
        self.columns = tuple(dict.fromkeys((*IDENTITY, *MODEL_COLUMNS, *columns_of(config.cuts))))
        self.read = 0
        self._objects = objects
        self._triplets = triplets
        self._exclusions = exclusions
        self._candids: set[int] = set()
        self._rows: list[pd.DataFrame] = []
        self._sightings: list[pd.DataFrame] = []
        self._offered = 0
        self._missing = np.zeros(len(FEATURES), np.int64)

    def take(self, batch: AlertBatch) -> None:
        """Take the alerts of a batch that can be learned from.

        Raises
        ------
        ValueError
            If the batch lacks a column.
        """
        try:
            self._take(batch)
        except MissingColumnError as error:
            raise ValueError(str(error)) from None

    @property
    def table(self) -> pd.DataFrame:
        """One row for each alert that was taken, in the order of the triplets.

        Raises
        ------
        ValueError
            If there is none, or a feature is missing in every alert.
        """
        empty = [f for f, n in zip(FEATURES, self._missing, strict=True) if n == self._offered]
        if self._offered and empty:
            raise ValueError(
                f"{', '.join(empty)}: NaN in all of the {self._offered:,} alerts that pass the "
                "cuts; a network cannot learn from a column that is never there"
            )
        if not any(map(len, self._rows)):
            told = self._exclusions.counts
            raise ValueError(f"none of {self.read:,} alerts can be learned from: {told}")
        return pd.concat(self._rows, ignore_index=True)

    @property
    def sightings(self) -> pd.DataFrame:
        """Every alert of an object with a label, cut or not: ``objectId``, ``jd``, ``magpsf``."""
        return pd.concat(self._sightings, ignore_index=True)

    @property
    def missing(self) -> dict[str, int]:
        """Alerts that pass the cuts and lack a feature, by feature."""
        counts = zip(FEATURES, self._missing.tolist(), strict=True)
        return {name: count for name, count in counts if count}

    def _take(self, batch: AlertBatch) -> None:
        self.read += len(batch)
        names, candid = batch.column("objectId"), batch.column("candid")
        reason = np.full(len(batch), "", dtype=object)
        reason[~self._are_new(candid)] = REPEATED
        reason[self._objects.get_indexer(names) < 0] = NO_LABEL
        seen = {name: batch.column(name) for name in ("objectId", "jd", "magpsf")}
        self._sightings.append(pd.DataFrame(seen)[reason == ""])
        failed = first_failed(batch, self.config.cuts)
        reason = np.where((reason == "") & (failed != ""), CUT + failed, reason)
        offered = np.flatnonzero(reason == "")
        reason[offered] = self._keep(batch, offered)
        for why in dict.fromkeys(reason[reason != ""]):
            self._exclusions.add(why, candid[reason == why])

    def _are_new(self, candid: np.ndarray) -> np.ndarray:
        """Tell which alerts come for the first time."""
        new = np.zeros(len(candid), bool)
        _, first = np.unique(candid, return_index=True)
        new[first] = [c not in self._candids for c in candid[first].tolist()]
        self._candids.update(candid.tolist())
        return new

    def _keep(self, batch: AlertBatch, rows: np.ndarray) -> np.ndarray:
        """Keep the rows that a network can take; tell why not of the others, else ''."""
        if not len(rows):
            return np.empty(0, object)
        columns = {name: batch.column(name) for name in MODEL_COLUMNS}
        stamps, light_curve = columns.pop("stamps"), columns.pop("light_curve")
        published = self.config.preprocessing == "published"
        triplet, metadata, status, _ = btsbot.model_inputs(
            stamps.take(rows),
            light_curve.take(rows),
            {name: values[rows] for name, values in columns.items()},
            preprocessing=self.config.preprocessing,
            compat=published,
            may_miss=FEATURES,
        )
        self._offered += len(rows)
        self._missing += np.isnan(metadata).sum(axis=0)
        good = status == btsbot.OK
        self._add_rows(batch, rows[good], metadata[good])
        self._triplets.append(triplet[good])
        return np.where(good, "", status)

    def _add_rows(self, batch: AlertBatch, rows: np.ndarray, metadata: np.ndarray) -> None:
        table = pd.DataFrame({name: batch.column(name)[rows] for name in IDENTITY})
        table[ROW] = self._triplets.count + np.arange(len(rows))
        self._rows.append(table.join(pd.DataFrame(metadata, columns=list(FEATURES))))
