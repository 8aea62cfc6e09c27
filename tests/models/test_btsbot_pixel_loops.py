"""Loops over pixels; truth: numpy's and SciPy's own arithmetic, in float64."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models.btsbot._pixel_loops import BEYOND, count_negative, largest_bits, products
from skysift.models.btsbot.front import look
from skysift.models.btsbot.networks import LOOK, build


@pytest.fixture
def triplet() -> np.ndarray:
    """Stamps with a bright source, of very different scales, one of them constant."""
    rng = np.random.default_rng(3)
    stamps = rng.normal(size=(5, 63, 63, 3)) * 10.0 ** rng.integers(-6, 6, size=(5, 1, 1, 3))
    stamps[:, 30:33, 30:33] *= 300
    stamps[4, :, :, 1] = 7
    return stamps.astype(np.float32)


def test_compressing_is_what_its_formula_says(triplet):
    exact = triplet.astype(np.float64)
    centred = exact - exact.mean(axis=(1, 2), keepdims=True)
    scatter = np.sqrt((centred**2).mean(axis=(1, 2), keepdims=True)) + 1e-7
    standard = centred / scatter
    expected = np.sign(standard) * np.log1p(np.abs(standard))
    np.testing.assert_allclose(look(triplet), expected, rtol=0, atol=2e-5)


def test_the_network_s_own_layers_say_the_same(triplet):
    import keras

    network = build("compact")
    whole = keras.Model(network.input["triplet"], network.get_layer(LOOK).output)
    np.testing.assert_allclose(look(triplet), whole(triplet), rtol=0, atol=2e-5)


@pytest.mark.parametrize("side", [1, 21, 63])
def test_stamps_of_any_side_are_compressed(triplet, side):
    window = np.ascontiguousarray(triplet[:, :side, :side])
    assert look(window).shape == window.shape
    assert np.isfinite(look(window)).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 17, 99])
def test_one_pixel_without_a_number_is_found(value, place):
    rows = np.full((3, 100), -3e38, dtype=np.float32)
    rows[1, place] = value
    assert (largest_bits(rows.view(np.int32)) < BEYOND).tolist() == [True, False, True]


def test_negative_pixels_are_counted(triplet):
    triplet[0, 0, 0] = -0.0  # is not below zero
    counts = count_negative(triplet.reshape(5, -1, 3))
    np.testing.assert_array_equal(counts, (triplet < 0).sum(axis=(1, 2)))


@pytest.mark.parametrize(("start", "side"), [(21, 21), (0, 63)])
def test_products_of_stamps_without_their_means(triplet, start, side):
    rows = np.array([3, 1])
    window = triplet[rows, start : start + side, start : start + side].astype(np.float64)
    stamps = window.reshape(2, -1, 3)
    stamps = stamps - stamps.mean(axis=1, keepdims=True)
    s, t, d = np.moveaxis(stamps, 2, 0)
    expected = np.stack([s * s, s * t, s * d, t * t, t * d, d * d], axis=-1).sum(axis=1)
    scale = np.sqrt(expected[:, [0, 0, 0, 3, 3, 5]] * expected[:, [0, 3, 5, 3, 5, 5]])
    found = products(triplet, rows, start, side)
    np.testing.assert_allclose(found / scale, expected / scale, rtol=0, atol=1e-9)
