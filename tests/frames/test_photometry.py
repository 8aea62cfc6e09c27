"""Truth: light that is known in closed form, put on noise that is known."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.frames.photometry import RADII, Camera, measure

CAMERA = Camera(scale=1.012, zeropoint=26.0, gain=6.2)
NOISE = 4.0
SIDE = 301
X, Y = 150.3, 149.6


def gaussian(flux: float, sigma: float, *, x: float = X, y: float = Y) -> np.ndarray:
    """A round spot [px]."""
    rows, columns = np.indices((SIDE, SIDE))
    away = (columns - x) ** 2 + (rows - y) ** 2
    return flux * np.exp(-away / (2 * sigma**2)) / (2 * np.pi * sigma**2)


def coma(flux_at_ten: float) -> np.ndarray:
    """Light that falls as one over the distance: within ρ it grows as ρ [arcsec]."""
    rows, columns = np.indices((SIDE, SIDE))
    away = np.hypot(columns - X, rows - Y) * CAMERA.scale
    return flux_at_ten / (2 * np.pi * 10.0 * np.maximum(away, 0.35)) * CAMERA.scale**2


def noisy(light: np.ndarray, seed: int = 0, *, level: float = 0.0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(level, NOISE, light.shape)
    return (light + noise).astype(np.float32)


def mag(flux: float) -> float:
    return CAMERA.zeropoint - 2.5 * np.log10(flux)


def test_a_spot_has_the_light_within_each_aperture() -> None:
    sigma = 3.0
    found = measure(gaussian(50_000, sigma) + 0.0, X, Y, CAMERA)
    for radius, value in zip(RADII, found.mags, strict=True):
        within = 1 - np.exp(-((radius / CAMERA.scale) ** 2) / (2 * sigma**2))
        assert value == pytest.approx(mag(50_000 * within), abs=0.005)


def test_a_level_that_is_not_zero_is_taken_off() -> None:
    light = gaussian(20_000, 2.0)
    plain, lifted = (measure(noisy(light, level=level), X, Y, CAMERA) for level in (0.0, 30.0))
    np.testing.assert_allclose(lifted.mags, plain.mags, atol=1e-3)


def test_magnitudes_scatter_as_their_errors_say() -> None:
    light, true = gaussian(4000, 1.2), mag(4000)
    all_found = [measure(noisy(light, seed), X, Y, CAMERA) for seed in range(60)]
    pulls = np.array([(f.mags[0] - true) / f.sigmas[0] for f in all_found])
    assert abs(pulls.mean()) < 0.4
    assert 0.75 < pulls.std() < 1.25
    # Photons of the source itself: with few electrons a DN they count.
    few = Camera(CAMERA.scale, CAMERA.zeropoint, gain=0.5)
    expected = np.hypot(all_found[0].sigmas[0], 1.0857 * np.sqrt(1 / 0.5 - 1 / 6.2) / np.sqrt(4000))
    assert measure(noisy(light), X, Y, few).sigmas[0] == pytest.approx(expected, rel=0.1)


def test_a_coma_is_followed_to_where_it_meets_the_noise() -> None:
    faint, bright = (measure(noisy(coma(flux)), X, Y, CAMERA) for flux in (250, 12_000))
    assert 10 <= faint.coma_radius < bright.coma_radius <= 75
    # Its light grows in proportion to the radius.
    assert bright.mags[0] - bright.mags[1] == pytest.approx(2.5 * np.log10(2), abs=0.05)
    expected = mag(12_000 * bright.coma_radius / 10)
    assert bright.magcoma == pytest.approx(expected, abs=0.1)


def test_a_point_has_the_smallest_coma() -> None:
    found = measure(noisy(gaussian(3000, 1.0)), X, Y, CAMERA)
    assert found.coma_radius == RADII[0]
    assert found.magcoma == found.mags[0]


def test_where_nothing_is_there_is_no_coma() -> None:
    found = [measure(noisy(np.zeros((SIDE, SIDE)), seed), X, Y, CAMERA) for seed in range(40)]
    dark = [f for f in found if np.isnan(f.coma_radius)]
    assert len(dark) > 30
    assert all(np.isnan(f.magcoma) and np.isnan(f.sigmagcoma) for f in dark)
    # Light of less than nothing has no magnitude.
    hole = measure(noisy(-gaussian(5000, 2.0)), X, Y, CAMERA)
    assert np.isnan(hole.mags).all()
    assert np.isnan(hole.sigmas).all()


def test_the_limit_is_five_sigma_of_the_sky() -> None:
    pixels = np.pi * (5.0 / CAMERA.scale) ** 2
    found = measure(noisy(np.zeros((SIDE, SIDE))), X, Y, CAMERA)
    assert found.limit == pytest.approx(mag(5 * NOISE * np.sqrt(pixels)), abs=0.03)


def test_pixels_without_data_are_filled_from_their_ring() -> None:
    light = noisy(gaussian(80_000, 4.0))
    whole = measure(light, X, Y, CAMERA)
    light[:, 152] = np.nan  # a bad column beside the nucleus
    light[147, :] = np.nan
    holed = measure(light, X, Y, CAMERA)
    assert whole.bad == 0 < holed.bad < 0.35
    np.testing.assert_allclose(holed.mags, whole.mags, atol=0.04)


def test_an_aperture_that_is_mostly_lost_tells_nothing() -> None:
    light = noisy(gaussian(80_000, 4.0))
    light[:, :152] = np.nan
    found = measure(light, X, Y, CAMERA)
    assert found.bad > 0.5
    assert np.isnan(found.mags).all()
    assert np.isnan(found.magcoma)


def test_at_the_rim_what_is_there_is_measured() -> None:
    light = noisy(gaussian(50_000, 2.0, x=12.0, y=9.0))
    found = measure(light, 12.0, 9.0, CAMERA)
    within = 1 - np.exp(-((5.0 / CAMERA.scale) ** 2) / (2 * 2.0**2))
    assert found.mags[0] == pytest.approx(mag(50_000 * within), abs=0.02)


@pytest.mark.filterwarnings("error")
def test_without_any_sky_nothing_is_known() -> None:
    found = measure(np.full((SIDE, SIDE), np.nan, np.float32), X, Y, CAMERA)
    assert found.bad == 1
    assert np.isnan([*found.mags, *found.sigmas, found.magcoma, found.limit]).all()


def test_no_noise_at_all_is_no_error() -> None:
    found = measure(np.zeros((SIDE, SIDE), np.float32), X, Y, CAMERA)
    assert np.isnan([*found.mags, found.magcoma, found.limit]).all()


def test_without_zeropoint_or_gain() -> None:
    light = noisy(gaussian(50_000, 2.0))
    assert np.isnan(measure(light, X, Y, Camera(1.012, np.nan, 6.2)).mags).all()
    quiet = measure(light, X, Y, Camera(1.012, 26.0, np.nan))
    assert quiet.mags == measure(light, X, Y, CAMERA).mags
    assert quiet.sigmas[0] < measure(light, X, Y, CAMERA).sigmas[0]
