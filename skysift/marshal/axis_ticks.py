"""Where the ticks of an axis stand, and what is written beside them."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np

J2000 = 2451545.0
"""Julian date of 2000-01-01 12:00."""

HOURS = (1, 2, 3, 6, 12)
"""Steps between the ticks of an axis that is shorter than a few days."""

Tick = tuple[float, str]
"""A place on the axis, and its label."""


def utc(jd: float) -> datetime:
    """Return the date of a Julian date, without a time zone, to the nearest second."""
    exact = datetime(2000, 1, 1, 12) + timedelta(days=jd - J2000)
    return (exact + timedelta(milliseconds=500)).replace(microsecond=0)


def number_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Return ticks at round numbers of one step: 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    low, high : float
        The axis' ends, `low` below `high`.
    most : int
        Ticks, at most.

    Examples
    --------
    >>> [label for _, label in number_ticks(17.93, 18.61, 4)]
    ['18.0', '18.2', '18.4', '18.6']
    """
    step = _round_step((high - low) / most)
    digits = max(0, -math.floor(math.log10(step)))
    return [(place, _minus(f"{place:.{digits}f}")) for place in _multiples(low, high, step)]


def date_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Return ticks at midnights UTC, or at full hours where the axis is short.

    Parameters
    ----------
    low, high : float
        The axis' ends (Julian dates), `low` below `high`.
    most : int
        Ticks, at most.

    Examples
    --------
    >>> [label for _, label in date_ticks(2460580.7, 2460583.9, 4)]
    ['28 Sep', '29 Sep', '30 Sep']
    >>> [label for _, label in date_ticks(2460580.7, 2460581.1, 4)]
    ['27 Sep 06:00', '27 Sep 09:00', '27 Sep 12:00']
    """
    step = _date_step((high - low) / most)
    # Julian dates begin at noon; counted from a midnight, full hours and days are round numbers.
    places = [place + 0.5 for place in _multiples(low - 0.5, high - 0.5, step)]
    dates = [utc(place) for place in places]
    pattern = _pattern(step, len({date.year for date in dates}))
    return [
        (place, date.strftime(pattern).lstrip("0"))
        for place, date in zip(places, dates, strict=True)
    ]


def _round_step(least: float) -> float:
    """Return the smallest round number that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return power * next(factor for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _date_step(least: float) -> float:
    hours = [hour / 24 for hour in HOURS if hour / 24 >= least]
    return hours[0] if hours else max(1.0, _round_step(least))


def _pattern(step: float, years: int) -> str:
    if step < 1:
        return "%d %b %H:%M"
    if years == 1:
        return "%d %b"
    return "%b %Y" if step >= 28 else "%d %b %y"


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(place) for place in np.arange(first, last + 1) * step]


def _minus(text: str) -> str:
    """Write a minus as wide as a plus; no minus before a zero."""
    return text.replace("-", "−") if float(text) else text.lstrip("-")
