"""Score alerts, or a table of their features, with what was learned: the best first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from skysift.datasets import feature_table
from skysift.models.vra import load

IDS = ("candid", "objectId", "jd", "status")
SCORES = ("rank", "real", "galactic", "transient")
OK = "ok"


def score(
    source: Path,
    weights: Path | None,
    progress: Callable[[int], object] = lambda alerts: None,
) -> pd.DataFrame:
    """Score every alert once.

    Parameters
    ----------
    source : Path
        Alerts, in anything that skysift reads (a pool too); or a Parquet file with the features, as
        ``skysift data build vra`` writes it.
    weights : Path, optional
        Of a round, or its link; by default what ships, which learned from simulation.
    progress : callable
        Told the number of alerts read.

    Returns
    -------
    DataFrame
        ``candid``, ``objectId``, ``jd``, ``rank``, ``real``, ``galactic``, ``transient`` (float32;
        null where there is no answer), ``status``, ``version``: by falling rank, those without one
        last.

    Raises
    ------
    FileNotFoundError
        If there is nothing at the path.
    WeightsError
        If the weights are not whole.
    ValueError
        If there is no alert of ZTF, or a feature that the weights look at is missing.
    """
    scorer = load(weights)
    table = _table(source, progress)
    lacking = [name for name in scorer.features if name not in table]
    if lacking:
        raise ValueError(f"weights {scorer.version} look at {', '.join(lacking)}; not in {source}")
    said = scorer.score(table[list(scorer.features)].to_numpy(np.float64))
    sound = (table["status"] == OK).to_numpy()
    scored = pd.DataFrame({name: np.where(sound, said[name], np.nan) for name in SCORES})
    scored = scored.astype(np.float32).assign(status=table["status"], version=scorer.version)
    scored = pd.concat([table[[*IDS[:3]]], scored], axis=1)
    by = ["rank", "real", "candid"]
    return scored.sort_values(by, ascending=[False, False, True], ignore_index=True)


def _table(source: Path, progress: Callable[[int], object]) -> pd.DataFrame:
    if source.suffix == ".parquet" and source.is_file():
        names = pq.read_schema(source).names
        if "candidate" not in names and {*IDS} <= set(names):
            return pd.read_parquet(source)
    return feature_table([source], progress=lambda read, sound: progress(read))
