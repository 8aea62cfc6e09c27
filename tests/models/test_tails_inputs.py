"""Inputs of Tails: numpy, slowly, is the truth; what is missing leaves the rest alone."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models.tails import inputs, tiling
from tests.models.tails_frames import make_images


def stamps(rng, count=3, height=63, width=63):
    images = rng.normal(100, 5, (count, height, width, 3)).astype(np.float32)
    images[:, 20:25, 30:33] += 1e4
    return images


def test_the_sky_comes_off_and_the_noise_is_one(rng):
    images = stamps(rng)
    images[..., 1] = 7 * images[..., 1] - 300
    ready = inputs.prepare(images, "robust")
    assert ready.planes.shape == (3, 64, 64, 6)
    assert ready.planes.dtype == np.float32
    assert ready.good.all()
    pixels = np.sinh(ready.planes[:, :63, :63, :3].astype(float)).reshape(3, -1, 3)
    np.testing.assert_allclose(np.median(pixels, axis=1), 0, atol=0.1)
    spread = 1.4826 * np.median(np.abs(pixels), axis=1)
    np.testing.assert_allclose(spread, 1, atol=0.1)
    np.testing.assert_allclose(pixels[:, 22 * 63 + 31, 0], 1e4 / 5, rtol=0.1)


def test_a_plane_is_the_asinh_of_what_is_above_the_sky(rng):
    images = stamps(rng, height=70, width=90)
    sky = inputs.measure(images)
    planes = inputs.planes(images, sky)
    assert planes.shape == (3, 96, 96, 6)
    expected = np.arcsinh((images - sky.level) / sky.noise)
    np.testing.assert_allclose(planes[:, :70, :90, :3], expected, atol=1e-5)
    assert (planes[:, :70, :90, 3:] == 0).all()
    assert (planes[:, 70:] == [0, 0, 0, 1, 1, 1]).all()
    assert (planes[:, :, 90:] == [0, 0, 0, 1, 1, 1]).all()


@pytest.mark.parametrize(("height", "width"), [(70, 90), (63, 63), (33, 64)])
def test_binned_it_is_the_mean_of_what_four_pixels_have(height, width, rng):
    images = stamps(rng, height=height, width=width)
    images[0, 10:13, 7:30, 1] = np.nan
    images[1, :, -1, 0] = np.inf
    sky = inputs.measure(images)
    planes = inputs.planes(images, sky, binned=True)
    down, across = -(-height // 32) * 16, -(-width // 32) * 16
    assert planes.shape == (3, down, across, 6)
    filled = np.full((3, 2 * down, 2 * across, 3), np.nan)
    filled[:, :height, :width] = np.where(np.isfinite(images), images, np.nan)
    squares = filled.reshape(3, down, 2, across, 2, 3)
    known = np.isfinite(squares).sum(axis=(2, 4))
    mean = np.nansum(squares, axis=(2, 4)) / np.maximum(known, 1)
    expected = np.where(known > 0, np.arcsinh(2 * (mean - sky.level) / sky.noise), 0)
    np.testing.assert_allclose(planes[..., :3], expected, atol=1e-5)
    np.testing.assert_allclose(planes[..., 3:], 1 - known / 4)


def test_sky_and_noise_follow_a_large_frame(rng):
    """At the middles of the cells they are numpy's medians, between them on straight lines."""
    rows, columns = np.indices((600, 1030))
    scale = 1 + columns / 1030
    image = 300 + 0.1 * rows + scale * rng.normal(0, 10, (600, 1030))
    images = np.stack([image] * 3, axis=-1)[None].astype(np.float32)
    sky = inputs.measure(images)
    assert sky.level.shape == (1, 2, 4, 3)
    np.testing.assert_allclose(sky.level[0, :, :, 0], [[315] * 4, [345] * 4], atol=2.5)
    np.testing.assert_allclose(
        sky.noise[0, :, :, 0], [10 * np.array([1.125, 1.375, 1.625, 1.875])] * 2, rtol=0.35
    )
    planes = np.sinh(inputs.planes(images, sky)[0, :600, :1030, 0].astype(float))
    for part in np.array_split(planes[150:450, 130:900], 5):
        assert abs(np.median(part)) < 0.4
    places = np.array([10.0, 514.5, 1020.0])
    noise = sky.noise_at(0, places, np.full(3, 299.5))
    assert (np.diff(noise) > 0).all()
    expected = 1 / np.mean(1 / sky.noise[0, :, 1:3, 2])
    np.testing.assert_allclose(noise[1], expected, rtol=1e-3)


