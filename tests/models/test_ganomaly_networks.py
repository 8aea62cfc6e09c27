"""Networks of GANomaly: the published counts, losses by hand, and what ours promises.

Numbers of parameters: of the published code with images of 64 px, three channels, 128 codes.
"""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from skysift.models.ganomaly import networks
from skysift.models.ganomaly.losses import discriminator_loss, generator_terms, telling
from skysift.models.ganomaly.networks import DISCRIMINATOR, GENERATOR, INPUT, OUTPUTS, build
from skysift.models.ganomaly.networks.measures import MEASURES, MEMORY, measures, remembering
from skysift.models.ganomaly.networks.spectral import SpectralConv2D

SMALL = {"side": 32, "channels": 2, "codes": 6, "width": 8}


def counted(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def answer(model, images, **how):
    return {name: np.asarray(value) for name, value in model({INPUT: images}, **how).items()}


def shaken(model):
    """Give a network's normalisations and biases other numbers than those they begin with."""
    rng = np.random.default_rng(3)
    for weight in model.trainable_weights:
        if weight.name in ("gamma", "beta", "bias"):
            weight.assign(weight.numpy() + rng.uniform(-0.3, 0.3, weight.shape))
    return model


def images_of(rng, count=5, side=32, channels=2):
    smooth = rng.uniform(-1, 1, (count, side // 8, side // 8, channels))
    return np.kron(smooth, np.ones((1, 8, 8, 1))).astype(np.float32)


def test_the_published_networks_have_the_published_numbers_of_parameters():
    model = build("ganomaly")
    maker = model.get_layer(GENERATOR)
    assert counted(maker) == 11_417_984
    assert counted(model.get_layer(DISCRIMINATOR)) == 2_765_568
    parts = {name: counted(maker.get_layer(name)) for name in ("encoder", "decoder")}
    assert parts == {"encoder": 3_805_952, "decoder": 3_806_080}
    assert counted(maker.get_layer("encoder_again")) == 3_805_952
    assert model.output["features"].shape == (None, 4, 4, 512)
    assert tuple(model.output) == OUTPUTS


def test_the_published_networks_begin_as_published():
    model = build("ganomaly", **{**SMALL, "width": 32})
    kernels = [w.numpy() for w in model.trainable_weights if w.name == "kernel"]
    gammas = np.concatenate([w.numpy() for w in model.trainable_weights if w.name == "gamma"])
    assert {w.name for w in model.trainable_weights} == {"kernel", "gamma", "beta"}  # no bias
    for kernel in kernels:
        assert abs(kernel.mean()) < 5 * 0.02 / math.sqrt(kernel.size)
        assert kernel.std() == pytest.approx(0.02, rel=5 / math.sqrt(kernel.size))
    assert (gammas.mean(), gammas.std()) == (pytest.approx(1, abs=0.005), pytest.approx(0.02, 0.2))


@pytest.mark.parametrize("name", networks.NAMES)
def test_any_number_of_channels_and_any_power_of_two_will_do(name, rng):
    for side, channels, extra in ((32, 1, 1), (64, 5, 0)):
        model = build(name, side=side, channels=channels, codes=7, width=8, extra=extra)
        told = answer(model, images_of(rng, 2, side, channels))
        assert told["reconstruction"].shape == (2, side, side, channels)
        assert np.abs(told["reconstruction"]).max() <= 1
        assert told["code"].shape == told["code_again"].shape == (2, 7)
        assert told["features"].shape == (2, 4, 4, side)
        assert told["logit"].shape == (2, 1)


@pytest.mark.parametrize("name", networks.NAMES)
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"side": 48}, r"side must be a power of two, 32 or more \[px\]\. Got: 48; .* 32 or 64"),
        ({"side": 96}, "so 64 or 128 will do"),
        ({"side": 16}, "so 32 will do"),
        ({"channels": 0}, "channels must be 1 or more. Got: 0"),
        ({"extra": -1}, "extra must be 0 or more. Got: -1"),
    ],
)
def test_what_cannot_be_built_is_said_before_anything_is(name, settings, reason):
    with pytest.raises(ValueError, match=reason):
        build(name, **settings)


@pytest.mark.parametrize("name", networks.NAMES)
def test_scored_an_image_does_not_depend_on_its_batch(name, rng):
    extra = {"per_image": True} if name == "ganomaly" else {}
    model = remembering(shaken(build(name, **SMALL, **extra)), 20)
    model.get_layer(MEMORY).set_weights([rng.normal(size=(20, 6))])
    scores = measures(model)
    images = images_of(rng, 7)
    images[3] = -1  # one with nothing on it beside the others
    together = np.asarray(scores({INPUT: images}, training=False))
    assert together.shape == (7, len(MEASURES))
    for i in range(7):
        alone = np.asarray(scores({INPUT: images[i : i + 1]}, training=False))
        np.testing.assert_allclose(alone[0], together[i], rtol=1e-5, atol=1e-7)
    assert (np.ptp(together, axis=0) > 0).all()


