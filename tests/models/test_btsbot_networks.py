"""The networks: sizes from the paper and from counting by hand; behaviour from their docstrings."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from skysift.models.btsbot import networks
from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.networks import build
from skysift.models.btsbot.networks.compact import POSITION, feature_statistics
from skysift.models.btsbot.networks.cost import multiply_accumulates

SMALL = {"mm_cnn_small": {"side": 3}, "um_cnn_small": {"side": 3}}
"""As they are meant: for crops. At 63 pixels they are large."""

FUSED = {
    "image": {"name": "um_cnn_small", "settings": {"side": 5, "channels": [4, 4]}},
    "metadata": {"name": "um_nn", "settings": {}},
}

SETTINGS = {**{name: {} for name in networks.NAMES}, **SMALL, "frozen_fusion": FUSED}


def inputs(model: keras.Model, rng: np.random.Generator, n: int = 5) -> dict[str, np.ndarray]:
    shapes = {name: tensor.shape[1:] for name, tensor in model.input.items()}
    made = {
        "triplet": lambda: rng.normal(size=(n, *shapes["triplet"])) / 63,
        "metadata": lambda: rng.uniform(0, 20, (n, 25)),
    }
    return {name: made[name]().astype(np.float32) for name in shapes}


def test_the_published_network_has_the_published_number_of_parameters():
    model = build("mm_cnn")
    assert model.count_params() == 227_861
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 227_811


def test_the_published_network_keeps_the_names_of_its_variables():
    layers = ["conv1", "conv2", "conv3", "conv4", "meta_fc1", "meta_fc2", "comb_fc", "fc_out"]
    expected = {f"{layer}/{kind}" for layer in layers for kind in ("kernel", "bias")}
    kinds = ("gamma", "beta", "moving_mean", "moving_variance")
    expected |= {f"batch_normalization/{kind}" for kind in kinds}
    assert {weight.path for weight in build("mm_cnn").weights} == expected


@pytest.mark.parametrize(
    ("name", "settings", "parameters"),
    [
        # 64, 64, 16, 16 channels of 3 × 3, then 7 · 7 · 16 pixels to 128 to 1.
        ("um_cnn", {}, 1792 + 36928 + 9232 + 2320 + (784 * 128 + 128) + 129),
        # The published crop of 3 pixels, without the pooling that cannot take it.
        ("um_cnn_small", {"side": 3}, 1792 + 36928 + 9232 + 2320 + (144 * 128 + 128) + 129),
        ("mm_cnn_small", {"side": 3}, 181_792 + 100 + 3328 + 16512 + (576 + 128) * 8 + 8 + 9),
        ("um_nn", {}, 100 + (25 * 64 + 64) + 2 * (64 * 64 + 64) + 65),
    ],
)
def test_variants_have_the_parameters_that_their_layers_add_up_to(name, settings, parameters):
    assert build(name, **settings).count_params() == parameters


def test_cost_is_what_counting_by_hand_gives():
    # Convolutions on 63² twice and on 31² twice; dense layers.
    image = 63**2 * 25 * (3 * 32 + 32 * 32) + 31**2 * 25 * (32 * 64 + 64 * 64)
    dense = 25 * 128 + 128 * 128 + (7 * 7 * 64 + 128) * 8 + 8
    assert multiply_accumulates(build("mm_cnn")) == image + dense
    assert image + dense == pytest.approx(258.7e6, rel=1e-3)  # as published
    assert multiply_accumulates(build("um_nn")) == 25 * 64 + 2 * 64 * 64 + 64


def test_ours_costs_what_counting_by_hand_gives_and_less_than_its_budget():
    sides, channels = (32, 16, 8), (16, 32, 48)
    image = sides[0] ** 2 * 25 * 3 * channels[0]
    image += sides[1] ** 2 * 9 * channels[0] * channels[1]
    image += sides[2] ** 2 * 9 * channels[2] * (channels[1] + channels[2])
    image += sides[2] ** 2 * channels[2]
    dense = 46 * 64 + 64 * 64 + (48 + 64) * 32 + 32 * 128 + 8 * 16
    assert multiply_accumulates(build("compact")) == image + dense <= 20e6


def test_a_layer_of_unknown_cost_is_not_taken_for_free():
    x = keras.Input((8, 4))
    with pytest.raises(ValueError, match="cost of a Conv1D is not known"):
        multiply_accumulates(keras.Model(x, keras.layers.Conv1D(2, 3)(x)))


@pytest.mark.parametrize("name", networks.NAMES)
def test_every_network_scores_alone_as_in_company_and_names_its_embedding(name, rng):
    model = build(name, **SETTINGS[name])
    x = inputs(model, rng, 5)
    scores = np.asarray(model(x))
    heads = 8 if name == "compact" else 1
    assert scores.shape == (5, heads)
    assert ((scores > 0) & (scores < 1)).all()
    alone = model({key: values[3:4] for key, values in x.items()})
    np.testing.assert_allclose(alone, scores[3:4], atol=1e-6)
    logit = model.get_layer(networks.LOGIT)
    embedding = model.get_layer(networks.EMBEDDING[name])
    assert isinstance(embedding, keras.layers.Dense)
    assert [layer.name for layer in model.layers].index(logit.name) > model.layers.index(embedding)


def test_an_unknown_network_and_a_crop_too_small_are_refused():
    with pytest.raises(ValueError, match=r"one of mm_cnn, .*\. Got: 'resnet'"):
        build("resnet")
    with pytest.raises(ValueError, match=r"at least 8 pixels .*small forms have none\. Got: 3"):
        build("um_cnn", side=3)


def test_an_image_only_convnext_has_no_metadata():
    assert list(build("convnext", metadata=False, depths=(1, 1, 1)).input) == ["triplet"]


def test_a_fusion_learns_in_its_head_only():
    names = {
        weight.path.split("/")[0] for weight in build("frozen_fusion", **FUSED).trainable_weights
    }
    assert names == {"comb_fc", "head_fc", "fc_out"}


def test_ours_does_not_look_at_the_position_nor_at_the_scale_of_a_stamp(rng):
    model = build("compact")
    x = inputs(model, rng)
    before = np.asarray(model(x))
    for name in POSITION:
        x["metadata"][:, FEATURES.index(name)] += 90
    np.testing.assert_array_equal(model(x), before)
    x["triplet"] = x["triplet"] * 1000
    np.testing.assert_allclose(model(x), before, atol=1e-4)
    x["metadata"][:, FEATURES.index("magpsf")] += 9
    assert np.abs(np.asarray(model(x)) - before).max() > 1e-4


def test_ours_reads_a_sentinel_as_missing_whatever_its_value(rng):
    model = build("compact")
    x = inputs(model, rng)
    column = FEATURES.index("sgscore2")
    scores = []
    for value in (-999.0, -99.0, -9999.0, 0.5):
        x["metadata"][:, column] = value
        scores.append(np.asarray(model(x)))
    np.testing.assert_array_equal(scores[0], scores[1])
    np.testing.assert_array_equal(scores[0], scores[2])
    assert np.abs(scores[0] - scores[3]).max() > 1e-4


def test_statistics_of_features_matter_and_leave_out_what_is_missing(rng):
    metadata = rng.uniform(1, 20, (50, 25)).astype(np.float32)
    metadata[::7, FEATURES.index("sgscore2")] = -999.0
    metadata[:, 0], metadata[:, 1] = 0.5, -999.0  # never varies; is never there
    mean, variance = feature_statistics(metadata)
    known = metadata[:, 2][metadata[:, 2] > 0].astype(float)
    assert mean[2] == pytest.approx(np.log1p(known).mean())
    assert variance[2] == pytest.approx(np.log1p(known).var())
    assert (mean[1], variance[:2]) == (0.0, [1.0, 1.0])
    model, plain = build("compact", mean=mean, variance=variance), build("compact")
    plain.set_weights(model.get_weights())
    x = inputs(model, rng)
    assert np.abs(np.asarray(plain(x)) - np.asarray(model(x))).max() > 1e-3
