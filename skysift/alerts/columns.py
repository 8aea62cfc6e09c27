"""What the columns of an alert are called, what they mean, and where each survey keeps them.

Filters and science modules ask for columns by these names. They are ZTF's names; where an LSST
alert holds the same quantity, the same name is mapped to it, so that one filter serves both.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

from skysift.alerts._columns_lsst import LSST_COLUMNS
from skysift.alerts._columns_shared import SHARED_COLUMNS
from skysift.alerts._columns_ztf import ZTF_COLUMNS
from skysift.alerts.column import SURVEYS, Column

__all__ = ["COLUMNS", "SURVEYS", "Column", "column", "missing", "source_paths"]

COLUMNS: dict[str, Column] = {c.name: c for c in (*SHARED_COLUMNS, *ZTF_COLUMNS, *LSST_COLUMNS)}
"""Every column of an alert by name; what science modules add is not among them."""


def column(name: str) -> Column:
    """Return the column of this name.

    Raises
    ------
    KeyError
        If there is none; the message holds the nearest names.
    """
    if name not in COLUMNS:
        near = difflib.get_close_matches(name, COLUMNS, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise KeyError(f"alerts have no column {name!r}{hint}")
    return COLUMNS[name]


def source_paths(names: Iterable[str], survey: str) -> tuple[str, ...]:
    """Tell what must be decoded to have these columns.

    Parameters
    ----------
    names : iterable of str
        Columns that the chosen modules and filters take. Names that are no alert column (a
        module's struct) and columns that the survey lacks are passed over.
    survey : str
        ``ztf`` or ``lsst``.

    Returns
    -------
    tuple of str
        Paths such as ``candidate.magpsf``, and ``prv_candidates.jd`` for a field of a history;
        each once.
    """
    found = (path for n in names if n in COLUMNS for path in COLUMNS[n].paths.get(survey, ()))
    return tuple(dict.fromkeys(found))


def missing(names: Iterable[str], survey: str, has: Callable[[str], bool]) -> dict[str, str]:
    """Find the columns that alerts with these fields cannot give.

    Parameters
    ----------
    names : iterable of str
        Names of alert columns.
    survey : str
        ``ztf`` or ``lsst``.
    has : callable
        Tells whether the alerts have a path: `Source.has`, or ``paths.__contains__``.

    Returns
    -------
    dict of str to str
        For each missing column, what was looked for. Columns that younger schemas added are never
        missing: older alerts have them as nulls.
    """
    return {name: reason for name in names if (reason := _lack(column(name), survey, has))}


def _lack(wanted: Column, survey: str, has: Callable[[str], bool]) -> str | None:
    if not wanted.offered_by(survey):
        return f"{survey} alerts have no such field"
    if survey in wanted.since:
        return None
    absent = [p for p in wanted.paths[survey] if p not in wanted.optional and not has(p)]
    return f"looked for {', '.join(absent)}" if absent else None
