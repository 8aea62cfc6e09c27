"""The rows that a question can be about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pool:
    """Rows, each with a name, an object it is of, and features.

    Parameters
    ----------
    items : ndarray (n,)
        What names a row: alert ids, file names. Whole numbers become text, since a ledger keeps
        text, and 19 digits do not survive a detour over floats.
    objects : ndarray (n,)
        What each row is of; rows of one object are never in one batch, nor on both sides of a
        split.
    features : ndarray (n, …)
        What the learner's functions are given, row by row: a table, images, or mere row numbers
        where the learner finds its inputs elsewhere.
    space : ndarray (n, d), float, optional
        Where rows are near or far, for strategies and selectors that ask; by default the features,
        if they are a table of numbers.

    Raises
    ------
    ValueError
        If lengths differ, items are not unique, or names are floats.

    Examples
    --------
    >>> pool = Pool(np.array([11, 12]), np.array(["a", "b"]), np.zeros((2, 3)))
    >>> pool.items
    array(['11', '12'], dtype=object)
    """

    items: np.ndarray
    objects: np.ndarray
    features: np.ndarray
    space: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Check the lengths, and make names text."""
        object.__setattr__(self, "items", _names("items", self.items))
        object.__setattr__(self, "objects", _names("objects", self.objects))
        if self.space is None and _is_table(self.features):
            object.__setattr__(self, "space", self.features)
        self._check_lengths()
        names, counts = np.unique(self.items.astype(str), return_counts=True)
        if (counts > 1).any():
            double = str(names[counts > 1][0])
            raise ValueError(f"items must be unique. Got {double!r} more than once")

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.items)

    def rows_of(self, items: list[str]) -> np.ndarray:
        """Find the rows of items by their names, int64; −1 for what is not here."""
        row_of = {item: row for row, item in enumerate(self.items)}
        return np.array([row_of.get(item, -1) for item in items], dtype=np.int64)

    def _check_lengths(self) -> None:
        given = {"objects": self.objects, "features": self.features, "space": self.space}
        for name, values in given.items():
            if values is not None and len(values) != len(self.items):
                raise ValueError(
                    f"{name} must have a row for each of the {len(self.items)} items. "
                    f"Got: {len(values)}"
                )


def _names(what: str, values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if any(isinstance(value, (float, np.floating)) for value in values):
        raise ValueError(f"{what} must be text or whole numbers: floats lose digits. Got: floats")
    return np.array([str(value) for value in values], dtype=object)


def _is_table(features: np.ndarray) -> bool:
    return np.ndim(features) == 2 and np.asarray(features).dtype.kind in "fiub"
