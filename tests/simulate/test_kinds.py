"""Truth: astropy's cosmology and coordinates, and each kind's own promise."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.cosmology import FlatLambdaCDM

from skysift.simulate.cosmology import arcsec_per_kpc, distance_modulus, redshift
from skysift.simulate.kinds import DEFAULT_MIX, KINDS
from skysift.simulate.kinds.supernova import TEMPLATES
from skysift.simulate.sky import galactic_latitude, make_extragalactic_position
from skysift.simulate.target import flux_of, magnitude_of

NIGHT = 2460582.5


@pytest.mark.parametrize("z", [0.005, 0.03, 0.2, 1.1])
def test_distances_are_astropys(z: float) -> None:
    universe = FlatLambdaCDM(H0=70, Om0=0.3, Tcmb0=0)
    assert distance_modulus(z) == pytest.approx(universe.distmod(z).value, abs=2e-3)
    assert redshift(distance_modulus(z)) == pytest.approx(z, rel=1e-6)
    expected = universe.arcsec_per_kpc_proper(z).value
    assert arcsec_per_kpc(z) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("ra", "dec"), [(0.0, 0.0), (192.9, 27.1), (266.4, -28.0), (83.6, 22.0)])
def test_galactic_latitude_is_astropys(ra: float, dec: float) -> None:
    place = SkyCoord(ra * units.deg, dec * units.deg, frame="icrs")
    assert galactic_latitude(ra, dec) == pytest.approx(place.galactic.b.deg, abs=1e-3)


def test_galaxies_avoid_the_plane_of_our_own() -> None:
    rng = np.random.default_rng(1)
    places = [make_extragalactic_position(rng=rng) for _ in range(200)]
    assert min(abs(place.latitude) for place in places) > 7.0


@pytest.mark.parametrize("kind", ["supernova", "dim_supernova"])
def test_the_brightest_point_of_a_supernova_is_its_peak_magnitude(kind: str) -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        target = KINDS[kind](NIGHT, rng=rng)
        jd = np.arange(target.first_visit, target.first_visit + 500.0, 0.02)
        model = [target.flux(jd, np.full(len(jd), fid)) for fid in (1, 2)]
        assert magnitude_of(np.max(model)) == pytest.approx(target.peak_mag, abs=0.01)
        assert (target.peak_mag <= 18.5) == (kind == "supernova")
        assert model[0][0] == 0.0


def test_distance_brightness_and_type_belong_together() -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        target = KINDS["supernova"](NIGHT, rng=rng)
        template = TEMPLATES[target.subclass]
        absolute = target.peak_mag - distance_modulus(target.redshift)
        assert abs(absolute - template.peak) < 5.0 * template.scatter


def test_shares_add_up() -> None:
    assert sum(template.share for template in TEMPLATES.values()) == pytest.approx(1.0)
    assert sum(DEFAULT_MIX.values()) == pytest.approx(1.0)
    assert set(DEFAULT_MIX) == set(KINDS) - {"comet", "streak", "oddity"}


def test_a_star_is_in_the_reference_image_and_a_supernova_is_not() -> None:
    rng = np.random.default_rng(4)
    assert np.isfinite(KINDS["variable"](NIGHT, rng=rng).reference_mag).all()
    assert (flux_of(KINDS["supernova"](NIGHT, rng=rng).reference_mag) == 0.0).all()


def test_a_variable_star_is_sometimes_fainter_than_its_reference() -> None:
    rng = np.random.default_rng(5)
    jd, fid = NIGHT - np.arange(100.0, 0.0, -0.37), np.full(271, 2)
    fluxes = [KINDS["variable"](NIGHT, rng=rng).flux(jd, fid) for _ in range(30)]
    assert any((flux < 0).any() for flux in fluxes) and any((flux > 0).any() for flux in fluxes)


def test_an_asteroid_is_gone_before_the_night() -> None:
    rng = np.random.default_rng(6)
    jd = np.append(NIGHT - np.arange(30.0, 0.0, -1.0), [NIGHT + 0.7, NIGHT + 0.75])
    for _ in range(20):
        flux = KINDS["asteroid"](NIGHT, rng=rng).flux(jd, np.full(len(jd), 1))
        assert (flux[:-2] == 0.0).all() and flux[-1] > 0.0
