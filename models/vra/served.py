"""Weights as an MLflow model: what ``mlflow.pyfunc.load_model`` calls in an exported folder.

Its code lies in that folder beside the weights, so nothing of skysift need be installed; and
nothing is unpickled, which is why the folder names this module instead of holding an object.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from skysift.models.vra.scorer import Scorer, load


class Served:
    """Scores tables of features.

    Attributes
    ----------
    scorer : Scorer
    """

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer

    def predict(self, table: pd.DataFrame, params: dict | None = None) -> pd.DataFrame:
        """Score n alerts.

        Parameters
        ----------
        table : DataFrame
            Has the columns in ``scorer.features``, numbers; NaN is missing. Others are passed over.
        params : dict, optional
            MLflow's; there are none.

        Returns
        -------
        DataFrame of float32
            ``galactic``, ``real``, ``transient``, ``rank``, on the index of `table`; NaN where the
            weights never learned it.
        """
        features = table[list(self.scorer.features)].to_numpy(np.float64)
        return pd.DataFrame(self.scorer.score(features), index=table.index)


def _load_pyfunc(path: str) -> Served:
    """Load the folder's data: what MLflow looks for in the module that it is told."""
    return Served(load(Path(path)))
