"""Figures with their intervals, as tables on a terminal show them."""

from __future__ import annotations

from collections.abc import Mapping


def in_brackets(estimate: Mapping[str, float | None], form: str = ".3f") -> str:
    r"""Write a figure and its interval for Rich; what is not known is a dash.

    Parameters
    ----------
    estimate : mapping
        ``value``, ``low`` and ``high``.
    form : str
        Of each number.

    Examples
    --------
    >>> print(in_brackets({"value": 0.9124, "low": 0.9, "high": None}))
    0.912 \[0.900, –]
    """
    value, low, high = (
        "–" if (number := estimate[key]) is None else format(number, form)
        for key in ("value", "low", "high")
    )
    return rf"{value} \[{low}, {high}]"
