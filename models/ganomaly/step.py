"""One step of both networks, compiled: forwards once, two gradients, two optimisers, the average.

Both gradients are taken before either network moves, as published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras
import numpy as np

from skysift.models.ganomaly.losses import discriminator_loss, generator_terms, telling
from skysift.models.ganomaly.networks import DISCRIMINATOR, GENERATOR, INPUT

Step = Callable[[np.ndarray, float], dict[str, float]]


@dataclass(frozen=True)
class Rules:
    """What a step goes by.

    Attributes
    ----------
    weights : mapping of str to float
        Of the generator's terms, see `losses.TERMS`.
    loss : str
        Of the discriminator, one of `losses.KINDS`.
    """

    weights: Mapping[str, float]
    loss: str

    def losses(self, images, answer) -> tuple:
        """Return the generator's loss, the discriminator's, and all that is told, by name."""
        terms = generator_terms(images, answer)
        generator = sum(self.weights[name] * term for name, term in terms.items())
        real, fake = answer["logit"], answer["logit_again"]
        discriminator = discriminator_loss(self.loss, real, fake)
        told = {"loss": generator, **terms, "d_loss": discriminator, **telling(real, fake)}
        return generator, discriminator, told


@dataclass(frozen=True)
class Pair:
    """Two networks that learn from each other, and their average.

    Attributes
    ----------
    network : keras.Model
        That learns.
    served : keras.Model
        The same, made for scoring: its weights are a running average.
    generator, discriminator : keras.Optimizer
    """

    network: keras.Model
    served: keras.Model
    generator: keras.Optimizer
    discriminator: keras.Optimizer

    @property
    def parts(self) -> list[tuple[keras.Optimizer, list[keras.Variable]]]:
        """Each optimiser and what it changes; generator first."""
        return [
            (optimizer, self.network.get_layer(name).trainable_variables)
            for optimizer, name in (
                (self.generator, GENERATOR), (self.discriminator, DISCRIMINATOR),
            )
        ]  # fmt: skip

    @property
    def averaged(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """What is averaged: a weight of `served` and the one that learns."""
        pairs = zip(self.served.trainable_variables, self.network.trainable_variables, strict=True)
        return list(pairs)

    @property
    def copied(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """What scoring needs besides, and is not averaged."""
        theirs = self.served.non_trainable_variables
        return (
            list(zip(theirs, self.network.non_trainable_variables, strict=True)) if theirs else []
        )

    def begin(self) -> None:
        """Make the optimisers' memories; let the average begin where the network does."""
        for optimizer, variables in self.parts:
            optimizer.build(variables)
        for shadow, live in (*self.averaged, *self.copied):
            shadow.assign(live)


def compiled_step(pair: Pair, rules: Rules) -> Step:
    """Compile a step of both networks.

    Returns
    -------
    callable
        Takes images (b, side, side, channels), float32, b the same each time, and the decay of the
        running average, in [0, 1); 0 keeps the newest weights. Changes the pair; returns ``loss``,
        ``adversarial``, ``contextual``, ``latent``, ``d_loss``, ``d_spread`` and ``d_gap`` of this
        batch, before the step.

    Raises
    ------
    RuntimeError
        If Keras does not run on TensorFlow.
    """
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise RuntimeError(
            f"GANomaly learns on TensorFlow, but Keras runs on {backend}: unset KERAS_BACKEND"
        )
    import tensorflow as tf

    @tf.function
    def step(images, decay):
        with tf.GradientTape(persistent=True) as tape:
            answer = pair.network({INPUT: images}, training=True)
            generator, discriminator, told = rules.losses(images, answer)
        gradients = [
            tape.gradient(loss, variables)
            for loss, (_, variables) in zip((generator, discriminator), pair.parts, strict=True)
        ]
        for gradient, (optimizer, variables) in zip(gradients, pair.parts, strict=True):
            optimizer.apply(gradient, variables)
        for shadow, live in pair.averaged:
            shadow.assign(live + decay * (shadow - live))
        for shadow, live in pair.copied:
            shadow.assign(live)
        return told

    def run(images: np.ndarray, decay: float) -> dict[str, float]:
        told = step(tf.constant(images), tf.constant(decay, tf.float32))
        return {name: float(value) for name, value in told.items()}

    return run
