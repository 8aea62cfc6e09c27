"""A second look at what a quick network has found: stamps about it, in all their pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skysift.cores import on_cores, usable_cores
from skysift.models._serving import compiled
from skysift.models.tails import tiling
from skysift.models.tails.inputs import prepare
from skysift.models.tails.networks import SHAPES, STAMPS

if TYPE_CHECKING:
    import keras

SIDE = 63
"""Of a stamp [px], as in alerts."""

PREPROCESSING = "robust"

AT_ONCE = 64
"""Stamps that a core prepares and looks at together."""


class SecondLook:
    """The second network of `networks.two_looks` at work.

    Parameters
    ----------
    model : keras.Model
        From `networks.build`, both in one.
    settings : mapping
        Of the network.
    """

    def __init__(self, model: keras.Model, settings: Mapping[str, Any]) -> None:
        from skysift.models.tails.networks.blocks import fold
        from skysift.models.tails.networks.two_looks import SECOND, second_look

        shape = {key: settings[key] for key in ("planes", "widths", "stamp", "shape")}
        self.gate: float = settings["gate"]
        self._call = compiled(fold(model.get_layer(SECOND), second_look(**shape, folded=True)))

    def scores(
        self,
        images: Sequence[np.ndarray] | np.ndarray,
        x: np.ndarray,
        y: np.ndarray,
        shapes: np.ndarray,
    ) -> np.ndarray:
        """Look at places.

        Parameters
        ----------
        images : sequence of ndarray (h, w, c), float32
            The k places' images; NaN where there are no data.
        x, y : ndarray (k,)
            Places [px].
        shapes : ndarray (k, points.SHAPE), float32
            See `points.Points.shapes`; 0 where they are not known, as in single stamps.

        Returns
        -------
        ndarray (k,), float32
            In (0, 1).
        """
        places = list(zip(images, np.rint(x).astype(int), np.rint(y).astype(int), strict=True))

        def some(first: int) -> np.ndarray:
            stamps = [about(*place) for place in places[first : first + AT_ONCE]]
            ready = prepare(np.stack(stamps), PREPROCESSING)
            known = shapes[first : first + AT_ONCE]
            return self._call({STAMPS: ready.planes, SHAPES: known})[:, 0]

        parts = on_cores(some, range(0, len(places), AT_ONCE), usable_cores())
        logit = np.concatenate([np.empty(0, np.float32), *parts])
        return 0.5 * (1.0 + np.tanh(0.5 * logit))


def about(images: np.ndarray, x: int, y: int) -> np.ndarray:
    """Cut a stamp (SIDE, SIDE, c) about a pixel out of images (h, w, c); NaN beyond them."""
    return tiling.cut(images, x - SIDE // 2, y - SIDE // 2, SIDE)
