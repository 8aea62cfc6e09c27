"""Lines with a column for each number, many thousand at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def columns(lines: Sequence[bytes], layout: Mapping[str, tuple[int, int]]) -> dict[str, np.ndarray]:
    """Cut lines into columns.

    Parameters
    ----------
    lines : sequence of bytes, n of them
        Shorter ones count as filled up with blanks.
    layout : mapping
        Of each column its first character, from 0, and the one after its last.

    Returns
    -------
    dict of ndarray (n,), bytes
        Without blanks around.
    """
    width = max(end for _, end in layout.values())
    cells = np.array([line[:width].ljust(width) for line in lines], dtype=f"S{width}")
    letters = cells.view("S1").reshape(len(lines), width)
    return {
        name: np.char.strip(
            np.ascontiguousarray(letters[:, start:end]).view(f"S{end - start}").ravel()
        )
        for name, (start, end) in layout.items()
    }


def numbers(cells: np.ndarray, *, blank: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Read cells as numbers.

    Parameters
    ----------
    cells : ndarray (n,), bytes
    blank : float, optional
        What an empty cell stands for; without it, an empty cell is no number.

    Returns
    -------
    values : ndarray (n,), float64
        NaN where there is no number.
    good : ndarray (n,), bool
    """
    empty = np.char.str_len(cells) == 0
    filled = np.where(empty, b"nan", cells)
    try:
        values = filled.astype(np.float64)
    except ValueError:
        values = np.array([_number(cell) for cell in filled])
    good = np.isfinite(values)
    if blank is not None:
        values[empty] = blank
        good |= empty
    return values, good


def _number(cell: bytes) -> float:
    try:
        return float(cell)
    except ValueError:
        return np.nan
