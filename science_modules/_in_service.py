"""Weights that are replaced while a job runs: the new ones if they are sound, else those before."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")


class InService(Generic[T]):
    """Loads weights anew for each batch, and falls back on those of the batch before.

    A round of labels that was committed broken must not stop a stream. The fall-back is this
    process's own memory: where nothing was loaded from a path yet, a failure is one.

    Parameters
    ----------
    load : callable
        ``load(weights)`` from a path, or from None for those that ship; cheap when nothing has
        changed. Whatever it raises, the weights are not to be used.
    """

    def __init__(self, load: Callable[[str | None], T]) -> None:
        self._load = load
        self._good: dict[str | None, T] = {}
        self._told: dict[str | None, str] = {}

    def __call__(self, weights: str | None) -> T:
        """Return what is to be served from a path, now."""
        try:
            self._good[weights] = self._load(weights)
            self._told.pop(weights, None)
        except Exception as error:
            if weights not in self._good:
                raise
            self._warn(weights, f"{type(error).__name__}: {error}")
        return self._good[weights]

    def _warn(self, weights: str | None, trouble: str) -> None:
        """Say it once, not with every batch."""
        if self._told.get(weights) != trouble:
            self._told[weights] = trouble
            log.warning("weights %s cannot be used, those before stay: %s", weights, trouble)
