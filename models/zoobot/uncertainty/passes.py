"""What a network said of galaxies, in each of several passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from skysift.galaxy_zoo import Tree


@dataclass(frozen=True, eq=False)
class Passes:
    """Answers of several passes through a network, or through several networks.

    Attributes
    ----------
    tree : Tree
        The questions.
    values : ndarray (n, passes, answers), float
        In the order of ``tree.columns``: fractions, or concentrations.
    concentrated : bool
        They are concentrations.
    views : int
        How many views of each image there were: ``passes / views`` follow each other of each. 1
        where the image was only seen as it is.
    """

    tree: Tree
    values: np.ndarray
    concentrated: bool
    views: int = 1

    def __len__(self) -> int:
        """Count the galaxies."""
        return len(self.values)

    @property
    def fractions(self) -> np.ndarray:
        """Fractions that each pass expects, (n, passes, answers)."""
        return fractions_of(self.values, self.tree)

    @cached_property
    def mean(self) -> np.ndarray:
        """Fractions to expect, (n, answers)."""
        return self.fractions.mean(axis=1)

    @property
    def scatter(self) -> dict[str, np.ndarray]:
        """Standard deviations of the fractions, (n, answers), by where they come from.

        ``dropout``: between passes of the same view, from what the network has not learned.
        ``view``: between means of views, from what should not matter to it. Squared they add up to
        the variance of all passes.
        """
        shape = (len(self), self.views, -1, self.values.shape[-1])
        by_view = self.fractions.reshape(shape)
        return {
            "dropout": np.sqrt(by_view.var(axis=2).mean(axis=1)),
            "view": by_view.mean(axis=2).std(axis=1),
        }

    def of(self, question: str) -> np.ndarray:
        """Return the values of a question, (n, passes, its answers)."""
        return self.values[..., self.tree.slices[question]]

    def only(self, number: int) -> Passes:
        """Return one pass alone, as a network without uncertainty would say it."""
        return replace(self, values=self.values[:, number : number + 1], views=1)

    def where(self, rows: np.ndarray | slice) -> Passes:
        """Choose galaxies."""
        return replace(self, values=self.values[rows])

    def widened(self, facts: Mapping[str, Any] | None) -> Passes:
        """Return concentrations that hold, by what `recalibration.fit` found; or these, for None.

        A question with ``factor`` gets its concentrations multiplied by it; one with
        ``concentration`` gets fractions spread about themselves by as much.
        """
        if facts is None:
            return self
        values = np.array(self.values, np.float64)
        for name, part in self.tree.slices.items():
            values[..., part] *= facts[name]["factor" if self.concentrated else "concentration"]
        return replace(self, values=values, concentrated=True)


def fractions_of(values: np.ndarray, tree: Tree) -> np.ndarray:
    """Divide each answer by the sum of its question: fractions of either kind of values."""
    fractions = np.array(values, np.float64)
    for part in tree.slices.values():
        fractions[..., part] /= fractions[..., part].sum(axis=-1, keepdims=True)
    return fractions


def together(members: Sequence[Passes]) -> Passes:
    """Join the passes of an ensemble: each network's behind the other's.

    Raises
    ------
    ValueError
        If there is none, or they answer other questions or in another way.
    """
    if not members:
        raise ValueError("an ensemble needs a network")
    first = members[0]
    for one in members[1:]:
        if (one.tree, one.concentrated) != (first.tree, first.concentrated):
            raise ValueError("networks of an ensemble must answer the same questions, alike")
    values = np.concatenate([one.values for one in members], axis=1)
    return replace(first, values=values, views=sum(one.views for one in members))