def test_image_by_image_is_what_the_published_code_does_with_batches_of_one(rng):
    learner = shaken(build("ganomaly", **SMALL))
    scoring = build("ganomaly", **SMALL, per_image=True)
    for mine, theirs in zip(scoring.trainable_variables, learner.trainable_variables, strict=True):
        mine.assign(theirs)
    images = images_of(rng, 3)
    scored = answer(scoring, images, training=False)
    for i in range(3):
        published = answer(learner, images[i : i + 1], training=True)
        for name in OUTPUTS:
            np.testing.assert_allclose(scored[name][i], published[name][0], rtol=1e-3, atol=1e-5)


def test_ours_sees_contrast(rng):
    """An image and one of half its contrast have other codes; without biases they would not."""
    model = shaken(build("steady", **SMALL))
    image = images_of(rng, 1)
    whole, half = (answer(model, image * factor)["code"] for factor in (1, 0.5))
    assert np.abs(whole - half).max() > 0.02 * np.abs(whole).max()


def test_a_spectral_convolution_divides_by_the_largest_singular_value(rng):
    layer = SpectralConv2D(5, 3, padding="same")
    images = rng.normal(size=(2, 8, 8, 4)).astype(np.float32)
    layer.build(images.shape)
    layer.kernel.assign(rng.normal(size=layer.kernel.shape))
    for _ in range(60):  # the power method converges
        layer(images, training=True)
    largest = np.linalg.svd(layer.kernel.numpy().reshape(-1, 5), compute_uv=False)[0]
    plain = keras.ops.conv(images, layer.kernel, padding="same")
    np.testing.assert_allclose(np.asarray(layer(images)) * largest, plain, rtol=1e-3, atol=1e-3)
    before = layer.direction.numpy()
    layer(images)
    np.testing.assert_array_equal(layer.direction.numpy(), before)  # scoring changes nothing


def test_what_is_asked_of_the_generator_by_hand(rng):
    one, two = rng.normal(size=(2, 3, 4, 4, 1)).astype(np.float32)
    told = {
        "reconstruction": two, "code": one[:, 0, 0], "code_again": two[:, 0, 0], "features": one,
        "features_again": two,
    }  # fmt: skip
    terms = generator_terms(one, told)
    assert float(terms["contextual"]) == pytest.approx(np.abs(one - two).mean(), rel=1e-6)
    assert float(terms["adversarial"]) == pytest.approx(((one - two) ** 2).mean(), rel=1e-6)
    assert float(terms["latent"]) == pytest.approx(((one - two)[:, 0, 0] ** 2).mean(), rel=1e-6)


@pytest.mark.parametrize(
    ("kind", "real", "fake", "loss"),
    [
        ("bce", 0.0, 0.0, math.log(2)),
        ("bce", 200.0, 200.0, 50.0),  # the published log of a dead discriminator reads 50.000
        ("bce", -200.0, -200.0, 50.0),
        ("logits", 200.0, 200.0, 100.0),
        ("hinge", 3.0, -3.0, 0.0),
        ("hinge", 0.25, 0.25, 1.0),
    ],
)
def test_what_is_asked_of_the_discriminator_by_hand(kind, real, fake, loss):
    logits = [np.full((4, 1), value, np.float32) for value in (real, fake)]
    assert float(discriminator_loss(kind, *logits)) == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize("kind", ["bce", "logits", "hinge"])
def test_only_the_published_loss_stops_teaching_when_it_is_wrong(kind):
    import tensorflow as tf

    logit = tf.Variable(np.full((4, 1), 120.0, np.float32))
    with tf.GradientTape() as tape:
        loss = discriminator_loss(kind, logit, logit)  # images and reconstructions: surely images
    gradient = tape.gradient(loss, logit).numpy()
    assert np.isfinite(gradient).all()
    assert (np.abs(gradient).max() > 0) == (kind != "bce")


def test_the_spread_of_a_discriminator_tells_whether_it_tells_anything():
    sure = np.full((4, 1), 90.0, np.float32)
    told = {name: float(value) for name, value in telling(sure, -sure).items()}
    assert told == {"d_spread": pytest.approx(0.5), "d_gap": pytest.approx(1.0)}
    dead = {name: float(value) for name, value in telling(-sure, -sure).items()}
    assert dead == {"d_spread": pytest.approx(0, abs=1e-20), "d_gap": pytest.approx(0, abs=1e-20)}


def test_distances_are_those_to_the_two_nearest_codes(rng):
    model = remembering(build("steady", **SMALL), 30)
    codes = rng.normal(size=(30, 6)).astype(np.float32)
    model.get_layer(MEMORY).set_weights([codes])
    told = answer(model, images_of(rng, 4))
    apart = np.sqrt(((told["code"][:, None] - codes) ** 2).mean(axis=2))
    expected = np.sort(apart, axis=1)[:, :2].mean(axis=1)
    np.testing.assert_allclose(told["distance"][:, 0], expected, rtol=1e-5)


def test_an_unknown_network_is_refused():
    with pytest.raises(ValueError, match=r"one of ganomaly, steady\. Got: 'gan'"):
        build("gan")
