"""Ask a network about the galaxies of a set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from skysift.models.zoobot.labels import Labels
from skysift.models.zoobot.scorer import Ensemble, Scorer
from skysift.models.zoobot.training_set import TRUTH, GalaxySet
from skysift.models.zoobot.uncertainty.passes import Passes

AT_ONCE = 256
"""Galaxies whose images are held in memory at a time."""


@dataclass(frozen=True, eq=False)
class Looked:
    """What people said of galaxies, and what a network says.

    Attributes
    ----------
    galaxies : GalaxySet
    labels : Labels
    votes : ndarray (n, answers)
    truth : ndarray (n, answers), or None
        True probabilities, of simulated galaxies.
    told : Passes
        As it is served.
    narrow : Passes
        Before it was widened.
    """

    galaxies: GalaxySet
    labels: Labels
    votes: np.ndarray
    truth: np.ndarray | None
    told: Passes
    narrow: Passes

    @property
    def totals(self) -> np.ndarray:
        """Votes of each question, (n, questions)."""
        return self.labels.totals(self.votes)

    @property
    def people(self) -> np.ndarray:
        """How many looked at each galaxy: its largest total, (n,)."""
        return self.totals.max(axis=1)

    @property
    def kinds(self) -> dict[str, Passes]:
        """What is compared: all passes, and the first alone; each as served."""
        return {"mc": self.told, "single": self.told.only(0)}


def look(
    galaxies: GalaxySet,
    scorer: Scorer | Ensemble,
    *,
    passes: int,
    views: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Looked:
    """Ask about all galaxies.

    Parameters
    ----------
    galaxies : GalaxySet
        At least one.
    scorer : Scorer or Ensemble
    passes, views : int
        See `Scorer.passes`.
    progress : callable, optional
        Called with the number of galaxies that are done.
    """
    values, narrow = [], None
    for start in range(0, len(galaxies), AT_ONCE):
        images = galaxies.images(slice(start, start + AT_ONCE))
        narrow = scorer.passes(images, passes, views=views, widened=False)
        values.append(narrow.values)
        if progress:
            progress(min(start + AT_ONCE, len(galaxies)))
    if narrow is None:
        raise ValueError("there is no galaxy to judge")
    whole = Passes(narrow.tree, np.concatenate(values), narrow.concentrated, narrow.views)
    labels = scorer.labels
    return Looked(
        galaxies, labels, labels.votes(galaxies.galaxies),
        labels.truth(galaxies.galaxies, TRUTH), scorer.widen(whole), whole,
    )  # fmt: skip
