"""Truth: the slopes of the counts, and areas."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.simulate.frames.camera import PlaneMap, make_header
from skysift.simulate.frames.surroundings import MARGIN, make_field, seen_by
from skysift.simulate.frames.visitors import CONFUSERS, make_confusers
from skysift.simulate.neighbours import star_density

SHAPE = (3080, 3072)


def field(latitude: float, fid: int = 2, seed: int = 1):
    return make_field(SHAPE, latitude, fid, rng=np.random.default_rng(seed))


def test_stars_are_as_dense_as_at_their_latitude() -> None:
    arcminutes = (SHAPE[0] + 2 * MARGIN) * (SHAPE[1] + 2 * MARGIN) * (1.012 / 60.0) ** 2
    for latitude in (-60.0, 15.0):
        expected = arcminutes * star_density(latitude)
        assert len(field(latitude).x) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(("bright", "faint", "slope"), [(11.0, 14.5, 0.4), (16.0, 22.0, 0.25)])
def test_counts_of_stars_have_their_slopes(bright: float, faint: float, slope: float) -> None:
    mags = field(3.0).mag
    counts = [(mags < end).sum() for end in (bright, faint)]
    assert np.log10(counts[1] / counts[0]) / (faint - bright) == pytest.approx(slope, abs=0.05)


def test_dust_hides_galaxies_in_the_plane() -> None:
    assert len(field(1.0).galaxy_x) < 0.3 * len(field(60.0).galaxy_x)


def test_all_light_of_the_galaxies_is_there() -> None:
    made = field(50.0)
    expected = (10.0 ** (-0.4 * (made.galaxy_mag - 26.0))).sum()
    assert made.galaxies(26.0).flux.sum() == pytest.approx(expected, rel=1e-6)


def test_galaxies_are_drawn_where_another_frame_sees_them() -> None:
    here = make_header((150.0, 20.0), SHAPE, 0.0, np.zeros(2))
    there = make_header((150.005, 20.0), SHAPE, 90.0, np.zeros(2))
    glow = field(50.0).galaxies(26.0)
    plane = PlaneMap(here, there, SHAPE, MARGIN)
    seen = seen_by(glow, plane)
    np.testing.assert_allclose((seen.x, seen.y), plane(glow.x, glow.y))
    np.testing.assert_allclose(seen.xx, glow.yy, atol=1e-2 * glow.xx.max())
    assert np.abs(seen.xx - glow.xx).max() > 0.1 * glow.xx.max()


def test_confusers_are_as_many_as_asked_for() -> None:
    sky = field(60.0)
    numbers = [
        len(make_confusers(sky, SHAPE, factor, rng=np.random.default_rng(2)))
        for factor in (0.0, 1.0, 12.0)
    ]
    usual = sum(CONFUSERS.values())
    assert numbers[0] == 0
    assert numbers[1] == pytest.approx(usual, abs=4 * usual**0.5)
    assert numbers[2] == pytest.approx(12 * usual, rel=0.25)
