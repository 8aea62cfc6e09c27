"""Batches of galaxies, read as they are needed. Everything done to an image is in the network."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from skysift.models._fitting.loop import Batch
from skysift.models.zoobot.labels import Labels
from skysift.models.zoobot.networks import INPUT
from skysift.models.zoobot.training_set import GalaxySet


class GalaxyBatches:
    """Batches in an order that seed and epoch decide.

    Parameters
    ----------
    galaxies : GalaxySet
        At least one.
    labels : Labels
    batch : int
        Galaxies of each.
    steps : int
        Batches of an epoch; 0 for once through all galaxies, the last batch being smaller. With
        more batches than galaxies give, they are gone through again, in another order.
    seed : int
    """

    def __init__(
        self, galaxies: GalaxySet, labels: Labels, *, batch: int, steps: int, seed: int
    ) -> None:
        self._galaxies, self._votes = galaxies, labels.votes(galaxies.galaxies)
        self._batch, self._seed = batch, seed
        self._steps = steps or -(-len(galaxies) // batch)
        self._once = not steps

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return self._steps

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of epoch `number`."""
        rng = np.random.default_rng([self._seed, number])
        order = rng.permutation(len(self._galaxies))
        while not self._once and len(order) < self._steps * self._batch:
            order = np.append(order, rng.permutation(len(self._galaxies)))
        for start in range(0, self._steps * self._batch, self._batch):
            yield self._of(order[start : start + self._batch])

    def in_order(self) -> Iterator[Batch]:
        """Yield all galaxies once, as they stand."""
        for start in range(0, len(self._galaxies), self._batch):
            stop = min(start + self._batch, len(self._galaxies))
            yield self._of(np.arange(start, stop))

    def _of(self, rows: np.ndarray) -> Batch:
        images = self._galaxies.images(rows).astype(np.float32)
        return {INPUT: images}, self._votes[rows], np.ones(len(rows), np.float32)
