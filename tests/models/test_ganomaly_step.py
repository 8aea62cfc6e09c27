"""A step of both networks, against optimisers by hand."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models.ganomaly import networks
from skysift.models.ganomaly.losses import discriminator_loss, generator_terms
from skysift.models.ganomaly.networks import DISCRIMINATOR, GENERATOR, INPUT
from skysift.models.ganomaly.restart import restart
from skysift.models.ganomaly.step import Pair, Rules, compiled_step

SIZES = {"side": 32, "channels": 1, "codes": 4, "width": 4}
WEIGHTS = {"adversarial": 1.0, "contextual": 50.0, "latent": 1.0}
RATES = (2e-4, 1e-3)


def pair_of(name="steady"):
    import keras

    keras.utils.set_random_seed(7)
    optimizers = [keras.optimizers.Adam(rate, beta_1=0.5) for rate in RATES]
    made = Pair(networks.build(name, **SIZES), networks.build(name, **SIZES), *optimizers)
    made.begin()
    return made


def images_of(seed=1, count=6):
    return np.random.default_rng(seed).uniform(-1, 1, (count, 32, 32, 1)).astype(np.float32)


def test_both_networks_move_by_gradients_of_their_own_losses_at_once():
    """Adam's first step is its rate against the gradient's sign, whatever its size."""
    import tensorflow as tf

    pair, images = pair_of(), images_of()
    parts = {name: pair.network.get_layer(name) for name in (GENERATOR, DISCRIMINATOR)}
    before = {n: [w.numpy() for w in part.trainable_variables] for n, part in parts.items()}
    state = pair.network.get_weights()
    with tf.GradientTape(persistent=True) as tape:
        answer = pair.network({INPUT: images}, training=True)
        terms = generator_terms(images, answer)
        losses = {
            GENERATOR: sum(WEIGHTS[name] * term for name, term in terms.items()),
            DISCRIMINATOR: discriminator_loss("hinge", answer["logit"], answer["logit_again"]),
        }
    gradients = {n: tape.gradient(losses[n], parts[n].trainable_variables) for n in parts}
    pair.network.set_weights(state)
    told = compiled_step(pair, Rules(WEIGHTS, "hinge"))(images, 0.0)
    assert told["loss"] == pytest.approx(float(losses[GENERATOR]), rel=1e-4)
    assert told["d_loss"] == pytest.approx(float(losses[DISCRIMINATOR]), rel=1e-4)
    for (name, part), rate in zip(parts.items(), RATES, strict=True):
        for old, gradient, new in zip(
            before[name], gradients[name], part.trainable_variables, strict=True
        ):
            clear = np.abs(gradient) > 1e-3  # where Adam's epsilon does not count
            moved = (new.numpy() - old)[clear]
            np.testing.assert_allclose(moved, -rate * np.sign(gradient)[clear], rtol=0.02)


def test_the_average_follows_what_learns():
    pair, images = pair_of(), images_of()
    step = compiled_step(pair, Rules(WEIGHTS, "hinge"))
    first = [shadow.numpy() for shadow, _ in pair.averaged]
    step(images, 0.75)
    for start, (shadow, live) in zip(first, pair.averaged, strict=True):
        np.testing.assert_allclose(shadow, 0.75 * start + 0.25 * live.numpy(), atol=1e-6)
    step(images, 0.0)
    for shadow, live in (*pair.averaged, *pair.copied):
        np.testing.assert_array_equal(shadow.numpy(), live.numpy())


@pytest.mark.parametrize("forget", [True, False])
def test_a_restart_draws_the_discriminator_anew_and_may_make_its_optimiser_forget(forget):
    pair, images = pair_of("ganomaly"), images_of()
    step = compiled_step(pair, Rules(WEIGHTS, "bce"))
    for _ in range(3):
        step(images, 0.0)
    made = [w.numpy() for w in pair.network.get_layer(GENERATOR).trainable_variables]
    restart(pair, seed=1, forget=forget)
    weights = {w.path: w.numpy() for w in pair.network.get_layer(DISCRIMINATOR).trainable_variables}
    for path, values in weights.items():
        middle = 1.0 if path.endswith("gamma") else 0.0
        assert abs(values.mean() - middle) < 0.03
        assert values.std() == pytest.approx(0.0 if path.endswith("beta") else 0.02, rel=0.5)
    for old, new in zip(made, pair.network.get_layer(GENERATOR).trainable_variables, strict=True):
        np.testing.assert_array_equal(old, new.numpy())
    assert float(pair.discriminator.learning_rate) == pytest.approx(RATES[1])
    assert (int(pair.discriminator.iterations) == 0) == forget
    assert int(pair.generator.iterations) == 3
    moments = [v.numpy() for v in pair.discriminator.variables if len(v.shape)]
    assert all((moment == 0).all() for moment in moments) == forget
    restart(pair, seed=1, forget=forget)  # the same step: the same draws
    for variable in pair.network.get_layer(DISCRIMINATOR).trainable_variables:
        np.testing.assert_array_equal(variable.numpy(), weights[variable.path])


def test_other_backends_are_refused(monkeypatch):
    import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(RuntimeError, match="learns on TensorFlow, but Keras runs on torch"):
        compiled_step(pair_of(), Rules(WEIGHTS, "hinge"))
