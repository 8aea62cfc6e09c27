"""Thinning: no object may drown the others with its number of alerts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from skysift.datasets.source_sets import LATEST

if TYPE_CHECKING:
    from skysift.datasets.config import ValidationCuts


def rank_alerts(table: pd.DataFrame, *, seed: int) -> np.ndarray:
    """Number the alerts of each object from 1, in random order.

    An object's ranks depend on its own alerts and the seed alone.

    Parameters
    ----------
    table : DataFrame
        ``objectId``, ``jd``, ``candid``.
    seed : int

    Returns
    -------
    ndarray (n,), int64
    """
    ranks = np.empty(len(table), np.int64)
    for name, rows in _in_time(table):
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        ranks[rows] = rng.permutation(len(rows)) + 1
    return ranks


def keep(table: pd.DataFrame, n_max: Mapping[str, int], validation: ValidationCuts) -> np.ndarray:
    """Tell which alerts stay in their part.

    In training, of each object those with a rank up to the `n_max` of its source set; elsewhere
    all; but of ``vars`` the latest `n_max`, everywhere. In validation, those that `validation`
    lets pass. A source set without an `n_max` keeps all.

    Parameters
    ----------
    table : DataFrame
        ``objectId``, ``jd``, ``candid``, ``source_set``, ``split``, ``rank`` and the flags.
    n_max : mapping of str to int
    validation : ValidationCuts

    Returns
    -------
    ndarray (n,), bool
    """
    limit = table["source_set"].map(n_max).fillna(np.inf).to_numpy(float)
    by_rank = table["rank"].to_numpy() <= limit
    by_age = _age_rank(table) <= limit
    latest = table["source_set"].isin(LATEST).to_numpy()
    training = (table["split"] == "train").to_numpy()
    kept = np.where(latest, by_age, by_rank | ~training)
    return kept & (_passes(table, validation) | (table["split"] != "validation").to_numpy())


def _passes(table: pd.DataFrame, validation: ValidationCuts) -> np.ndarray:
    passes = np.ones(len(table), bool)
    if validation.sne_only:
        passes &= table["is_SN"].to_numpy(bool)
    if not validation.near_threshold:
        passes &= ~table["near_threshold"].to_numpy(bool)
    if validation.rise_only:
        passes &= table["is_rise"].to_numpy(bool)
    return passes


def _age_rank(table: pd.DataFrame) -> np.ndarray:
    """Number the alerts of each object from 1, the latest first."""
    ranks = np.empty(len(table), np.int64)
    for _, rows in _in_time(table):
        ranks[rows] = np.arange(len(rows), 0, -1)
    return ranks


def _in_time(table: pd.DataFrame) -> list[tuple[str, np.ndarray]]:
    """Return each object and the places of its alerts, earliest first."""
    order = np.lexsort((table["candid"], table["jd"], table["objectId"].to_numpy(str)))
    names = table["objectId"].to_numpy(str)[order]
    starts = np.flatnonzero(np.concatenate([[True], names[1:] != names[:-1]]))
    runs = np.split(order, starts[1:])
    return [(str(names[start]), rows) for start, rows in zip(starts, runs, strict=True)]
