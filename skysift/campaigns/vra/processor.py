"""From a broker's rows to scores: the entry point that an exported model brings along.

It lies in the folder's ``code``: ``from processor import processor``, once the model is loaded.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from skysift.alerts.batch import AlertBatch
from skysift.alerts.signature import required_columns
from skysift.models.vra.inputs import FEATURES
from skysift.science_modules import vra


def processor(pdf: pd.DataFrame, model: Any) -> pd.DataFrame:
    """Score alerts as a broker has them in a DataFrame.

    Parameters
    ----------
    pdf : DataFrame
        A row an alert, in Fink's layout: ``candidate`` and ``prv_candidates``, or flat histories
        (``cjd``, ``cmagpsf``, …).
    model : PyFuncModel
        As ``mlflow.pyfunc.load_model`` returns it; it checks the features against its signature.

    Returns
    -------
    DataFrame
        ``galactic``, ``real``, ``transient``, ``rank``, float32; null where ``status`` is not
        ``ok``. On the index of `pdf`.

    Raises
    ------
    MissingColumnError
        If the alerts lack a column.
    """
    batch = AlertBatch.from_pandas(pdf)
    columns = {name: batch.column(name) for name in required_columns(vra.score)}
    curve, behind = columns.pop("light_curve"), columns.pop("reference_sources")
    table, status = vra.features(curve, behind, columns)
    scores = model.predict(pd.DataFrame(table, columns=list(FEATURES)))
    sound = pd.Series(status == vra.OK)
    return scores.where(sound, axis=0).assign(status=status).set_axis(pdf.index)
