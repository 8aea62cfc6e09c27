"""Truth: reproject, conservation of charge, and functions that are known at every place."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.wcs import WCS
from reproject import reproject_interp

from skysift.simulate.frames import _pixels
from skysift.simulate.frames.camera import PlaneMap, make_header

SHAPE = (200, 220)


def blobs(shape: tuple[int, int]) -> np.ndarray:
    rng = np.random.default_rng(5)
    image = np.zeros(shape, np.float32)
    count = 40
    x, y = rng.uniform(0, shape[1], count), rng.uniform(0, shape[0], count)
    width = np.full(count, 1.5)
    flux = rng.uniform(50, 500, count)
    _pixels.draw_gaussians(image, x, y, flux, width**2, 0 * width, width**2, 0.0)
    return image


def test_resampling_is_reprojects() -> None:
    here = make_header((150.0, 30.0), SHAPE, 0.0, np.array([2.0, 1.0]))
    there = make_header((150.001, 30.0005), SHAPE, 0.4, np.array([2.0, 1.0]))
    image = blobs(SHAPE)
    plane = PlaneMap(here, there, SHAPE)
    ours = _pixels.resample(image, plane.x, plane.y, PlaneMap.STEP, SHAPE)
    theirs, footprint = reproject_interp(
        (image, WCS(there)), WCS(here), shape_out=SHAPE, order="bicubic"
    )
    both = np.isfinite(ours) & (footprint > 0)
    assert both.mean() > 0.9
    assert np.abs(ours - theirs)[both].max() < 0.02 * image.max()


def test_resampling_leaves_out_what_is_not_there() -> None:
    steps = np.arange(0, 320, 64.0)
    x, y = np.meshgrid(steps + 30.0, steps)
    ours = _pixels.resample(blobs(SHAPE), x, y, 64, SHAPE)
    assert np.isnan(ours[:, 190:]).all() and np.isnan(ours[:2]).all()
    np.testing.assert_allclose(ours[2:-3, :186], blobs(SHAPE)[2:-3, 30:216], atol=1e-3)


def test_overflowing_charge_is_kept_and_runs_along_its_column() -> None:
    image = np.full((50, 9), 100.0, np.float32)
    image[25, 4] = 2100.0
    before = image.sum(axis=0)
    _pixels.overflow(image, 500.0)
    np.testing.assert_allclose(image.sum(axis=0), before)
    assert image.max() <= 500.0
    full = np.flatnonzero(image[:, 4] > 101.0)
    assert (full.min(), full.max()) == (23, 27)
    assert (np.delete(image, 4, axis=1) == 100.0).all()


def test_charge_leaves_through_the_ends_of_the_column() -> None:
    image = np.full((6, 1), 0.0, np.float32)
    image[3] = 1e6
    _pixels.overflow(image, 10.0)
    np.testing.assert_array_equal(image, 10.0)


def test_a_gaussian_has_its_flux_place_and_shape() -> None:
    image = np.zeros((80, 90), np.float32)
    one = (np.array([v]) for v in (40.3, 35.8, 7.0, 16.0, 5.0, 9.0))
    _pixels.draw_gaussians(image, *one, 0.7)
    rows, columns = np.mgrid[:80, :90]
    total = image.sum()
    x, y = (image * columns).sum() / total, (image * rows).sum() / total
    assert (total, x, y) == pytest.approx((7.0, 40.3, 35.8), rel=1e-3)
    spread = (image * (columns - x) ** 2).sum() / total, (image * (rows - y) ** 2).sum() / total
    lean = (image * (columns - x) * (rows - y)).sum() / total
    assert (*spread, lean) == pytest.approx((16.49, 9.49, 5.0), rel=0.02)


def test_a_line_goes_through_its_point_at_its_angle() -> None:
    image = np.zeros((60, 60), np.float32)
    _pixels.draw_line(image, 30.0, 20.0, np.radians(45.0), 9.0, 1.2)
    assert image[20, 30] == pytest.approx(9.0)
    assert image[30, 40] == pytest.approx(9.0, rel=1e-4)
    assert image[40, 30] == 0.0
