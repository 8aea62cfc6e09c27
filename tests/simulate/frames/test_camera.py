"""Truth: astropy's transformations, the sphere, and the radial law of the optics."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS

from skysift.simulate.frames.camera import (
    HEIGHT,
    PIXEL_SCALE,
    WIDTH,
    Channel,
    PlaneMap,
    make_header,
    per_arcsec,
)

CENTRE = (150.1, 40.2)


def header(ccd: int = 1, quadrant: int = 3, rotation: float = 0.3):
    return make_header(CENTRE, (HEIGHT, WIDTH), rotation, Channel(ccd, quadrant).place)


@pytest.mark.parametrize(("ccd", "quadrant"), [(1, 3), (6, 1), (16, 1), (13, 2)])
def test_pixels_come_back_from_the_sky(ccd: int, quadrant: int) -> None:
    wcs = WCS(header(ccd, quadrant))
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, WIDTH, 300), rng.uniform(0, HEIGHT, 300)
    back = wcs.all_world2pix(*wcs.all_pix2world(x, y, 0), 0)
    assert np.hypot(back[0] - x, back[1] - y).max() < 1e-4


def test_the_headers_own_inverse_polynomials_undo_its_distortion() -> None:
    """Other programs use them instead of iterating."""
    cards = header()
    wcs = WCS(cards)
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, WIDTH, 300), rng.uniform(0, HEIGHT, 300)
    core = wcs.wcs_world2pix(*wcs.all_pix2world(x, y, 0), 0)
    u, v = (place + 1 - cards[f"CRPIX{axis}"] for axis, place in ((1, core[0]), (2, core[1])))
    undone = [
        place
        + sum(cards.get(f"{name}_{i}_{j}", 0) * u**i * v**j for i in range(4) for j in range(4))
        for name, place in (("AP", core[0]), ("BP", core[1]))
    ]
    assert np.hypot(core[0] - x, core[1] - y).max() > 1.0
    assert np.hypot(undone[0] - x, undone[1] - y).max() < 0.01


def test_distortion_is_large_at_the_rim_and_small_on_the_axis() -> None:
    bends = {}
    for ccd, quadrant in ((1, 3), (6, 1)):
        wcs = WCS(header(ccd, quadrant))
        corner = SkyCoord(*wcs.all_pix2world(0, 0, 0), unit="deg")
        plain = SkyCoord(*wcs.wcs_pix2world(0, 0, 0), unit="deg")
        bends[ccd] = corner.separation(plain).arcsec / PIXEL_SCALE
    assert 2.0 < bends[1] < 6.0
    assert bends[6] < 1.0


def test_distortion_is_the_radial_law() -> None:
    """Distances along the radius grow with 1 + 3 k r², seen from the axis; k = 2e-4."""
    place = Channel(1, 3).place
    wcs = WCS(make_header(CENTRE, (HEIGHT, WIDTH), 0.0, place))
    along = place / np.hypot(*place) * 1000.0
    middle = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    sky = [
        SkyCoord(*wcs.all_pix2world(*(middle + side * along), 0), unit="deg") for side in (-1, 0, 1)
    ]
    inner, outer = sky[0].separation(sky[1]).arcsec, sky[1].separation(sky[2]).arcsec
    radius, step = np.hypot(*place), 1000.0 * PIXEL_SCALE / 3600.0
    scales = [1.0 + 3 * 2e-4 * (radius + side * step / 2) ** 2 for side in (-1, 1)]
    assert inner / outer == pytest.approx(scales[1] / scales[0], rel=5e-5)


def test_north_is_up_east_is_left_and_pixels_have_their_size() -> None:
    plain = make_header(CENTRE, (HEIGHT, WIDTH), 0.0, np.zeros(2))
    wcs = WCS(plain)
    here = SkyCoord(*wcs.all_pix2world(1535.5, 1539.5, 0), unit="deg")
    up = SkyCoord(*wcs.all_pix2world(1535.5, 1639.5, 0), unit="deg")
    left = SkyCoord(*wcs.all_pix2world(1435.5, 1539.5, 0), unit="deg")
    assert here.separation(SkyCoord(*CENTRE, unit="deg")).arcsec < 0.01
    assert here.position_angle(up).wrap_at(180 * units.deg).deg == pytest.approx(0.0, abs=0.01)
    assert here.position_angle(left).deg == pytest.approx(90.0, abs=0.05)
    assert here.separation(up).arcsec == pytest.approx(100 * PIXEL_SCALE, rel=1e-4)


def test_pixels_per_arcsecond_are_those_of_the_sky() -> None:
    head = header(rotation=20.0)
    wcs = WCS(head)
    here = SkyCoord(*CENTRE, unit="deg")
    moved = here.directional_offset_by(30 * units.deg, 20 * units.arcsec)
    start = np.array(wcs.all_world2pix(*CENTRE, 0))
    end = np.array(wcs.all_world2pix(moved.ra.deg, moved.dec.deg, 0))
    east, north = 20 * np.sin(np.radians(30)), 20 * np.cos(np.radians(30))
    np.testing.assert_allclose(per_arcsec(head) @ [east, north], end - start, atol=0.01)


def test_a_map_between_frames_is_astropys() -> None:
    first, second = header(), make_header((150.11, 40.19), (HEIGHT, WIDTH), -0.2, np.zeros(2))
    plane = PlaneMap(first, second, (HEIGHT, WIDTH), margin=128)
    rng = np.random.default_rng(2)
    x, y = rng.uniform(-120, WIDTH + 120, 500), rng.uniform(-120, HEIGHT + 120, 500)
    expected = WCS(second).all_world2pix(*WCS(first).all_pix2world(x, y, 0), 0)
    np.testing.assert_allclose(plane(x, y), expected, atol=1e-3)
    around = np.array([[1540.0, 1540.0], [1541.0, 1540.0], [1540.0, 1541.0]])
    seen = np.array(WCS(second).all_world2pix(*WCS(first).all_pix2world(*around.T, 0), 0)).T
    np.testing.assert_allclose(plane.jacobian, (seen[1:] - seen[0]).T, atol=1e-3)


def test_channels_fill_the_mosaic_without_overlap() -> None:
    places = np.array([Channel(ccd, q).place for ccd in range(1, 17) for q in range(1, 5)])
    gaps = np.abs(places[:, None] - places[None]).max(axis=2) + 9.0 * np.eye(64)
    assert gaps.min() >= 3072 * PIXEL_SCALE / 3600.0 - 1e-9
    assert np.abs(places).max() < 3.7
