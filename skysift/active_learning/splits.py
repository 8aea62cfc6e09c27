"""Which objects are held out: decided by the object's name, so once and for all."""

from __future__ import annotations

import hashlib

import numpy as np


def split_by_object(objects: np.ndarray, *, share: float, seed: int) -> np.ndarray:
    """Tell the rows whose objects are held out for evaluation.

    A hash of seed and name decides. So an object keeps its side from round to round, whatever
    other objects come or go, and all its rows are on one side. With a larger share, objects are
    only added to those held out.

    Parameters
    ----------
    objects : ndarray (n,)
        Names or numbers of the objects; ``7`` and ``"7"`` are the same.
    share : float
        Of the objects, from 0 (none is held out) to 1.
    seed : int

    Returns
    -------
    ndarray (n,), bool

    Raises
    ------
    ValueError
        If `share` is not between 0 and 1.

    Examples
    --------
    >>> objects = np.array(["ZTF18a", "ZTF18b", "ZTF18a"])
    >>> held_out = split_by_object(objects, share=0.5, seed=0)
    >>> bool(held_out[0] == held_out[2])
    True
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be between 0 and 1. Got: {share}")
    names, inverse = np.unique(np.asarray(objects).astype(str), return_inverse=True)
    held_out = np.array([_place(str(name), seed) < share for name in names], dtype=bool)
    return held_out[inverse]


def _place(name: str, seed: int) -> float:
    """Place a name between 0 (inclusive) and 1 (exclusive)."""
    digest = hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48
