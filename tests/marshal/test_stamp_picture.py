"""Stamps as PNG, read back by Pillow, pixel by pixel; zscale's limits are held to astropy's."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.visualization import ZScaleInterval
from PIL import Image

from skysift.marshal.stamp_picture import HATCH_COLOURS, STRETCHES, stamp_png
from skysift.marshal.zscale import zscale_limits

RNG = np.random.default_rng(11)
SKY = RNG.normal(100, 3, (63, 63)).astype(np.float32)


def star(shape: tuple[int, int], peak: float, noise: float = 3.0) -> np.ndarray:
    y, x = np.indices(shape)
    away = (y - shape[0] // 2) ** 2 + (x - shape[1] // 2) ** 2
    return RNG.normal(100, noise, shape) + peak * np.exp(-away / 8)


def drawn(stamp: np.ndarray, **settings) -> np.ndarray:
    """Return red, green and blue of each pixel of the picture, int (rows, columns, 3)."""
    image = Image.open(io.BytesIO(stamp_png(stamp, **settings)))
    assert image.format == "PNG"
    return np.asarray(image.convert("RGB")).astype(int)


def hatched(picture: np.ndarray) -> np.ndarray:
    return (picture[:, :, None] == np.array(HATCH_COLOURS)).all(axis=-1).any(axis=-1)


@pytest.mark.parametrize("stretch", STRETCHES)
def test_brighter_pixels_are_never_drawn_darker(stretch):
    stamp = star((63, 63), 500.0).astype(np.float32)
    grey = drawn(stamp, stretch=stretch, side=63)[::-1, :, 0]
    in_order = grey.ravel()[np.argsort(stamp.ravel())]
    assert (np.diff(in_order) >= 0).all()
    assert grey[31, 31] == 255
    assert np.median(grey) < 150, "the sky must leave room for what stands upon it"


@pytest.mark.parametrize("stretch", STRETCHES)
def test_noise_alone_is_neither_black_nor_white(stretch):
    grey = drawn(SKY, stretch=stretch)[..., 0]
    assert 50 < grey.mean() < 200


def test_linear_runs_from_the_smallest_value_to_the_largest():
    picture = drawn(np.array([[0.0, 1.0, 2.0]], dtype=np.float32), stretch="linear", side=3)
    assert picture[0, :, 0].tolist() == [0, pytest.approx(127.5, abs=1), 255]


def test_the_first_row_is_drawn_at_the_bottom_and_the_first_column_at_the_left():
    stamp = np.zeros((3, 3), dtype=np.float32)
    stamp[0, 0] = 1
    grey = drawn(stamp, stretch="linear", side=3)[..., 0]
    assert np.argwhere(grey == 255).tolist() == [[2, 0]]


def test_a_pixel_becomes_a_square_of_one_shade():
    grey = drawn(SKY, side=189)[..., 0]
    squares = grey.reshape(63, 3, 63, 3)
    assert (squares == squares[:, :1, :, :1]).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -3.4e38, 3.4e38])
@pytest.mark.parametrize("stretch", STRETCHES)
def test_what_has_no_value_is_hatched_and_changes_no_other_pixel(value, stretch):
    whole, damaged = SKY.copy(), SKY.copy()
    whole[:4] = SKY[4:8]
    damaged[:4] = value
    marked = hatched(drawn(damaged, stretch=stretch))
    assert marked[-12:].all()
    assert not marked[:-12].any()
    grey = drawn(damaged, stretch=stretch)[:-12]
    assert np.abs(grey - drawn(whole, stretch=stretch)[:-12]).mean() < 12


@pytest.mark.parametrize("stretch", STRETCHES)
def test_a_stamp_without_any_value_is_all_hatched_in_two_colours(stretch):
    picture = drawn(np.full((63, 63), np.nan, dtype=np.float32), stretch=stretch)
    assert hatched(picture).all()
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) == 2


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("value", [0.0, -7.5, 1e29])
def test_a_constant_stamp_is_one_shade(stretch, value):
    picture = drawn(np.full((63, 63), value, dtype=np.float32), stretch=stretch)
    assert len(np.unique(picture)) == 1


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((1, 1), (189, 189)),
        ((2, 3), (126, 189)),
        ((63, 20), (189, 60)),
        ((1, 5000), (1, 189)),
        ((1000, 900), (189, 170)),
        ((63, 63), (189, 189)),
    ],
)
@pytest.mark.parametrize("stretch", STRETCHES)
def test_the_longer_side_is_as_asked_and_the_shape_is_kept(shape, size, stretch):
    stamp = RNG.normal(size=shape).astype(np.float32)
    assert drawn(stamp, stretch=stretch).shape == (*size, 3)


def test_a_large_stamp_is_averaged():
    stamp = np.kron(np.array([[0, 1], [2, 3]]), np.ones((100, 100))).astype(np.float32)
    stamp += np.tile([[-0.5, 0.5], [0.5, -0.5]], (100, 100))  # gone, in the mean
    grey = drawn(stamp, stretch="linear", side=20)[..., 0]
    assert sorted(np.unique(grey)) == [0, 85, 170, 255]


def test_the_widest_float32_range_overflows_nothing():
    stamp = np.full((8, 8), -9e29, dtype=np.float32)
    stamp[4:] = 9e29
    for stretch in STRETCHES:
        grey = drawn(stamp, stretch=stretch, side=8)[..., 0]
        assert grey[0, 0] > grey[7, 0]


@pytest.mark.parametrize(
    ("stamp", "settings", "words"),
    [
        (SKY, {"stretch": "gamma"}, "one of: zscale, asinh, log, linear. Got: 'gamma'"),
        (SKY, {"side": 0}, "side must be 1 px or more. Got: 0"),
        (SKY[0], {}, r"rows and columns. Got: shape \(63,\)"),
        (SKY[:0], {}, r"rows and columns. Got: shape \(0, 63\)"),
    ],
)
def test_what_cannot_be_drawn_is_refused(stamp, settings, words):
    with pytest.raises(ValueError, match=words):
        stamp_png(stamp, **settings)


@pytest.mark.parametrize(
    "values",
    [
        star((30, 31), 2000.0).ravel(),
        star((31, 30), 20.0).ravel(),
        star((30, 30), -300.0).ravel(),
        RNG.exponential(size=900),
        np.r_[np.zeros(500), np.ones(100)],
        np.r_[RNG.normal(size=400), 1e20, -1e20],
        np.full(900, 3.0),
        np.arange(4.0),
        np.array([5.0]),
    ],
)
def test_zscale_finds_the_limits_that_astropy_finds(values):
    np.testing.assert_allclose(
        zscale_limits(values), ZScaleInterval().get_limits(values), rtol=1e-6, atol=1e-9
    )
