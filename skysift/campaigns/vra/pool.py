"""What the assistant is asked about: alerts of a pool, as rows of features."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from skysift.active_learning.pool import Pool
from skysift.alerts.batch import AlertBatch
from skysift.campaigns.kind import Rows, RowsError
from skysift.campaigns.store import read_pool as read_store
from skysift.campaigns.vra.settings import Settings
from skysift.datasets.feature_table import COLUMNS, batch_features
from skysift.datasets.lasair_calls import Caller
from skysift.datasets.sherlock import Sherlock, read_token, with_sherlock
from skysift.models.vra.inputs import FEATURES
from skysift.models.vra.views import Views

OK = "ok"
NEAR_BY = "ranks"
"""The view in which alerts are near or far."""


def _rows(batch: AlertBatch, settings: Settings) -> pd.DataFrame:
    table = batch_features(
        batch, dust=settings.dust or None, min_detections=settings.min_detections
    )
    if not settings.sherlock:
        return table
    try:
        return with_sherlock(table, _sherlock(settings.sherlock))
    except (ImportError, ValueError) as error:  # the token, or there is none
        raise RowsError(str(error)) from None


@lru_cache(maxsize=1)
def _sherlock(answers: str) -> Sherlock:
    token = read_token()
    return Sherlock(Path(answers), Caller(token) if token else None)


ROWS = Rows("ztf", COLUMNS, _rows)


def read_pool(path: Path, settings: Settings) -> Pool:
    """Read a pool: a folder that ``listen`` fills, or a table of ``skysift data build vra``.

    Alerts whose status is not ok are passed over.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    ValueError
        If it lacks features.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"there is no pool {path}: `skysift learn vra listen --source … --output {path}`"
        )
    table = read_store(path) if path.is_dir() else pd.read_parquet(path)
    lacking = [name for name in (*FEATURES, "candid", "objectId", "status") if name not in table]
    if len(table) and lacking:
        raise ValueError(
            f"{path} lacks {', '.join(lacking[:3])}: it was made by another skysift. Make it anew: "
            f"`skysift learn vra listen --source {path} --output NEW --once`"
        )
    table = table[table["status"] == OK] if len(table) else table
    features = table.reindex(columns=list(FEATURES)).to_numpy(np.float64)
    return Pool(
        table["candid"].to_numpy(), table["objectId"].to_numpy(), features, space_of(features)
    )


def space_of(features: np.ndarray) -> np.ndarray:
    """Return where alerts are near or far, float64 (n, d')."""
    if not len(features):
        return features
    return Views.of(features).look(features)[NEAR_BY]
