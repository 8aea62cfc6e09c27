"""The Spark face of every filter: choose alerts of a broker's DataFrame."""

from __future__ import annotations

import pandas as pd
from pyspark.sql import DataFrame

from skysift.alerts.batch import AlertBatch
from skysift.filters import get
from skysift.science_modules._udf import answer


def select(alerts: DataFrame, name: str) -> DataFrame:
    """Keep the alerts that a filter wants.

    Parameters
    ----------
    alerts : DataFrame
        Batch or streaming, as for `skysift.science_modules.annotate`, with the structs of the
        science modules that the filter asks for.
    name : str
        Name of the filter.

    Returns
    -------
    DataFrame
        Some of the rows, with the same columns.

    Raises
    ------
    KeyError
        If there is no such filter.
    ValueError
        If the filter needs a column that `alerts` does not have; names both.

    Examples
    --------
    >>> candidates = select(annotate(alerts, ["btsbot"]), "bts_candidates")  # doctest: +SKIP
    """
    chosen = get(name)

    def wanted(batch: AlertBatch) -> pd.Series:
        return pd.Series(chosen.select(batch))

    return alerts.where(answer(alerts, chosen, wanted, "boolean"))
