"""Load weights and score alerts with them."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skysift.models import _backend, _calibration
from skysift.models._half import half_type
from skysift.models._presets import default_weights
from skysift.models._serving import compiled
from skysift.models._serving_half import compiled_half
from skysift.models._weights import Weights, WeightsError, load_once, read_weights
from skysift.models.btsbot import guard
from skysift.models.btsbot._pixel_loops import BEYOND, largest_bits
from skysift.models.btsbot.front import look
from skysift.models.btsbot.hosts import CHANNELS
from skysift.models.btsbot.inputs import FEATURES, MISSING, SIDE, crop
from skysift.models.btsbot.networks import LOOK

if TYPE_CHECKING:
    import keras


class Scorer:
    """A BTSbot network ready to score.

    Attributes
    ----------
    version : str
        E.g. ``btsbot-v1.0.1``.
    preprocessing : str
        How `inputs.triplets` must prepare stamps for this network: ``published`` or ``centred``.
    trained_on : str
        What the network learned from, in words.
    may_miss : tuple of str
        Features that it knows for missing where they are −999, for `inputs.metadata`.
    needs : tuple of str
        Inputs that no alert packet has: ``host``, or none.
    """

    def __init__(self, weights: Weights) -> None:
        from skysift.models.btsbot.stored import rebuild

        facts = weights.facts
        self.version: str = facts["version"]
        self.preprocessing: str = facts["preprocessing"]
        self.trained_on: str = facts["trained_on"]
        self.may_miss: tuple[str, ...] = tuple(facts.get("may_miss", ()))
        self.needs: tuple[str, ...] = tuple(facts.get("needs", ()))
        self._facts = facts
        self._crop: int = facts.get("crop", SIDE)
        self._model = rebuild(weights)
        outputs = self._model.output
        self._heads = outputs["heads"] if isinstance(outputs, dict) else outputs
        self._gate = outputs["gate"] if isinstance(outputs, dict) else None

    def score(
        self,
        triplet: np.ndarray,
        metadata: np.ndarray,
        host: np.ndarray | None = None,
        *,
        exact: bool = False,
    ) -> dict[str, np.ndarray]:
        """Score n alerts; n may be 0.

        Parameters
        ----------
        triplet : ndarray (n, 63, 63, 3), float32
            From `inputs.triplets`.
        metadata : ndarray (n, 25), float32
            From `inputs.metadata`.
        host : ndarray (n, 63, 63, 4), float32, optional
            From `hosts.Hosts.images`; for networks that need it.
        exact : bool
            Compute in float32 throughout. By default a network for which the loss was measured
            (``half_precision`` in its sidecar) runs in half precision where the processor is
            faster in it, which moves scores by less than 0.001.

        Returns
        -------
        dict
            ``score``: float32 (n,), in [0, 1], the calibrated mean of the network's heads.
            ``uncertainty``: float32 (n,), the standard deviation of the heads, each calibrated;
            NaN throughout for a network of one head. Both NaN where an input is NaN or infinite.
            They do not depend on the other alerts of the call, to 1e-6.

        Raises
        ------
        ValueError
            If an input has another shape, or the network needs hosts and none are given.
        """
        predict = self._predict_exact if exact else self._predict
        p = self._run(predict, triplet, metadata, host)
        calibration = self._facts.get("calibration")
        uncertainty = np.full(len(p), np.nan, dtype=np.float32)
        if p.shape[1] > 1:
            uncertainty = _calibration.apply(calibration, p).std(axis=1)
        return {
            "score": _calibration.apply(calibration, p.mean(axis=1)),
            "uncertainty": uncertainty,
        }

    def settle(self, metadata: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Settle the alerts that are clear negatives by their features alone.

        A feature that is missing (−999), NaN or infinite leaves an alert to the network; so does a
        network without a gate, all of them.

        Parameters
        ----------
        metadata : ndarray (n, 25), float32

        Returns
        -------
        settled : ndarray (n,), bool
        score : ndarray (n,), float32
            The gate's probability; NaN where not settled.
        """
        _check("metadata", metadata, (len(metadata), len(FEATURES)))
        if self._gate is None:
            return np.zeros(len(metadata), dtype=bool), np.full(len(metadata), np.nan, np.float32)
        p = self._predict_gate({"metadata": metadata})[:, 0]
        known = _finite(metadata) & (metadata != MISSING).all(axis=1)
        settled = known & (p < self._facts["gate"]["threshold"])
        return settled, np.where(settled, p, np.float32(np.nan))

    def embed(
        self, triplet: np.ndarray, metadata: np.ndarray, host: np.ndarray | None = None
    ) -> np.ndarray:
        """Return what the layer before the last makes of n alerts; as for `score`.

        Returns
        -------
        ndarray (n, d), float32
            NaN where an input is NaN or infinite.
        """
        return self._run(self._predict_embedding, triplet, metadata, host)

    def withhold(self, score: np.ndarray, damage: np.ndarray, metadata: np.ndarray) -> np.ndarray:
        """Tell which scores could be on the other side of 0.5 had nothing been missing.

        Returns
        -------
        ndarray (n,), object
            ``ok``, ``damaged_stamp`` or ``missing_feature``; see `guard.withheld`.
        """
        missing = (metadata == MISSING).any(axis=1)
        return guard.withheld(self._facts.get("guard"), score, damage, missing)

    def _run(
        self,
        predict: Callable[[dict[str, np.ndarray]], np.ndarray],
        triplet: np.ndarray,
        metadata: np.ndarray,
        host: np.ndarray | None,
    ) -> np.ndarray:
        """Give the network those inputs that it takes; answer (n, …), NaN for NaN."""
        _check("triplet", triplet, (len(triplet), SIDE, SIDE, 3))
        _check("metadata", metadata, (len(triplet), len(FEATURES)))
        given = {"triplet": crop(triplet, self._crop), "metadata": metadata}
        sound = _finite(triplet) & _finite(metadata)
        if "host" in self._model.input:
            if host is None:
                raise ValueError(
                    f"{self.version} needs host images: give host=, from `hosts.Hosts.images`"
                )
            _check("host", host, (len(triplet), SIDE, SIDE, CHANNELS))
            given["host"] = host
            sound &= _finite(host)
        answer = predict({name: given[name] for name in self._model.input})
        # A network answers NaN inputs with plausible scores (its ReLUs swallow them).
        answer[~sound] = np.nan
        return answer

    @cached_property
    def _predict(self) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
        measured = self._facts.get("half_precision", {})
        half = half_type() if measured else None
        if half is None or half not in measured:
            return self._predict_exact
        network = _part(self._model.input, self._heads)
        return compiled_half(network, self._predict_exact, half, measured[half])

    @cached_property
    def _predict_exact(self) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
        return self._compiled(self._heads)

    @cached_property
    def _predict_gate(self) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
        return compiled(_part({"metadata": self._model.input["metadata"]}, self._gate))

    @cached_property
    def _predict_embedding(self) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
        layer = self._model.get_layer(self._facts["embedding"])
        return self._compiled(layer.output)

    def _compiled(self, output: keras.KerasTensor) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
        """Compile the way from all inputs to an output."""
        whole = _part(self._model.input, output)
        if not any(layer.name == LOOK for layer in self._model.layers):
            return compiled(whole)
        return compiled(_behind_look(whole), before={"triplet": look})


