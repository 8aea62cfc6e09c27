"""The light of simulated galaxies against GalSim's, drawn the slow and exact way."""

from __future__ import annotations

from dataclasses import replace

import galsim
import numpy as np
import pytest

from skysift.simulate.galaxies.camera import MOFFAT_BETA, View, expose
from skysift.simulate.galaxies.kinds import KINDS
from skysift.simulate.galaxies.light import add_galaxy
from skysift.simulate.galaxies.structure import Structure
from skysift.simulate.galaxies.survey import SURVEYS

SDSS = SURVEYS["sdss"]
PIXEL = 0.4
VIEW = View(SDSS, 96, PIXEL, 1.4, (0.0, 0.0))
NOBODY = (np.zeros(0), np.zeros(0), np.zeros((0, 3)))


class Centred:
    """Dice that put a galaxy where it is told to be."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def uniform(self, low, high, size=None):
        return np.zeros(size) if (low, high) == (-0.5, 0.5) else self._rng.uniform(low, high, size)

    def __getattr__(self, name):
        return getattr(self._rng, name)


def drawn(galaxy: Structure, view: View = VIEW) -> np.ndarray:
    """r image of a galaxy in the seeing, its centre between the four middle pixels."""
    canvas = np.zeros((3, view.canvas_side, view.canvas_side), np.float32)
    add_galaxy(canvas, galaxy, SDSS, view.pixel, rng=Centred())
    return expose(canvas, NOBODY, view)[1]


def by_galsim(profile: galsim.GSObject) -> np.ndarray:
    star = galsim.Moffat(beta=MOFFAT_BETA, fwhm=VIEW.fwhm)
    seen = galsim.Convolve(profile, star)
    return seen.drawImage(nx=96, ny=96, scale=PIXEL).array


def plain(**numbers) -> Structure:
    return replace(
        Structure("elliptical", 0.05, 22.5 - 2.5 * np.log10(100.0), 3.0, 8.0, 0.0, 0.0, 0.6),
        **numbers,
    )


@pytest.mark.parametrize("index", [1.0, 2.5, 4.0])
def test_an_elliptical_is_sersics(index):
    ours = drawn(plain(spheroid_index=index, spheroid_radius=3.0, spheroid_ratio=0.6))
    # GalSim's half-light radius is that of the same area; ours lies along the major axis.
    profile = galsim.Sersic(n=index, half_light_radius=3.0 * np.sqrt(0.6), flux=100.0)
    theirs = by_galsim(profile.shear(q=0.6, beta=0.6 * galsim.radians))
    assert ours.max() == pytest.approx(theirs.max(), rel=0.02)
    bright = theirs > 0.01 * theirs.max()
    assert ours[bright] == pytest.approx(theirs[bright], rel=0.02)


def test_a_disc_is_exponential_and_tilted():
    galaxy = plain(spheroid=0.0, inclination=60.0, thickness=0.1, r50=3.0)
    ratio = np.hypot(0.5 * np.sqrt(1 - 0.1**2), 0.1)
    profile = galsim.Exponential(half_light_radius=3.0 * np.sqrt(ratio), flux=100.0)
    theirs = by_galsim(profile.shear(q=ratio, beta=0.6 * galsim.radians))
    ours = drawn(galaxy)
    bright = theirs > 0.2 * theirs.max()  # farther out our discs end
    assert ours[bright] == pytest.approx(theirs[bright], rel=0.03)


def test_stars_are_as_wide_as_the_seeing():
    view = replace(VIEW, shear=(0.03, -0.02))
    x, y = np.array([40.3]), np.array([50.8])
    empty = np.zeros((3, view.canvas_side, view.canvas_side), np.float32)
    ours = expose(empty, (x, y, np.full((1, 3), 100.0)), view)[1]
    star = galsim.Moffat(beta=MOFFAT_BETA, fwhm=view.fwhm, flux=100.0).shear(g1=0.03, g2=-0.02)
    theirs = star.drawImage(
        nx=96, ny=96, scale=PIXEL, offset=(x[0] - 47.5, y[0] - 47.5)
    ).array  # fmt: skip
    bright = theirs > 0.02 * theirs.max()
    assert ours[bright] == pytest.approx(theirs[bright], rel=0.03)


@pytest.mark.parametrize("kind", ["elliptical", "lenticular", "spiral", "irregular", "ring"])
def test_features_take_their_light_from_the_disc(kind):
    """Arms, bars, rings and knots move light about; they add little."""
    view = View(SDSS, 256, PIXEL, 1.4, (0.0, 0.0))
    ratios = []
    for seed in range(12):
        galaxy = KINDS[kind](np.random.default_rng(seed))
        galaxy = replace(galaxy, r50=6.0, spheroid_radius=2.0, bar_length=5.0, ring_radius=6.0,
                         tidal=0.0, dust_lane=0.0)  # fmt: skip
        light = drawn(galaxy, view).sum()
        ratios.append(light / 10.0 ** (-0.4 * (galaxy.r_mag - 22.5)))
    assert np.median(ratios) == pytest.approx(1.0, abs=0.12)
    assert min(ratios) > 0.7
    assert max(ratios) < 1.4


def asymmetry(image: np.ndarray) -> float:
    """How much light is elsewhere after half a turn (Conselice 2003)."""
    return float(np.abs(image - image[::-1, ::-1]).sum() / image.sum())


def test_arms_wind_the_way_they_say():
    """Unwinding the plane by the pitch puts two arms on straight lines."""
    galaxy = plain(spheroid=0.0, r50=9.0, arms=2, arm_strength=1.0, pitch=20.0, young=0.8, sense=1,
                   r_mag=15.0)  # fmt: skip
    turned = {}
    for sense in (1, -1):
        image = drawn(replace(galaxy, sense=sense, angle=0.0))
        rows, columns = np.indices(image.shape) - 47.5
        r, angle = np.hypot(rows, columns) * PIXEL, np.arctan2(rows, columns)
        away = (r > 0.9 * galaxy.r50) & (r < 1.8 * galaxy.r50)
        light = image * np.exp(r / galaxy.scale_length)
        for way in (1, -1):
            phase = 2.0 * (angle - way * np.log(r + 1e-9) / np.tan(np.radians(20.0)))
            wave = np.abs((light * np.exp(1j * phase))[away].sum()) / light[away].sum()
            turned[sense, way] = wave
    assert turned[1, 1] > 0.2
    assert turned[-1, -1] > 0.2
    assert turned[1, -1] < 0.1
    assert turned[-1, 1] < 0.1


def test_a_companion_lies_where_it_should():
    alone = plain(spheroid=0.3, spheroid_radius=1.0, r50=3.0)
    pair = replace(alone, companion=0.5, companion_distance=8.0, companion_angle=np.pi / 2)
    extra = drawn(pair) - drawn(alone)
    row, column = np.unravel_index(extra.argmax(), extra.shape)
    assert row == pytest.approx(47.5 + 8.0 / PIXEL, abs=1.5)
    assert column == pytest.approx(47.5, abs=1.5)
    assert extra.sum() == pytest.approx(50.0, rel=0.15)


def test_tails_make_a_galaxy_lopsided():
    smooth = plain(spheroid=0.2, spheroid_radius=1.0, r50=4.0)
    assert asymmetry(drawn(replace(smooth, tidal=1.0))) > 3.0 * asymmetry(drawn(smooth)) + 0.03
