"""Places among the stars: against the Minor Planet Center's own, Skyfield and astropy."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.time import Time

from skysift.frames.known.asteroid_file import asteroids
from skysift.frames.known.comet_file import comets
from skysift.frames.known.ephemeris import PALOMAR, ephemeris
from skysift.frames.known.orbits import Orbits
from skysift.frames.known.places import ARCSEC, angles, seen, unit
from tests.frames.orbit_lines import CERES, COMETS, HALE_BOPP, PARABOLA


def comet(line: str) -> Orbits:
    return comets([line.encode()], "test")[0]


def apart(directions: np.ndarray, sky: SkyCoord) -> float:
    """Arcseconds from the first direction."""
    ra, dec = angles(directions)
    return SkyCoord(ra[0], dec[0], unit="deg").separation(sky).arcsec


@pytest.mark.parametrize(
    ("line", "date", "place", "rounding"),
    [
        # Geocentric, by the Minor Planet Center's ephemeris service from these very elements; it
        # writes 0.1 s and 1″.
        (HALE_BOPP, "2020-05-31", "23h59m16.6s -84d46m58s", 0.6),
        (PARABOLA, "2020-08-13", "18h46m46.5s -72d05m33s", 0.6),
    ],
)
def test_comets_where_the_minor_planet_center_has_them(
    line: str, date: str, place: str, rounding: float
) -> None:
    there = seen(comet(line), Time(date).jd, ephemeris(), site=None)
    assert apart(there.directions, SkyCoord(place)) < rounding


def test_ceres_where_the_almanac_has_it() -> None:
    orbits, _ = asteroids([CERES.encode()], "test")
    there = seen(orbits, Time("2020-06-17").jd, ephemeris(), site=None)
    ra, dec = angles(there.directions)
    assert ra[0] / 15 == pytest.approx(23.1437, abs=6e-5)
    assert dec[0] == pytest.approx(-17.323, abs=6e-4)
    assert there.magnitudes[0] == pytest.approx(8.8, abs=0.1)


@pytest.mark.parametrize("line", COMETS)
def test_the_same_light_and_site_as_in_skyfield(line: str) -> None:
    """Two bodies, so that only light time, parallax and frames are compared."""
    from skyfield.api import load, wgs84
    from skyfield.data import mpc

    utc = Time("2024-10-20T03:00:00")
    kernel = ephemeris()._kernel
    row = mpc.load_comets_dataframe(BytesIO(f"{line}\n".encode())).iloc[0]
    scale = load.timescale(builtin=True)
    body = kernel["sun"] + mpc.comet_orbit(row, scale, 132712440042.0)
    site = kernel["earth"] + wgs84.latlon(33.357336, 243.140213, 1663.96)
    ra, dec, _ = site.at(scale.from_astropy(utc)).observe(body).radec()
    there = seen(comet(line), utc.jd, ephemeris(), planets=False)
    expected = SkyCoord(ra.hours * 15, dec.degrees, unit="deg")
    assert apart(there.directions, expected) < 0.02


def test_the_observatory_stands_where_astropy_puts_it() -> None:
    time = Time("2020-03-01T08:00:00")
    place = EarthLocation.from_geodetic(-116.859787 * u.deg, 33.357336 * u.deg, 1663.96 * u.m)
    expected = place.get_gcrs_posvel(time)[0].xyz.to_value(u.m)
    eph = ephemeris()
    tt = eph.terrestrial(time.jd)
    ours = (eph.observer(tt, PALOMAR) - eph.observer(tt, None)) * u.au.to(u.m)
    assert np.linalg.norm(ours - expected) < 100


def test_motion_is_the_change_of_place() -> None:
    orbits = comets([line.encode() for line in COMETS], "test")[0]
    jd = Time("2024-10-20T05:00:00").jd
    here = seen(orbits, jd, ephemeris(), planets=False)
    sooner = seen(orbits, jd - 2 / 1440, ephemeris(), planets=False)
    later = seen(orbits, jd + 2 / 1440, ephemeris(), planets=False)
    turned = np.linalg.norm(later.directions - sooner.directions, axis=1) * ARCSEC / 4
    assert here.rate() == pytest.approx(turned, rel=1e-3, abs=1e-5)
    first = SkyCoord(*angles(sooner.directions), unit="deg")
    pa = first.position_angle(SkyCoord(*angles(later.directions), unit="deg")).deg
    fast = turned > 0.05
    assert fast.any()
    off = (here.position_angle() - pa + 180) % 360 - 180
    assert np.abs(off[fast]).max() < 0.1


def test_magnitudes_by_hand() -> None:
    """Tsuchinshan-ATLAS: r = 1 au and Δ as they are, by the law of comets."""
    from skysift.frames.known.brightness import magnitudes

    one = comet(COMETS[3])
    at, view = np.array([[2.0, 0.0, 0.0]]), np.array([[3.0, 0.0, 0.0]])
    expected = 6.5 + 5 * np.log10(3.0) + 2.5 * 3.2 * np.log10(2.0)
    assert magnitudes(one, at, view)[0] == pytest.approx(expected)


def test_magnitude_of_a_minor_planet_at_no_phase_is_plain() -> None:
    from skysift.frames.known.brightness import magnitudes

    ceres, _ = asteroids([CERES.encode()], "test")
    at = np.array([[2.5, 0.0, 0.0]])
    full = magnitudes(ceres, at, np.array([[1.5, 0.0, 0.0]]))[0]
    assert full == pytest.approx(3.4 + 5 * np.log10(2.5 * 1.5))
    sideways = magnitudes(ceres, at, np.array([[1.5 * np.cos(0.3), 1.5 * np.sin(0.3), 0.0]]))[0]
    # At 17°, Bowell's curve with G = 0.15 has lost 0.9 mag.
    assert sideways - full == pytest.approx(0.9, abs=0.1)


def test_outside_the_ephemeris_is_an_error() -> None:
    with pytest.raises(ValueError, match="outside the ephemeris"):
        seen(comet(HALE_BOPP), 2490000.5, ephemeris())


def test_angles_undo_unit() -> None:
    ra, dec = np.array([0.0, 123.4, 359.999]), np.array([-90.0, 12.5, 60.0])
    back = angles(unit(ra, dec))
    assert back[0][1:] == pytest.approx(ra[1:])
    assert back[1] == pytest.approx(dec)