def load(weights: str | os.PathLike[str] | None = None, *, threads: int | None = None) -> Scorer:
    """Load a network, once per process.

    Parameters
    ----------
    weights : path-like, optional
        A ``.keras`` file with its sidecar, or a folder with one. By default the network that
        ships with skysift, which was trained on simulation.
    threads : int, optional
        Cores to use, decided by the first call in a process; by default ``SKYSIFT_THREADS``, else
        what Spark gives a task, else all.

    Raises
    ------
    WeightsError
        If there are no such weights, or they differ from what their sidecar says.
    """
    _backend.start(threads)
    return load_once(_file(weights), Scorer)


def check_weights(weights: str | os.PathLike[str] | None = None) -> None:
    """Check that weights are there and whole, and can score alert packets, without loading them.

    Raises
    ------
    WeightsError
        If there are no such weights, they differ from what their sidecar says, or they need what
        no packet has.
    """
    read = read_weights(_file(weights))
    if "host" in read.facts.get("needs", ()):
        raise WeightsError(
            f"{read.path} needs host images, which no alert packet holds: judge it with `skysift "
            "evaluate btsbot` on a set that has them, or score in Python with score(…, host=…)"
        )


def _part(inputs: dict[str, keras.KerasTensor], output: keras.KerasTensor) -> keras.Model:
    """Cut a part out of a network, sharing its weights."""
    import keras

    return keras.Model(inputs, output)


def _behind_look(network: keras.Model) -> keras.Model:
    """Cut off what a network does to stamps up to the layer `networks.LOOK`."""
    import keras

    tensors = {**network.input, "triplet": network.get_layer(LOOK).output}
    inputs = {name: keras.Input(tensor.shape[1:], name=name) for name, tensor in tensors.items()}
    rest = keras.Model(list(tensors.values()), network.output)
    return keras.Model(inputs, rest(list(inputs.values())))


def _file(weights: str | os.PathLike[str] | None) -> str | os.PathLike[str]:
    return default_weights(Path(__file__).parent) if weights is None else weights


def _check(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}. Got: {array.shape}")


def _finite(rows: np.ndarray) -> np.ndarray:
    """Tell which rows (n, …) of float32 hold finite numbers only."""
    flat = np.ascontiguousarray(rows, np.float32).reshape(len(rows), math.prod(rows.shape[1:]))
    largest: np.ndarray = largest_bits(flat.view(np.int32))
    return largest < BEYOND
