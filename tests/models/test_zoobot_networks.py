"""Networks of Zoobot: numbers of parameters as published, and what they see of an image."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models.zoobot import networks
from skysift.models.zoobot.networks.answers import Answers
from skysift.models.zoobot.networks.view import View


@pytest.mark.parametrize(("side", "expected"), [(128, 1_335_394), (96, 876_642), (64, 548_962)])
def test_the_bayesian_cnn_has_the_published_parameters(side, expected):
    assert networks.build("bayesian_cnn", side=side).count_params() == expected


def test_dropout_comes_once_before_the_last_layer():
    model = networks.build("bayesian_cnn", stored=32, side=32)
    dropouts = [layer for layer in model.layers if "dropout" in type(layer).__name__.lower()]
    assert [(layer.name, layer.rate) for layer in dropouts] == [(networks.DROPOUT, 0.5)]
    assert dropouts[0].output.shape == (None, 128)


@pytest.mark.parametrize(
    ("name", "depth"),
    [("EfficientNetB0", 1.0), pytest.param("EfficientNetB1", 1.1, marks=pytest.mark.slow)],
)
def test_the_backbone_has_the_parameters_of_keras_own(name, depth):
    import keras

    theirs = getattr(keras.applications, name)(
        include_top=False, weights=None, input_shape=(64, 64, 3)
    )
    ours = networks.build(
        "efficientnet", stored=64, side=64, grey=False, depth=depth, answers=(3, 2)
    )
    # Theirs normalises colours first: two numbers a channel, and a count.
    assert ours.count_params() - 1281 * 5 == theirs.count_params() - 7


def test_a_small_one_is_smaller_and_answers_every_question():
    model = networks.build(
        "efficientnet", stored=32, side=32, width=0.25, depth=0.25, answers=(3, 2, 4)
    )
    alpha = np.asarray(model({"images": np.full((2, 32, 32, 3), 100.0, np.float32)}))
    assert alpha.shape == (2, 9)
    assert (alpha > 0).all()
    assert model.count_params() < 700_000


def test_fractions_sum_to_one_question_by_question():
    told = np.asarray(Answers("fractions", (3, 2))(np.random.default_rng(1).normal(0, 2, (4, 5))))
    np.testing.assert_allclose([told[:, :3].sum(1), told[:, 3:].sum(1)], 1.0, rtol=1e-6)


def test_what_cannot_be_built_is_refused():
    for settings, reason in (
        ({"side": 100}, "multiple of 16"),
        ({"pixels": "uint16"}, "pixels must be one of uint8, float32"),
        ({"zoom": (0.8, 1.2)}, "1 ≤ least ≤ largest"),
        ({"shift": 2.0}, "shift must lie between 0 and 1"),
        ({"kind": "odds"}, "head must be one of"),
        ({"answers": (3, 1)}, "two answers or more"),
    ):
        with pytest.raises(ValueError, match=reason):
            networks.build("bayesian_cnn", stored=128, **settings)


def blob(x, y, *, stored=65, sigma=2.5):
    rows, columns = np.indices((stored, stored))
    return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))[..., None]


def place(images):
    """Column and row of the light's centre, from the middle of the image [px]."""
    rows, columns = np.indices(images.shape[1:3]) - (np.array(images.shape[1:3]) - 1)[
        :, None, None
    ] / 2  # fmt: skip
    light = images[..., 0] / images[..., 0].sum(axis=(1, 2), keepdims=True)
    return (light * columns).sum(axis=(1, 2)), (light * rows).sum(axis=(1, 2))


def seen(view, images, *, training):
    return np.asarray(view(images.astype(np.float32), training=training), np.float64)


def test_without_chance_the_middle_is_seen_always_alike():
    view = View(32, zoom=(1.2, 1.35), shift=1.0, seed=1)
    image = np.stack([blob(42.0, 32.0)] * 2)
    first, again = (seen(view, image, training=False) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first[0], first[1])
    x, y = place(first)
    # 1.27 times as large, on 32 px instead of 65.
    zoom = np.sqrt(1.2 * 1.35)
    np.testing.assert_allclose([x[0], y[0]], [10 * zoom * 32 / 65, 0], atol=0.25)


def test_with_chance_each_image_is_turned_flipped_and_enlarged_on_its_own():
    view = View(65, zoom=(1.1, 1.3), brightness=0.0, contrast=0.0, seed=2)
    x, y = place(seen(view, np.stack([blob(44.0, 32.0)] * 200), training=True))
    far, angle = np.hypot(x, y), np.arctan2(y, x)
    assert far.min() > 12 * 1.1 - 0.4
    assert far.max() < 12 * 1.3 + 0.4
    assert far.std() > 0.5
    quadrants = np.histogram(angle, np.linspace(-np.pi, np.pi, 5))[0]
    assert (quadrants > 25).all()
    # Two blobs at a right angle: the second is left of the first as often as right of it.
    two = np.concatenate([blob(44.0, 32.0), 3 * blob(32.0, 42.0)], axis=-1)
    both = seen(view, np.stack([two] * 200), training=True)
    (x1, y1), (x2, y2) = place(both[..., :1]), place(both[..., 1:])
    hand = np.sign(x1 * y2 - y1 * x2)
    assert 60 < (hand > 0).sum() < 140
    np.testing.assert_allclose(x1 * x2 + y1 * y2, 0, atol=6)


def test_it_may_look_off_the_middle_and_draws_anew_each_time():
    view = View(65, zoom=(1.5, 1.5), shift=1.0, brightness=0.0, contrast=0.0, seed=3)
    images = np.stack([blob(32.0, 32.0)] * 100)
    x, y = place(seen(view, images, training=True))
    # A third of 65 px is not shown: the middle may lie 10.8 px off each way, enlarged 1.5 times.
    assert 14 < np.hypot(x, y).max() < 10.84 * np.sqrt(2) * 1.5
    again, _ = place(seen(view, images, training=True))
    assert not np.allclose(x, again)


def test_light_is_changed_by_a_little_and_by_image():
    view = View(32, zoom=(1.0, 1.0), brightness=0.1, contrast=0.2, seed=4)
    images = np.full((300, 32, 32, 1), 0.5)
    level = seen(view, images, training=True).mean(axis=(1, 2, 3)) - 0.5
    assert np.abs(level).max() <= 0.1001
    assert level.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.2)
    round_one = np.stack([blob(15.5, 15.5, stored=32)] * 300)
    spread = seen(view, round_one, training=True).std(axis=(1, 2, 3)) / round_one[0].std()
    assert 0.78 < spread.min() < 0.85
    assert 1.15 < spread.max() < 1.22


def test_pixels_are_scaled_and_made_grey_in_the_network():
    rng = np.random.default_rng(5)
    images = rng.integers(0, 256, (3, 32, 32, 3)).astype(np.float32)
    grey = images.mean(axis=-1, keepdims=True).repeat(3, axis=-1)
    stored = networks.build("bayesian_cnn", stored=32, side=32, features=8)
    unit = networks.build("bayesian_cnn", stored=32, side=32, features=8, pixels="float32")
    unit.set_weights(stored.get_weights())
    told = np.asarray(stored({"images": images}))
    np.testing.assert_allclose(np.asarray(stored({"images": grey})), told, atol=1e-4)
    np.testing.assert_allclose(np.asarray(unit({"images": images / 255})), told, atol=1e-4)
