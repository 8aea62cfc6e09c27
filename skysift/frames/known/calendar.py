"""Dates as the Minor Planet Center writes them."""

from __future__ import annotations

import numpy as np
from astropy.time import Time

DAYS = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
DIGITS = b"0123456789ABCDEFGHIJKLMNOPQRSTUV"


def julian_date(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Julian date of days of the Gregorian calendar, float64 (n,); NaN where there is no such day.

    Parameters
    ----------
    year, month, day : ndarray (n,), float64
        The day with its fraction; its scale of time is that of the answer.
    """
    whole = np.isfinite(year) & (month >= 1) & (month <= 12) & (month % 1 == 0) & (day >= 1)
    within = np.zeros(len(day), dtype=bool)
    within[whole] = day[whole] < DAYS[month[whole].astype(int) - 1] + 1
    dates = np.full(len(day), np.nan)
    if within.any():
        text = [
            f"{int(y):04d}-{int(m):02d}-01"
            for y, m in zip(year[within], month[within], strict=True)
        ]
        starts, back = np.unique(text, return_inverse=True)
        dates[within] = Time(starts.tolist(), scale="tt").jd[back] + day[within] - 1.0
    return dates


def packed_dates(cells: np.ndarray) -> np.ndarray:
    """Julian dates of days packed into five characters (``K205V``), float64 (n,); NaN: no date.

    The first stands for the century (``K`` is 20), then come two digits of the year, and month and
    day as ``1`` to ``9`` and then ``A`` onward: https://minorplanetcenter.net/iau/info/PackedDates.html
    """
    different, back = np.unique(cells, return_inverse=True)
    parts = np.array([_unpacked(cell) for cell in different]).reshape(-1, 3)
    return julian_date(*parts.T)[back]


def _unpacked(cell: bytes) -> tuple[float, float, float]:
    """Year, month and day; NaN where the cell is none."""
    if len(cell) != 5 or not cell[1:3].isdigit():
        return (np.nan, np.nan, np.nan)
    century, month, day = (DIGITS.find(cell[place : place + 1]) for place in (0, 3, 4))
    if century < 0 or month < 0 or day < 0:
        return (np.nan, np.nan, np.nan)
    return (100.0 * century + int(cell[1:3]), float(month), float(day))
