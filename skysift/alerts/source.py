"""What a decoder must offer so that `AlertBatch` can be built on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

Blob = bytes | memoryview
"""The bytes of one stamp as the survey packed them."""


class Source(Protocol):
    """N alerts of one survey, readable one field at a time.

    A path names a field as the survey does: ``objectId``, ``candidate.magpsf``,
    ``diaSource.psfFlux``; a field of a history is ``prv_candidates.jd`` for `has` and
    ``("prv_candidates", "jd")`` for the ``list_`` methods. Nothing is decoded before it is asked
    for. Asking for a path that `has` denies raises `KeyError`.
    """

    survey: str

    def __len__(self) -> int:
        """Count the alerts."""
        ...

    def has(self, path: str) -> bool:
        """Tell whether the alerts have this field, be it null in all of them."""
        ...

    def numbers(self, path: str) -> np.ndarray:
        """Read numbers or booleans: float64 (n,), NaN where null."""
        ...

    def integers(self, path: str) -> np.ndarray:
        """Read identifiers, which float64 would round: int64 (n,), 0 where null."""
        ...

    def texts(self, path: str) -> np.ndarray:
        """Read texts: object (n,), None where null."""
        ...

    def blobs(self, path: str) -> Sequence[Blob | None]:
        """Read the bytes of stamps: n items."""
        ...

    def list_offsets(self, path: str) -> tuple[np.ndarray, np.ndarray]:
        """Read where each alert's list begins and ends in the flattened fields.

        Returns
        -------
        offsets : ndarray (n + 1,), int64
            Alert ``i`` owns the items ``offsets[i]:offsets[i + 1]``.
        is_null : ndarray (n,), bool
            True where the list itself is null; such an alert owns no items.
        """
        ...

    def list_numbers(self, path: str, field: str) -> np.ndarray:
        """Read a numeric field of all list items: float64 (total,), NaN where null."""
        ...

    def list_texts(self, path: str, field: str) -> np.ndarray:
        """Read a text field of all list items: object (total,), None where null."""
        ...
