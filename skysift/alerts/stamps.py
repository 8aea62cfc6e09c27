"""The stamps of many alerts, each decoded when somebody first looks at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from skysift.alerts.source import Blob
from skysift.alerts.stamp_batch import decode_stamps

OK, MISSING, BAD = "ok", "missing_stamp", "bad_stamp"

Triple = tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]
PackedTriple = tuple[Blob | None, Blob | None, Blob | None]


class Stamps:
    """The stamps of n alerts: science, template and difference.

    An alert's stamps are decoded when `images` or `status` first asks for them, once for this
    object and for all that were taken from it.

    Parameters
    ----------
    images : sequence of n triples
        Decoded stamps, float32 (rows, columns), each of any shape, or None.
    status : ndarray (n,), object
        See `status`.
    """

    def __init__(self, images: Sequence[Triple], status: np.ndarray) -> None:
        self._shelf = _Shelf([None] * len(images), list(images), np.asarray(status, dtype=object))
        self._rows = np.arange(len(images))

    @classmethod
    def packed(cls, triples: Iterable[PackedTriple]) -> Stamps:
        """Take the bytes of the stamps of n alerts, to be decoded on demand.

        Parameters
        ----------
        triples : iterable of n triples
            The bytes of science, template and difference, None or empty where there are none.
        """
        packed = list(triples)
        nothing: list[Triple] = [(None, None, None)] * len(packed)
        stamps = cls(nothing, np.array([_status_unread(triple) for triple in packed], object))
        stamps._shelf.packed[:] = packed
        return stamps

    def __len__(self) -> int:
        """Count the alerts."""
        return len(self._rows)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the images: the bytes are often views into memory that is not ours."""
        return type(self), (self.images, self.status)

    @property
    def images(self) -> list[Triple]:
        """The n triples of float32 (rows, columns), None for each stamp that cannot be read."""
        self._shelf.decode(self._rows)
        return [self._shelf.images[row] for row in self._rows]

    @property
    def status(self) -> np.ndarray:
        """What there is, object (n,).

        ``missing_stamp`` if one of the three is null or empty; else ``bad_stamp`` if one of them
        cannot be read; else ``ok``.
        """
        self._shelf.decode(self._rows)
        return self._shelf.status[self._rows]

    @property
    def is_missing(self) -> np.ndarray:
        """Where the status is ``missing_stamp``, bool (n,); told without decoding anything."""
        return self._shelf.status[self._rows] == MISSING

    def take(self, rows: np.ndarray | Sequence[int]) -> Stamps:
        """Choose some of the alerts, without decoding the others.

        Parameters
        ----------
        rows : ndarray of int, or of bool (n,)
            Their places here, in any order.
        """
        taken = object.__new__(type(self))
        taken._shelf, taken._rows = self._shelf, self._rows[rows]
        return taken


class _Shelf:
    """Stamps by alert, packed (until they are read) and read; shared by `Stamps` and its takes."""

    def __init__(
        self, packed: list[PackedTriple | None], images: list[Triple], status: np.ndarray
    ) -> None:
        self.packed, self.images, self.status = packed, images, status

    def decode(self, rows: np.ndarray) -> None:
        """Decode those rows that have not been, and let go of their bytes."""
        waiting = {row: self.packed[row] for row in rows.tolist()}
        triples = [(row, triple) for row, triple in waiting.items() if triple is not None]
        images = iter(decode_stamps([blob for _, triple in triples for blob in triple]))
        for (row, _), read in zip(triples, zip(images, images, images, strict=True), strict=True):
            self.images[row] = read
            if self.status[row] == OK and any(image is None for image in read):
                self.status[row] = BAD
            self.packed[row] = None


def _status_unread(packed: PackedTriple) -> str:
    return OK if all(packed) else MISSING
