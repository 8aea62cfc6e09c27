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

BACKENDS = ("tensorflow", "jax")

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
    """Compile a step of both networks for the backend that Keras runs on.

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
        If Keras runs on a backend that we have no step for.
    """
    backend = keras.backend.backend()
    if backend not in BACKENDS:
        raise RuntimeError(
            f"GANomaly learns on {' or '.join(BACKENDS)}; Keras runs on {backend}: set "
            "KERAS_BACKEND to one of them"
        )
    return (_on_tensorflow if backend == "tensorflow" else _on_jax)(pair, rules)


def _on_tensorflow(pair: Pair, rules: Rules) -> Step:
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


def _on_jax(pair: Pair, rules: Rules) -> Step:
    import jax

    (first, _), (second, _) = pair.parts
    count = len(pair.parts[0][1])

    def losses(trainable, others, images):
        answer, others = pair.network.stateless_call(
            trainable, others, {INPUT: images}, training=True
        )
        return (*rules.losses(images, answer), others)

    @jax.jit
    def step(trainable, others, memories, shadows, images, decay):
        mine, theirs = trainable[:count], trainable[count:]

        def of_generator(weights):
            loss, _, told, changed = losses([*weights, *theirs], others, images)
            return loss, (told, changed)

        def of_discriminator(weights):
            return losses([*mine, *weights], others, images)[1]

        gradient, (told, others) = jax.grad(of_generator, has_aux=True)(mine)
        against = jax.grad(of_discriminator)(theirs)
        mine, of_first = first.stateless_apply(memories[0], gradient, mine)
        theirs, of_second = second.stateless_apply(memories[1], against, theirs)
        trainable = [*mine, *theirs]
        shadows = [new + decay * (old - new)
                   for old, new in zip(shadows, trainable, strict=True)]  # fmt: skip
        return trainable, others, (of_first, of_second), shadows, told

    def run(images: np.ndarray, decay: float) -> dict[str, float]:
        kept = (
            pair.network.trainable_variables, pair.network.non_trainable_variables,
            (first.variables, second.variables), [shadow for shadow, _ in pair.averaged],
        )  # fmt: skip
        *changed, told = step(*jax.tree.map(lambda one: one.value, kept), images, decay)
        jax.tree.map(lambda variable, value: variable.assign(value), kept, tuple(changed))
        for shadow, live in pair.copied:
            shadow.assign(live)
        return {name: float(value) for name, value in told.items()}

    return run
