"""Truth: closed forms of the profiles, scipy's convolution, and naive sums."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import fftconvolve

from skysift.simulate.images import Blur, moffat_components, render_round, sersic_image

ROWS, COLUMNS = np.mgrid[:63, :63].astype(float)


def one_star(x: float, y: float, fwhm: float, width: float = 0.0) -> np.ndarray:
    x_, y_, flux, width_ = (np.array([value]) for value in (x, y, 1.0, width))
    return render_round((63, 63), x_, y_, flux, width_, fwhm)


@pytest.mark.parametrize("fwhm", [1.8, 2.4, 4.0])
def test_a_star_is_a_moffat_profile(fwhm: float) -> None:
    scale = fwhm / 2.0 / np.sqrt(2.0**0.25 - 1.0)
    squared = (ROWS - 31.3) ** 2 + (COLUMNS - 30.6) ** 2
    moffat = 3.0 / (np.pi * scale**2) * (1.0 + squared / scale**2) ** -4.0
    assert np.abs(one_star(30.6, 31.3, fwhm) - moffat).max() < 2e-3 * moffat.max()


def test_the_shares_of_a_star_add_up() -> None:
    share, sigma = moffat_components(2.0)
    assert share.sum() == pytest.approx(1.0)
    assert (sigma > 0.0).all()
    assert one_star(31.0, 31.0, 2.5).sum() == pytest.approx(1.0, abs=2e-3)


def test_many_sources_are_the_sum_of_each() -> None:
    x, y = np.array([10.0, 40.2, 62.5]), np.array([5.5, 31.0, -3.0])
    flux, width = np.array([3.0, -1.0, 20.0]), np.array([0.0, 1.5, 0.4])
    together = render_round((63, 63), x, y, flux, width, 2.2)
    each = [f * one_star(a, b, 2.2, w) for a, b, f, w in zip(x, y, flux, width, strict=True)]
    np.testing.assert_allclose(together, sum(each), atol=1e-12)


@pytest.mark.parametrize(("radius", "index"), [(3.0, 1.0), (6.0, 1.0), (4.0, 2.5)])
def test_half_of_a_galaxy_is_within_its_half_light_radius(radius: float, index: float) -> None:
    image = sersic_image(201, 100.0, 100.0, radius=radius, index=index, axis_ratio=0.6, angle=0.4)
    rows, columns = np.mgrid[:201, :201] - 100.0
    along = columns * np.cos(0.4) + rows * np.sin(0.4)
    across = rows * np.cos(0.4) - columns * np.sin(0.4)
    inside = along**2 * 0.6 + across**2 / 0.6 < radius**2
    assert image.sum() == pytest.approx(1.0, abs=0.03)
    assert image[inside].sum() == pytest.approx(0.5, abs=0.06)


def test_blurring_is_convolution_with_a_star() -> None:
    galaxy = sersic_image(79, 39.0, 41.0, radius=3.0, index=1.0, axis_ratio=0.5, angle=1.0)
    expected = fftconvolve(galaxy, one_star(31.0, 31.0, 2.6), mode="same")
    found = Blur(galaxy)(2.6)
    assert np.abs(found - expected).max() < 0.01 * expected.max()


def test_a_shift_by_whole_pixels_moves_the_image() -> None:
    galaxy = sersic_image(79, 39.0, 39.0, radius=3.0, index=1.0, axis_ratio=1.0, angle=0.0)
    blur = Blur(galaxy)
    moved = blur(2.0, (3.0, -2.0))
    np.testing.assert_allclose(moved, np.roll(blur(2.0), (-2, 3), axis=(0, 1)), atol=1e-12)
