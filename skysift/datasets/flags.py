"""Flags of alerts that follow from their whole object: is it a supernova, does it still rise?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from skysift.datasets.source_sets import NOT_SUPERNOVAE, SUPERNOVA_SETS

NEAR_THRESHOLD = (18.4, 18.6)
"""Peak magnitudes between which the label hangs on a hair [mag]."""


def find_peaks(alerts: pd.DataFrame) -> pd.DataFrame:
    """Find when each object was brightest.

    Parameters
    ----------
    alerts : DataFrame
        Every alert known of the objects, whatever its band, its sign or its pixels: ``objectId``,
        ``jd`` days, ``magpsf`` mag (NaN passes unseen).

    Returns
    -------
    DataFrame
        ``peakmag``, ``peak_jd`` by ``objectId``; of equal peaks the earliest. Objects without a
        magnitude are not in it.
    """
    seen = alerts.dropna(subset="magpsf").sort_values(["objectId", "magpsf", "jd"])
    first = seen.drop_duplicates("objectId").set_index("objectId")
    return first[["magpsf", "jd"]].rename(columns={"magpsf": "peakmag", "jd": "peak_jd"})


def add_flags(table: pd.DataFrame, peaks: pd.DataFrame) -> pd.DataFrame:
    """Add ``peakmag``, ``is_SN``, ``near_threshold`` and ``is_rise``, as the paper defines them.

    Parameters
    ----------
    table : DataFrame
        ``objectId``, ``jd``, ``source_set``, ``class``.
    peaks : DataFrame
        From `find_peaks`.
    """
    own = peaks.reindex(table["objectId"])
    peak, peak_jd = own["peakmag"].to_numpy(), own["peak_jd"].to_numpy()
    low, high = NEAR_THRESHOLD
    return table.assign(
        peakmag=peak,
        is_SN=is_supernova(table["source_set"], table["class"]),
        near_threshold=(peak > low) & (peak < high),
        is_rise=table["jd"].to_numpy() <= peak_jd,
    )


def is_supernova(source_set: pd.Series, kind: pd.Series) -> np.ndarray:
    """Tell which alerts count as supernovae: by their set; of ``dims``, by their class."""
    whole = source_set.isin(SUPERNOVA_SETS)
    dim = (source_set == "dims") & ~kind.isin(NOT_SUPERNOVAE)
    return (whole | dim).to_numpy(bool)
