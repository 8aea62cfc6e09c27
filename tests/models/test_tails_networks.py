"""Networks of Tails: counts of the published one as published; ours on any size, and moved along.

Parameters of `tails_v1` by part, and of its 128-px form: counted in the published code.
"""

from __future__ import annotations

import keras
import numpy as np
import pytest

from skysift.models.tails import networks
from skysift.models.tails.networks import INPUT, SHAPES, STAMPS, STRIDE, Maps, build
from skysift.models.tails.networks.blocks import fold
from skysift.models.tails.networks.heat_map import FRONT, FRONT_REACH, heat_map
from skysift.models.tails.networks.two_looks import FINDER, SECOND, second_look


def parameters(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


def answer(model, images):
    return np.asarray(model({INPUT: images}, training=False))


def small(binned=False):
    """Our network with few channels, its normalisations as after a training."""
    widths = (6, 8, 10, 12) if binned else (4, 6, 8, 10, 12)
    return as_after_training(build("heat_map", widths=widths, binned=binned))


def as_after_training(model):
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, _ = layer.get_weights()
            noise = rng.uniform(0.5, 1.5, gamma.shape)
            layer.set_weights([noise, beta + 0.1, mean - 0.1, noise])
    return model


@pytest.fixture(scope="module")
def of_128_px():
    """The published network on small tiles, with its defects and without."""
    return {
        published: build(
            "tails_v1", side=128, published_fusion=published, published_sigmoids=published
        )
        for published in (True, False)
    }


def test_the_published_network_has_the_published_number_of_parameters():
    model = build("tails_v1", published_fusion=True, published_sigmoids=True)
    assert model.count_params() == 3_954_204
    assert parameters(model.trainable_weights) == 3_908_988
    backbone = model.get_layer("efficientnetb0")
    assert backbone.count_params() == 3_634_844
    head = [layer for layer in model.layers if layer.name.startswith(("head_", "fc_out"))]
    assert sum(layer.count_params() for layer in head) == 119_296
    assert [tensor.shape[1:] for tensor in backbone.output] == [
        (32, 32, 40), (16, 16, 112), (8, 8, 320),
    ]  # fmt: skip


def test_it_answers_three_numbers_and_knows_sides_of_128_px_only(of_128_px, rng):
    for model in of_128_px.values():
        assert model.count_params() == 3_951_135
        numbers = answer(model, rng.normal(size=(2, 128, 128, 3)).astype(np.float32))
        assert numbers.shape == (2, 3)
        assert ((numbers >= 0) & (numbers <= 1)).all()
    with pytest.raises(ValueError, match=r"side must be a multiple of 128 px\. Got: 192"):
        build("tails_v1", side=192)


def test_the_published_fusion_loses_what_the_way_up_adds(of_128_px, rng):
    """With the wrong maps P4 to P6 do not depend on the last cell's way up; with ours they do."""
    x = rng.normal(size=(1, 128, 128, 3)).astype(np.float32)
    changed = {}
    for published, model in of_128_px.items():
        used = keras.Model(
            model.input, [model.get_layer(f"head_0_p{level}_bn").output for level in (4, 5, 6)]
        )
        before = [np.asarray(one) for one in used({INPUT: x})]
        for name in ("o4", "o5", "o6"):
            layer = model.get_layer(f"cell_2_{name}")
            layer.set_weights([weight + 0.5 for weight in layer.get_weights()])
        after = [np.asarray(one) for one in used({INPUT: x})]
        changed[published] = [not np.array_equal(*pair) for pair in zip(before, after, strict=True)]
    assert changed == {True: [False] * 3, False: [True] * 3}


def test_the_published_sigmoids_keep_what_goes_into_the_last_layer_between_0_and_1(of_128_px, rng):
    x = rng.normal(size=(1, 128, 128, 3)).astype(np.float32)
    for published, model in of_128_px.items():
        last = model.get_layer("head_out")
        last.set_weights([10 * last.get_weights()[0], np.full(1, -3.0)])
        numbers = answer(keras.Model(model.input, model.get_layer("fc_out").input), x)
        assert numbers.shape == (1, 341)
        assert (numbers.min() > 0) == published


@pytest.mark.parametrize(("height", "width"), [(64, 64), (32, 160), (256, 256)])
def test_ours_takes_any_size(height, width, rng):
    model = small()
    maps = answer(model, rng.normal(size=(1, height, width, 6)).astype(np.float32))
    assert maps.shape == (1, height // STRIDE, width // STRIDE, len(Maps))
    assert np.isfinite(maps).all()


def test_ours_begins_by_seeing_few_comets():
    model = build("heat_map")
    assert model.count_params() < 310_000
    heat = answer(model, np.zeros((1, 64, 64, 6), np.float32))[..., Maps.HEAT]
    np.testing.assert_allclose(1 / (1 + np.exp(-heat)), 0.003, rtol=0.1)


def test_ours_moves_with_the_image(rng):
    """Moved by 32 px, a cell of the coarsest maps, it answers four cells on, away from edges."""
    model = small()
    wide = rng.normal(size=(1, 544, 544, 6)).astype(np.float32)
    here, moved = (answer(model, wide[:, s : s + 512, s : s + 512]) for s in (0, 32))
    inner = slice(28, 36)  # cells that look at no edge, of either image
    there = slice(24, 32)
    np.testing.assert_allclose(here[:, inner, inner], moved[:, there, there], atol=1e-5, rtol=1e-4)
    assert np.ptp(here[:, inner, inner, Maps.HEAT]) > 0


@pytest.mark.parametrize("binned", [False, True])
def test_ours_looks_farther_than_a_coma_and_its_front_no_farther_than_it_says(binned, rng):
    model = small(binned)
    front = keras.Model(model.input, model.get_layer(FRONT).output)
    side = 256 if binned else 512
    x = rng.normal(size=(1, side, side, 6)).astype(np.float32)
    other = x.copy()
    other[:, side // 2, side // 2] += 100.0
    for network, least, most in ((front, 1, FRONT_REACH), (model, 100, 180)):
        changed = np.abs(answer(network, x) - answer(network, other)).max(axis=(0, 3)) > 0
        reach = np.abs(np.argwhere(changed) * STRIDE + STRIDE / 2 - 256).max()
        assert least <= reach <= most + STRIDE


@pytest.mark.parametrize("binned", [False, True])
def test_folded_it_says_the_same(binned, rng):
    model = small(binned)
    widths = (6, 8, 10, 12) if binned else (4, 6, 8, 10, 12)
    served = fold(model, heat_map(widths=widths, binned=binned, folded=True))
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in served.layers)
    x = rng.normal(size=(2, 96, 64, 6)).astype(np.float32)
    before = answer(model, x)
    np.testing.assert_allclose(answer(served, x), before, atol=1e-4)
    assert np.ptp(before) > 0.01


def test_both_looks_are_one_network_and_the_second_says_the_same_folded(rng):
    finder = {"planes": 6, "widths": (6, 8, 10, 12), "binned": True}
    both = build("two_looks", finder=finder, widths=(4, 6, 8, 10), stamp=64, shape=5)
    second = as_after_training(both.get_layer(SECOND))
    images = rng.normal(size=(1, 64, 32, 6)).astype(np.float32)
    stamps = rng.normal(size=(3, 64, 64, 6)).astype(np.float32)
    shapes = rng.normal(size=(3, 5)).astype(np.float32)
    told = both({INPUT: images, STAMPS: stamps, SHAPES: shapes}, training=False)
    np.testing.assert_allclose(told[FINDER], answer(both.get_layer(FINDER), images), atol=1e-6)
    assert told[SECOND].shape == (3, 1)
    shape = {"planes": 6, "widths": (4, 6, 8, 10), "stamp": 64, "shape": 5}
    served = fold(second, second_look(**shape, folded=True))
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in served.layers)
    again = served({STAMPS: stamps, SHAPES: shapes}, training=False)
    np.testing.assert_allclose(again, told[SECOND], atol=1e-4)
    assert np.ptp(again) > 0


def test_widths_must_be_as_many_as_there_are_sizes_of_cells():
    with pytest.raises(ValueError, match=r"widths must be 4 numbers of channels"):
        build("heat_map", binned=True)


def test_an_unknown_network_is_refused():
    with pytest.raises(ValueError, match=r"one of tails_v1, heat_map, two_looks\. Got: 'unet'"):
        build("unet")
    assert set(networks.settings_of("heat_map")) == {"planes", "widths", "binned", "folded"}
    assert INPUT == "images"
