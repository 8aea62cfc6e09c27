"""Pictures of stamps: neither unit nor sky changes them, and nothing shows nothing."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.galaxy_zoo.stamps import stamp_picture

SIDE = 63
Y, X = np.indices((SIDE, SIDE)) - SIDE // 2


def stamp(radius: float = 4.0, peak: float = 300.0, seed: int = 1) -> np.ndarray:
    """A round galaxy on a sky of 200 with noise of 1.5."""
    light = peak * np.exp(-np.hypot(X, Y) / radius)
    return 200.0 + light + np.random.default_rng(seed).normal(0.0, 1.5, light.shape)


def test_neither_unit_nor_sky_plays_a_role() -> None:
    expected = stamp_picture(stamp())
    other = stamp_picture(7.0 * (stamp() - 200.0) - 30.0)
    assert np.abs(expected.astype(int) - other).max() <= 1
    assert (expected.dtype, expected.shape) == (np.uint8, (SIDE, SIDE))


def test_what_is_brighter_is_brighter_and_the_sky_is_dark() -> None:
    picture = stamp_picture(stamp())
    sky = picture[np.hypot(X, Y) > 28.0]
    assert 15 < np.median(sky) < 35
    rings = [np.median(picture[np.abs(np.hypot(X, Y) - radius) < 1.0]) for radius in (2, 6, 10, 14)]
    assert rings == sorted(rings, reverse=True)
    assert rings[-1] > np.median(sky)
    faint, bright = (stamp_picture(stamp(peak=peak))[31, 31] for peak in (300.0, 3000.0))
    assert 120 < faint < bright < 255


def test_a_galaxy_that_fills_the_stamp_is_not_taken_for_the_sky() -> None:
    wide, narrow = stamp(radius=10.0), stamp(radius=3.0)
    assert stamp_picture(wide)[31, 31] == pytest.approx(stamp_picture(narrow)[31, 31], abs=12)
    assert stamp_picture(wide)[0, 0] < 50


def test_pixels_without_data_are_as_dark_as_the_sky() -> None:
    masked, missing = stamp(), stamp()
    masked[:9], missing[:9] = -np.finfo(np.float32).max, np.nan
    assert (stamp_picture(masked) == stamp_picture(missing)).all()
    lost = np.unique(stamp_picture(missing)[:9])
    assert len(lost) == 1 and abs(int(lost[0]) - np.median(stamp_picture(stamp())[50:, :9])) < 8


@pytest.mark.parametrize("value", [np.nan, np.inf, 7.0, -np.finfo(np.float32).max])
def test_a_stamp_that_shows_nothing_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="shows nothing"):
        stamp_picture(np.full((SIDE, SIDE), value, np.float32))
    with pytest.raises(ValueError, match="shows nothing"):
        stamp_picture(np.empty((0, SIDE), np.float32))
