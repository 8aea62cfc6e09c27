"""Truth: integrals of the profiles, and GalSim's galaxies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erfc

from skysift.simulate.glow import Glow, coma_glow, join, round_glow, sersic_glow

ONE = round_glow(np.array([2.0]), np.array([1.5]))


def brightness(glow: Glow, rho: np.ndarray) -> np.ndarray:
    """Surface brightness of round Gaussians about the origin."""
    peak = glow.flux / (2.0 * np.pi * glow.xx)
    return (peak * np.exp(-0.5 * rho[:, None] ** 2 / glow.xx)).sum(axis=1)


@pytest.mark.parametrize("radius", [5.0, 20.0, 60.0])
def test_a_steady_coma_falls_as_one_over_the_distance(radius: float) -> None:
    rho = np.geomspace(1.0, 1.5 * radius, 20)
    seen = brightness(coma_glow(radius, 1.0), rho) * rho
    law = erfc(rho / (np.sqrt(2.0) * radius))
    np.testing.assert_allclose(seen / seen[0], law / law[0], rtol=0.04, atol=0.01)


def test_a_steeper_coma_falls_by_its_slope() -> None:
    rho = np.array([1.0, 4.0])
    seen = brightness(coma_glow(60.0, 1.4), rho)
    assert np.log(seen[0] / seen[1]) / np.log(4.0) == pytest.approx(1.4, abs=0.05)


@pytest.mark.parametrize("radius", [2.0, 17.0])
def test_half_of_a_comas_light_is_within_half_its_radius(radius: float) -> None:
    coma = coma_glow(radius, 1.0)
    assert coma.flux.sum() == pytest.approx(1.0)
    assert coma.half_light() == pytest.approx(0.495 * radius, rel=0.06)


@pytest.mark.parametrize("index", [1.0, 4.0])
def test_galaxies_are_galsims(index: float) -> None:
    galsim = pytest.importorskip("galsim")
    glow, truth = sersic_glow(index), galsim.Sersic(index, half_light_radius=1.0)
    rho = np.geomspace(0.1, 3.0, 15)
    expected = np.array([truth.xValue(r, 0.0) for r in rho])
    np.testing.assert_allclose(brightness(glow, rho), expected, rtol=0.12)
    assert glow.half_light() == pytest.approx(1.0, rel=0.05)  # ours ends at eight radii
    assert glow.flux.sum() == pytest.approx(1.0)


def test_half_light_of_a_gaussian_and_of_an_ellipse() -> None:
    assert ONE.half_light() == pytest.approx(1.5 * np.sqrt(2.0 * np.log(2.0)), rel=0.02)
    rng = np.random.default_rng(1)
    covariance = np.array([[9.0, 2.0], [2.0, 1.0]])
    points = rng.multivariate_normal([1.0, -2.0], covariance, 200_000)
    glow = Glow(*(np.array([v]) for v in (1.0, -2.0, 1.0, 9.0, 2.0, 1.0)))
    assert glow.half_light() == pytest.approx(np.median(np.hypot(*points.T)), rel=0.03)


def test_a_trail_has_the_length_of_the_way_and_all_the_light() -> None:
    trail = ONE.trailed(12.0, 5.0, 0.5)
    assert trail.flux.sum() == pytest.approx(2.0)
    assert np.average(trail.x, weights=trail.flux) == pytest.approx(0.0, abs=1e-12)
    # A line of length L has a variance of L² / 12 along itself.
    along = (12.0 * trail.x + 5.0 * trail.y) / 13.0
    assert np.average(along**2, weights=trail.flux) == pytest.approx(13.0**2 / 12.0, rel=0.01)
    assert len(ONE.trailed(0.0, 0.0, 0.5)) == 1


def test_a_map_acts_on_places_and_shapes() -> None:
    turn = np.array([[0.0, -2.0], [2.0, 0.0]])  # a quarter turn, twice as large
    oval = Glow(*(np.array([v]) for v in (1.0, 0.0, 3.0, 4.0, 0.5, 1.0)))
    seen = oval.mapped(turn)
    got = [seen.x, seen.y, seen.flux, seen.xx, seen.xy, seen.yy]
    np.testing.assert_allclose(np.ravel(got), [0.0, 2.0, 3.0, 4.0, -2.0, 16.0], atol=1e-12)


def test_joined_light_is_the_sum() -> None:
    both = join([ONE, ONE.moved(3.0, 4.0).scaled(0.5)])
    np.testing.assert_allclose(both.flux, [2.0, 1.0])
    np.testing.assert_allclose(both.x, [0.0, 3.0])
