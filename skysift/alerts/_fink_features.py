"""What Fink measured of an alert's light curves, in the shapes that Fink hands it on."""

from __future__ import annotations

import numpy as np

from skysift.alerts.source import Source

ORDER = (
    "mean", "weighted_mean", "standard_deviation", "median", "amplitude", "beyond_1_std", "cusum",
    "inter_percentile_range_10", "kurtosis", "linear_trend", "linear_trend_sigma",
    "linear_trend_noise", "linear_fit_slope", "linear_fit_slope_sigma", "linear_fit_reduced_chi2",
    "magnitude_percentage_ratio_40_5", "magnitude_percentage_ratio_20_10", "maximum_slope",
    "median_absolute_deviation", "median_buffer_range_percentage_10", "percent_amplitude",
    "mean_variance", "anderson_darling_normal", "chi2", "skew", "stetson_K",
)  # fmt: skip
"""All of them, in the order of Fink's extractor: that of the texts."""

TAKEN = (
    "amplitude", "linear_fit_reduced_chi2", "linear_fit_slope", "linear_fit_slope_sigma", "median",
    "median_absolute_deviation",
)  # fmt: skip
"""Those that a column ``lc_features_g`` or ``lc_features_r`` of ours has."""

PLACES = [ORDER.index(name) for name in TAKEN]


def paths(column: str) -> tuple[str, ...]:
    """Tell where the column may be: the fields of a struct, or a text of its own."""
    return (*(f"{column}.{name}" for name in TAKEN), column)


def read_features(source: Source, column: str) -> np.ndarray:
    """Read the features of one band.

    Parameters
    ----------
    source : Source
    column : str
        ``lc_features_g`` or ``lc_features_r``: structs, as in Fink's stream and archive; or texts
        such as ``[18.2, 18.3, …]``, as in what its portal hands out.

    Returns
    -------
    ndarray (n, 6), float64
        In the order of `TAKEN`; NaN where Fink has none.
    """
    fields = [f"{column}.{name}" for name in TAKEN]
    if any(map(source.has, fields)):
        nothing = np.full(len(source), np.nan)
        return np.column_stack([source.numbers(f) if source.has(f) else nothing for f in fields])
    if source.has(column):
        return np.array([_parse(text) for text in source.texts(column)]).reshape(-1, len(TAKEN))
    return np.full((len(source), len(TAKEN)), np.nan)


def _parse(text: str | None) -> list[float]:
    """Read a text of all features; one of another number of them is none."""
    values = [_number(part) for part in (text or "").strip(" []{}()").split(",")]
    whole = len(values) == len(ORDER)
    return [values[place] if whole else np.nan for place in PLACES]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # null, None
        return np.nan
