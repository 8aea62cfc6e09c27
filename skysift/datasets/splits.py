"""Split by object: all alerts of an object fall into the same part."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
import pandas as pd


def split_objects(
    objects: pd.DataFrame, shares: Mapping[str, float], *, seed: int
) -> dict[str, str]:
    """Part the objects of each source set at random.

    Neither the order of the objects nor the other sets change what becomes of a set.

    Parameters
    ----------
    objects : DataFrame
        One row an object: ``objectId``, ``source_set``, ``label``.
    shares : mapping of str to float
        Of the objects of a set, by part; they add up to 1.
    seed : int

    Returns
    -------
    dict of str to str
        Part of each object.

    Raises
    ------
    ValueError
        If a part would be without objects of a class.
    """
    part_of: dict[str, str] = {}
    for name, members in objects.groupby("source_set"):
        rng = np.random.default_rng([seed, zlib.crc32(str(name).encode())])
        shuffled = rng.permutation(np.sort(members["objectId"].to_numpy(str)))
        ends = np.rint(np.cumsum(list(shares.values())) * len(shuffled)).astype(int)
        for part, own in zip(shares, np.split(shuffled, ends[:-1]), strict=True):
            part_of.update(dict.fromkeys(own.tolist(), part))
    _check_classes(objects, part_of, shares)
    return part_of


def _check_classes(
    objects: pd.DataFrame, part_of: Mapping[str, str], shares: Mapping[str, float]
) -> None:
    """Refuse a split in which a part lacks a class."""
    parts = objects["objectId"].map(part_of)
    for part in (part for part, share in shares.items() if share > 0):
        for label in (True, False):
            if ((parts == part) & (objects["label"] == label)).any():
                continue
            of_class = objects[objects["label"] == label]
            counts = of_class["source_set"].value_counts().to_dict()
            told = ", ".join(f"{count} in {name}" for name, count in counts.items()) or "none"
            raise ValueError(
                f"the {part} part gets no {'positive' if label else 'negative'} object with a "
                f"share of {shares[part]:g}; there are: {told}. Give more objects or other shares"
            )
