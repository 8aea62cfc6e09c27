"""Cuts on alerts, by name: which alerts of a labelled object a network learns from.

A cut follows the rule of filters: its positional parameters are alert columns. To add one, write
the function and put it into `CUTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from skysift.alerts.batch import AlertBatch
from skysift.alerts.signature import required_columns

GREEN, RED = 1, 2
PUBLIC_PROGRAM = 1


def positive(isdiffpos: np.ndarray) -> np.ndarray:
    """Keep sources that are brighter than in the template."""
    return isdiffpos == 1


def g_or_r(fid: np.ndarray) -> np.ndarray:
    """Keep alerts in g or r."""
    return (fid == GREEN) | (fid == RED)


def ps1_match(sgscore1: np.ndarray, sgscore2: np.ndarray) -> np.ndarray:
    """Keep alerts with a Pan-STARRS match: the first or the second has a star/galaxy score."""
    return (sgscore1 >= 0) | (sgscore2 >= 0)


def public(programid: np.ndarray) -> np.ndarray:
    """Keep alerts of the public survey."""
    return programid == PUBLIC_PROGRAM


CUTS: dict[str, Callable[..., np.ndarray]] = {
    cut.__name__: cut for cut in (positive, g_or_r, ps1_match, public)
}


def columns_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the alert columns that cuts look at."""
    return tuple(dict.fromkeys(c for name in names for c in required_columns(CUTS[name])))


def first_failed(batch: AlertBatch, names: Iterable[str]) -> np.ndarray:
    """Tell which cut each alert fails first.

    Returns
    -------
    ndarray (n,), object
        Name of the cut; empty for an alert that passes all. A null passes none.
    """
    failed = np.full(len(batch), "", dtype=object)
    for name in names:
        failed[~batch.call(CUTS[name]) & (failed == "")] = name
    return failed