@pytest.mark.parametrize("binned", [False, True])
def test_a_strip_of_a_frame_is_prepared_as_in_the_frame(binned, rng):
    images = make_images((640, 320), rng=rng)[None]
    images[0, 100:140, 30:70] = np.nan
    sky = inputs.measure(images)
    whole = inputs.planes(images, sky, binned=binned)
    strip = inputs.planes(images[:, 192:480], sky, first_row=192, binned=binned)
    rows = slice(96, 240) if binned else slice(192, 480)
    np.testing.assert_array_equal(strip, whole[:, rows])


def test_what_has_no_number_is_zero_and_flagged_and_does_not_count_for_the_sky(rng):
    images = stamps(rng)
    lost = images.copy()
    lost[0, :30, :, 2] = np.nan
    lost[1, 5, 5, 0] = np.inf
    ready = inputs.prepare(lost, "robust")
    assert (ready.planes[0, :30, :63, 2] == 0).all()
    assert (ready.planes[0, :30, :63, 5] == 1).all()
    assert (ready.planes[0, 30:63, :63, 5] == 0).all()
    assert tuple(ready.planes[1, 5, 5, [0, 3]]) == (0, 1)
    assert np.isfinite(ready.planes).all()
    np.testing.assert_allclose(ready.sky.level[0, 0, 0, 2], 100, atol=1.5)
    before = inputs.prepare(images, "robust").planes
    np.testing.assert_array_equal(ready.planes[2], before[2])
    np.testing.assert_array_equal(ready.planes[0, ..., :2], before[0, ..., :2])


def test_an_image_without_a_number_is_no_good_and_does_no_harm(rng):
    images = stamps(rng)
    images[1, ..., 2] = np.nan
    for preprocessing in inputs.PREPROCESSINGS:
        assert inputs.prepare(images, preprocessing).good.tolist() == [True, False, True]
    ready = inputs.prepare(images, "robust")
    assert np.isfinite(ready.planes).all()
    assert (ready.sky.level[1, 0, 0, 2], ready.sky.noise[1, 0, 0, 2]) == (0, 1)


def test_a_flat_image_gives_no_infinity():
    images = np.full((1, 63, 63, 3), 5.0, np.float32)
    assert (inputs.prepare(images, "robust").planes[0, :63, :63, :3] == 0).all()
    images[0, 10, 10] = 500.0  # more than half of the pixels are equal
    planes = inputs.prepare(images, "robust").planes
    assert np.isfinite(planes).all()
    assert planes[0, 10, 10, 0] > 3


def published_by_numpy(tile):
    """Steps of the published preprocessing, as its description has them."""
    out = tile.astype(np.float64)
    for channel in range(3):
        plane = out[..., channel]
        plane[np.isnan(plane)] = np.median(plane[np.isfinite(plane)])
        if channel == 2:
            plane[plane < -100] = 0
        plane /= np.linalg.norm(plane)
    return out


def test_the_published_preparation_is_done_step_by_step(rng):
    tiles = stamps(rng, count=2, height=64, width=64)
    tiles[0, :10, :, 1] = np.nan
    tiles[1, 3:6, 3:6, 2] = -500
    before = tiles.copy()
    planes, good = inputs.published_planes(tiles)
    assert good.all()
    np.testing.assert_array_equal(tiles, before)
    for tile, plane in zip(tiles, planes, strict=True):
        np.testing.assert_allclose(plane, published_by_numpy(tile), rtol=2e-6, atol=1e-9)
    tiles[0, ..., 0] = 0
    assert inputs.published_planes(tiles)[1].tolist() == [False, True]


def test_two_images_have_no_difference_to_clip(rng):
    tiles = stamps(rng)[..., :2] - 1000
    planes, _ = inputs.published_planes(tiles)
    assert (planes < 0).any()


def test_two_images_are_prepared_as_the_first_two_of_three(rng):
    images = stamps(rng)
    two, three = (inputs.prepare(part, "robust").planes for part in (images[..., :2], images))
    assert two.shape[-1] == inputs.planes_of("robust", 2) == 4
    np.testing.assert_array_equal(two, three[..., [0, 1, 3, 4]])


def test_an_unknown_preparation_is_refused(rng):
    with pytest.raises(ValueError, match=r"one of robust, binned, tails\. Got: 'zscale'"):
        inputs.prepare(stamps(rng), "zscale")


@pytest.mark.parametrize("length", [256, 257, 3054, 3072, 3080, 3287])
def test_tiles_cover_a_side_without_a_gap(length):
    begin = tiling.starts(length)
    seen = np.zeros(length, bool)
    for start in begin:
        seen[start : start + 256] = True
    assert seen.all()
    assert begin[-1] + 256 == length
    assert (np.diff(begin) <= 236).all()


def test_a_quadrant_has_169_tiles_and_the_last_ones_begin_where_published():
    rows, columns = tiling.starts(3080), tiling.starts(3072)
    assert len(rows) * len(columns) == 169
    assert (rows[-2:], columns[-2:]) == ([2596, 2824], [2596, 2816])
