"""Truth: GalSim draws the same stars and galaxies, one by one."""

from __future__ import annotations

import galsim
import numpy as np
import pytest

from skysift.simulate.frames.light import add_aureoles, add_glow, add_stars
from skysift.simulate.frames.psf import FINE, Optics, PsfField, make_optics
from skysift.simulate.glow import round_glow, sersic_glow

SHAPE = (160, 144)
OPTICS = Optics(seeing=1.7, drift=(0.02, -0.01), tilt=(0.03, -0.02), place=(2.5, -1.5))


@pytest.fixture(scope="module")
def psf() -> PsfField:
    return PsfField(OPTICS, SHAPE)


def as_galsim(psf: PsfField, cell: int) -> galsim.GSObject:
    """The PSF of a cell, with the pixel in it, interpolated by GalSim."""
    image = galsim.Image(psf.cells[cell] / FINE**2, scale=1.0 / FINE)
    return galsim.InterpolatedImage(image, flux=1.0)


def drawn(seen: galsim.GSObject, x: float, y: float) -> np.ndarray:
    image = galsim.ImageD(SHAPE[1], SHAPE[0], scale=1.0)
    centre = galsim.PositionD(x + 1.0, y + 1.0)  # GalSim counts from one
    return seen.drawImage(image=image, center=centre, method="no_pixel").array


def test_a_psf_has_the_light_of_one_star(psf: PsfField) -> None:
    np.testing.assert_allclose(psf.cells.sum(axis=(1, 2)) / FINE**2, 1.0, atol=2e-3)
    assert psf.kernel(70.0, 80.0).sum() == pytest.approx(1.0, abs=1e-6)


def test_the_width_is_what_galsim_measures(psf: PsfField) -> None:
    cell = int(psf.cell(SHAPE[1] / 2, SHAPE[0] / 2))
    image = galsim.Image(psf.cells[cell], scale=1.0 / FINE)
    assert psf.width == pytest.approx(image.calculateFWHM(), rel=0.03)
    assert 1.7 < psf.width < 2.5


def test_the_psf_varies_over_a_quadrant_and_is_drawn_out_towards_the_rim() -> None:
    field = PsfField(OPTICS, (3080, 3072))
    corners = [field.kernel(x, y) for x in (0.0, 3071.0) for y in (0.0, 3079.0)]
    sizes = [1.0 / np.sum(kernel**2) for kernel in corners]
    assert max(sizes) / min(sizes) > 1.03
    across, down = np.meshgrid(np.arange(-24, 25), np.arange(-24, 25))
    lean = [(kernel * across * down).sum() for kernel in corners]
    assert max(lean) < 0.0  # the channel lies lower right: radially out is down and right


@pytest.mark.parametrize("place", [(70.0, 80.0), (70.31, 80.77), (12.5, 140.49)])
def test_a_star_is_galsims(psf: PsfField, place) -> None:
    image = np.zeros(SHAPE, np.float32)
    add_stars(image, *(np.array([v]) for v in (*place, 1e6)), psf)
    expected = drawn(1e6 * as_galsim(psf, int(psf.cell(*place))), *place)
    assert np.abs(image - expected).max() < 3e-3 * expected.max()
    assert image.sum() == pytest.approx(expected.sum(), rel=1e-3)


def test_a_galaxy_is_galsims(psf: PsfField) -> None:
    x, y, radius = 70.4, 80.2, 3.0
    glow = sersic_glow(1.0).mapped(radius * np.eye(2)).scaled(1e4).moved(x, y)
    image = np.zeros(SHAPE, np.float32)
    add_glow(image, glow, psf)
    disc = galsim.Sersic(1.0, half_light_radius=radius, flux=1e4)
    seen = galsim.Convolve(disc, as_galsim(psf, int(psf.cell(x, y))))
    expected = drawn(seen, x, y)
    assert np.abs(image - expected).max() < 0.02 * expected.max()
    assert image.sum() == pytest.approx(1e4, rel=5e-3)


def test_a_point_among_extended_light_is_a_star(psf: PsfField) -> None:
    point = round_glow(np.array([1e5]), np.zeros(1)).moved(60.3, 70.6)
    image, star = np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.float32)
    add_glow(image, point, psf)
    add_stars(star, *(np.array([v]) for v in (60.3, 70.6, 1e5)), psf)
    # The PSF is hardly wider than the pixels: moved by less than one, it is not quite the same.
    assert np.abs(image - star).max() < 0.03 * star.max()


def test_light_from_off_the_frame_reaches_in(psf: PsfField) -> None:
    outside = np.array([-2.0]), np.array([50.0]), np.array([1e6])
    image, glow = np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.float32)
    add_stars(image, *outside, psf)
    add_glow(glow, round_glow(outside[2], np.zeros(1)).moved(-2.0, 50.0), psf)
    assert image.sum() > 1e3
    assert glow.sum() == pytest.approx(image.sum(), rel=0.03)


def test_only_bright_stars_have_aureoles_and_these_fall_outwards() -> None:
    image = np.zeros((300, 300), np.float32)
    add_aureoles(image, np.array([150.0]), np.array([150.0]), np.array([1e5]), 0.0)
    assert not image.any()
    add_aureoles(image, np.array([150.0]), np.array([150.0]), np.array([1e8]), 0.0)
    assert image[150, 170] > image[150, 200] > image[150, 240] > 0
    # Spikes stand at 45 degrees, unless the camera is turned.
    assert image[200, 200] > 1.5 * image[150, 221]
    turned = np.zeros((300, 300), np.float32)
    add_aureoles(turned, *(np.array([v]) for v in (150.0, 150.0, 1e8)), np.pi / 4)
    assert turned[150, 221] > 1.5 * turned[200, 200]


def test_optics_scatter() -> None:
    rng = np.random.default_rng(1)
    drifts = np.array([make_optics(1.7, np.zeros(2), rng=rng).drift for _ in range(200)])
    assert drifts.std() == pytest.approx(0.012, rel=0.2)
