"""Scores of a labelled set: from a network, or from a table of scores."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from skysift.models._weights import read_weights
from skysift.models.btsbot.training_set import TrainingSet

AT_ONCE = 1024
"""Alerts whose triplets are in memory at a time: 50 MB."""

HISTORY_SUFFIX = ".history.csv"

SCORES = ("score", "uncertainty")

ALERT_COLUMNS = [
    "objectId", "candid", "jd", "fid", "magpsf", "label", "class", "source_set", "peakmag",
    "save_jd", "trigger_jd",
]  # fmt: skip
"""What the evaluation needs to know of an alert, besides its score."""


class Scorer(Protocol):
    """What scores: `skysift.models.btsbot.load` returns one."""

    @property
    def needs(self) -> Sequence[str]:
        """Inputs besides stamps and features: ``host``, or none."""
        ...

    def score(
        self, triplet: np.ndarray, metadata: np.ndarray, host: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Return ``score`` and ``uncertainty``."""
        ...

    def settle(self, metadata: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return which alerts are settled without their stamps, and their scores."""
        ...


def score_set(
    alerts: TrainingSet,
    scorer: Scorer,
    *,
    cascade: bool = True,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Score the alerts of a set as a stream would, some at a time.

    Parameters
    ----------
    alerts : TrainingSet
    scorer : Scorer
    cascade : bool
        Let the gate settle what it can; else all go to the network.
    progress : callable, optional
        Told after each slice how many alerts have been scored.

    Returns
    -------
    DataFrame of n rows
        `ALERT_COLUMNS`, ``score`` and ``uncertainty``, which is NaN where the network has none
        and where its gate settled the alert.

    Raises
    ------
    ValueError
        If the network looks at host images and the set has none.
    """
    answer = {name: np.full(len(alerts), np.nan, np.float32) for name in SCORES}
    metadata = alerts.metadata
    for start in range(0, len(alerts), AT_ONCE):
        rows = np.arange(start, min(start + AT_ONCE, len(alerts)))
        if cascade:
            settled, answer["score"][rows] = scorer.settle(metadata[rows])
            rows = rows[~settled]
        more = {"host": alerts.host(rows)} if "host" in scorer.needs else {}
        found = scorer.score(triplet=alerts.triplet(rows), metadata=metadata[rows], **more)
        for name in SCORES:
            answer[name][rows] = found[name]
        if progress is not None:
            progress(min(start + AT_ONCE, len(alerts)))
    return alerts.table[ALERT_COLUMNS].assign(**answer)


def read_scores(alerts: TrainingSet, file: Path) -> tuple[pd.DataFrame, str]:
    """Find the scores of the alerts of a set in what ``skysift score`` wrote.

    Parameters
    ----------
    alerts : TrainingSet
    file : Path
        Parquet with ``alert_id`` and the struct ``btsbot``. Of an alert that is in it more than
        once, the first row with a score counts.

    Returns
    -------
    scored : DataFrame of n rows
        As from `score_set`; an alert that is not in the file has no score.
    version : str
        Of the weights that scored.

    Raises
    ------
    ValueError
        If the file is no such table, or holds none of the alerts.
    """
    try:
        there = pq.read_schema(file).names
    except pa.ArrowInvalid as error:
        raise ValueError(f"{file} is no Parquet file: {error}") from None
    lacking = {"alert_id", "btsbot"} - set(there)
    if lacking:
        raise ValueError(f"{file} is no table of BTSbot scores: no column {min(lacking)}")
    table = pq.read_table(file, columns=["alert_id", "btsbot"]).flatten().to_pandas()
    table.columns = table.columns.str.removeprefix("btsbot.")
    table = table.sort_values("score", na_position="last", key=np.isnan, kind="stable")
    by_alert = table.drop_duplicates("alert_id").set_index("alert_id")
    found = by_alert.reindex(index=alerts.table["candid"], columns=list(SCORES)).to_numpy("f4")
    if not alerts.table["candid"].isin(by_alert.index).any():
        raise ValueError(f"{file} holds none of the {len(alerts)} alerts of the set")
    versions = sorted(set(table["version"].dropna()))
    scored = alerts.table[ALERT_COLUMNS].assign(**dict(zip(SCORES, found.T, strict=True)))
    return scored, ", ".join(versions)


def read_history(weights: str | os.PathLike[str]) -> dict[str, list[float]] | None:
    """Read what the training of these weights measured, epoch by epoch, if it lies beside them."""
    file = read_weights(weights).path.with_suffix(HISTORY_SUFFIX)
    return pd.read_csv(file).to_dict("list") if file.is_file() else None
