"""Truth: Zackay, Ofek & Gal-Yam's claims (white noise, flux kept), and a naive subtraction."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import uniform_filter

from skysift.simulate.frames.light import add_stars
from skysift.simulate.frames.psf import Optics, PsfField
from skysift.simulate.frames.subtraction import (
    Side,
    difference_noise,
    subtract,
    subtract_sky,
)
from skysift.simulate.frames.tiles import tiles

SHAPE = (300, 280)
NOISE = (6.0, 1.5)


@pytest.fixture(scope="module")
def psfs() -> list[PsfField]:
    seeings = (2.2, 1.6)
    return [
        PsfField(Optics(seeing, (0.0, 0.0), (0.0, 0.0), (0.5, 0.5)), SHAPE) for seeing in seeings
    ]


def same_place(x, y):
    return np.asarray(x), np.asarray(y)


def sides(psfs, stars=(), new=()) -> list[Side]:
    """Two frames of the same stars; `new` ones are in the first alone."""
    rng = np.random.default_rng(7)
    made = []
    for noise, psf, sources in zip(NOISE, psfs, ([*stars, *new], stars), strict=True):
        image = (noise * rng.standard_normal(SHAPE)).astype(np.float32)
        for x, y, flux in sources:
            add_stars(image, np.array([x]), np.array([y]), np.array([flux]), psf)
        made.append(Side(image, psf, noise))
    return made


def test_noise_is_white_and_has_the_size_that_is_said(psfs) -> None:
    difference = subtract(*sides(psfs), same_place)
    expected = difference_noise(*NOISE)
    assert expected == pytest.approx(np.hypot(*NOISE))
    assert difference.std() == pytest.approx(expected, rel=0.02)
    # Sums over boxes of white noise grow as the root of their area.
    boxes = uniform_filter(difference, 9)[10:-10:9, 10:-10:9] * 9.0
    assert boxes.std() == pytest.approx(expected, rel=0.1)


def test_what_is_in_both_vanishes_though_the_seeing_differs(psfs) -> None:
    rng = np.random.default_rng(8)
    stars = [(*rng.uniform(20, 260, 2), 2e4) for _ in range(30)]
    difference = subtract(*sides(psfs, stars), same_place)
    assert np.abs(difference).max() < 6.0 * difference_noise(*NOISE)
    naive = sides(psfs, stars)
    assert np.abs(naive[0].image - naive[1].image).max() > 50.0 * difference_noise(*NOISE)


def test_what_is_new_keeps_its_flux_and_its_place(psfs) -> None:
    x, y, flux = 140.3, 150.8, 3e4
    difference = subtract(*sides(psfs, new=[(x, y, flux)]), same_place)
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    near = np.hypot(columns - x, rows - y) < 12.0
    light = np.where(near, difference, 0.0)
    error = difference_noise(*NOISE) * np.sqrt(near.sum())
    assert light.sum() == pytest.approx(flux, abs=4 * error + 0.01 * flux)
    assert (light * columns).sum() / light.sum() == pytest.approx(x, abs=0.1)
    assert (light * rows).sum() / light.sum() == pytest.approx(y, abs=0.1)


def test_a_tile_at_a_time_is_the_whole_at_once(psfs, monkeypatch) -> None:
    pair = sides(psfs, [(100.2, 90.1, 2e4), (150.0, 140.0, 1e4)])
    whole = subtract(*pair, same_place)
    monkeypatch.setattr("skysift.simulate.frames.tiles.SIDE", 110)
    assert len(list(tiles(SHAPE, 32))) == 9
    parts = subtract(*pair, same_place)
    assert np.abs(whole - parts).max() < 0.02 * difference_noise(*NOISE)


def test_where_either_frame_has_no_data_there_is_none(psfs) -> None:
    first, second = sides(psfs, [(100.0, 100.0, 1e4)])
    first.image[5, 6] = second.image[200, 100] = np.nan
    difference = subtract(first, second, same_place)
    assert list(zip(*np.nonzero(np.isnan(difference)), strict=True)) == [(5, 6), (200, 100)]


def test_a_sloping_sky_is_taken_off_and_stars_are_left() -> None:
    shape, rng = (600, 640), np.random.default_rng(9)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    image = 5.0 * rng.standard_normal(shape) + 150.0 + 0.02 * columns - 0.01 * rows
    image = image.astype(np.float32)
    image[300:304, 320:324] += 1000.0
    image[:, :40] = np.nan
    assert subtract_sky(image) == pytest.approx(150.0 + 6.8 - 3.0, abs=1.5)
    assert np.nanmedian(image[100:500, 100:540]) == pytest.approx(0.0, abs=0.3)
    for corner in (image[:60, 40:100], image[-60:, -60:]):
        assert np.nanmean(corner) == pytest.approx(0.0, abs=1.5)
    assert image[301, 321] == pytest.approx(1000.0, abs=25.0)


def test_tiles_cover_a_frame_once() -> None:
    count = np.zeros((3080, 3072), int)
    for tile in tiles(count.shape, 32):
        count[tile.inner] += 1
        inner = [part.stop - part.start for part in tile.inner]
        assert [part.stop - part.start for part in tile.core] == inner
        assert all(size >= side + 64 for size, side in zip(tile.size, inner, strict=True))
    assert (count == 1).all()
