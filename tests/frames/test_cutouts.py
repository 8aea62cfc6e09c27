"""Cutouts and places, against WCS that are known and turned on purpose."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS

from skysift.frames.cutouts import cut, orientation, tilt
from skysift.frames.positions import distinct, pixel_sides, sky_errors, sky_places
from tests.alerts.test_frame_align import bent

SCALE = 1.012 / 3600


def world(turn: float = 0.0, *, mirrored: bool = False, dec: float = 40.0) -> WCS:
    """North is `turn` degrees left of the rows' end; east to the left, unless mirrored."""
    made = WCS(naxis=2)
    made.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    made.wcs.crval, made.wcs.crpix = [0.001, dec], [200.5, 150.5]
    angle = np.radians(turn)
    to_sky = np.array([[-np.cos(angle), -np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * SCALE
    made.wcs.cd = to_sky @ np.diag([-1.0 if mirrored else 1.0, 1.0])
    made.wcs.set()
    return made


def frame_with(places: dict[str, tuple[float, float]], wcs: WCS) -> np.ndarray:
    """A frame (300, 400, 3) with a bright pixel at each place (RA, Dec offsets in arcsec)."""
    images = np.zeros((300, 400, 3), np.float32)
    for number, (east, north) in enumerate(places.values()):
        centre = wcs.wcs.crval
        ra = centre[0] + east / 3600 / np.cos(np.radians(centre[1]))
        column, row = wcs.all_world2pix([[ra, centre[1] + north / 3600]], 0)[0]
        images[round(row), round(column)] = number + 1
    return images


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turn", [0, 20, 90, 120, 180, 255, 270, 340])
def test_north_is_up_and_east_to_the_left(turn: float, mirrored: bool) -> None:
    wcs = world(turn, mirrored=mirrored)
    images = frame_with({"north": (0, 60), "east": (60, 0)}, wcs)
    cutout = cut(images, 199.5, 149.5, wcs)
    (north_row, north_column), (_, east_column) = (
        np.argwhere(cutout[..., 0] == number)[0] - 128 for number in (1, 2)
    )
    assert north_row > 40
    assert abs(north_column) <= 45
    assert east_column < -40
    left = np.degrees(np.arctan2(-north_column, north_row))
    assert tilt(wcs, 199.5, 149.5) == pytest.approx(left, abs=2)
    assert abs(left) <= 46


def test_the_place_is_on_the_middle_pixel_whichever_way_it_is_laid() -> None:
    images = np.zeros((300, 400, 3), np.float32)
    images[120, 210] = 7
    for turn in (0, 90, 180, 270):
        for mirrored in (False, True):
            cutout = cut(images, 210.4, 119.6, world(turn, mirrored=mirrored))
            assert cutout.shape == (256, 256, 3)
            assert cutout.dtype == np.float32
            assert (cutout[128, 128] == 7).all()


def test_beyond_the_frame_there_is_nothing() -> None:
    images = np.ones((300, 400, 3), np.float32)
    cutout = cut(images, 10.0, 290.0, world())
    assert np.isnan(cutout[128 + 10 :]).all()
    assert np.isnan(cutout[:, : 128 - 10]).all()
    assert (cutout[:138, 118:] == 1).all()


def test_frames_as_they_come_are_left_as_they_are() -> None:
    assert orientation(world(), 10, 10) == (0, False)
    assert tilt(world(), 10, 10) == pytest.approx(0, abs=0.1)


def test_places_take_the_distortion_with_them() -> None:
    wcs = bent()
    (place,) = sky_places(wcs, np.array([3.0]), np.array([2.0]))
    ra, dec = wcs.all_pix2world(3.0, 2.0, 0)
    assert (place.ra.deg, place.dec.deg) == pytest.approx((float(ra), float(dec)))
    plain_ra, _ = wcs.wcs_pix2world(3.0, 2.0, 0)
    assert abs(float(plain_ra) - float(ra)) * 3600 > 0.2


def test_pixels_have_their_side_across_the_meridian_and_near_the_pole() -> None:
    for dec in (0.0, 40.0, 88.0):
        sides = pixel_sides(world(30, dec=dec), np.array([0.0, 199.5]), np.array([10.0, 149.5]))
        np.testing.assert_allclose(sides, 1.012, rtol=1e-3)


def test_errors_are_of_the_place_and_of_the_frame() -> None:
    errors = sky_errors(np.array([0.0, 1.0, np.nan]), np.full(3, 1.012))
    assert errors[0] == pytest.approx(0.085)
    assert errors[1] == pytest.approx(np.hypot(1.012, 0.085))
    assert np.isnan(errors[2])


def test_of_two_that_are_near_the_better_stays() -> None:
    dec = np.array([0.0, 5.0, 20.0, 14.0, -300.0]) / 3600 + 60.0
    places = SkyCoord([359.9999, 359.9999, 0.0001, 0.0001, 0.0], dec, unit="deg")
    assert distinct(places, 12.0).tolist() == [0, 2, 4]
    assert distinct(places, 1.0).tolist() == [0, 1, 2, 3, 4]
    assert distinct(places[:0], 12.0).tolist() == []
