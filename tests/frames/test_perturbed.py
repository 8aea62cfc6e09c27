"""Motion under the planets: Mars, followed as a body of no account, must be where DE421 has it."""

from __future__ import annotations

import time

import numpy as np
import pytest

from skysift.frames.known import ephemeris as ephemeris_module
from skysift.frames.known import perturbed
from skysift.frames.known.comet_file import comets
from skysift.frames.known.ephemeris import Ephemeris, ephemeris
from skysift.frames.known.orbits import OrbitError
from skysift.frames.known.perturbed import integrated, moved
from skysift.frames.known.two_body import SUN, states
from tests.frames.orbit_lines import HALE_BOPP, PARABOLA

MARS = list(ephemeris_module.WEIGHTS).index((0, 4))
START = 2459000.5


def test_mars_goes_where_de421_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    eph = ephemeris()
    times = START + np.array([-0.5, 0.0, 0.5, 400.0])
    path = eph.planets(times)[0][MARS]
    # Velocity from the ephemeris itself, a symmetric difference with the bend taken off.
    step = 1 / 32  # of a day, which Julian dates hold exactly
    fine = eph.planets(START + step * np.array([-2, -1, 1, 2]))[0][MARS]
    speed = (8 * (fine[2] - fine[1]) - (fine[3] - fine[0])) / (12 * step)
    without_mars = {key: value for key, value in ephemeris_module.WEIGHTS.items() if key != (0, 4)}
    monkeypatch.setattr(ephemeris_module, "WEIGHTS", without_mars)
    # Mars does pull the Sun.
    monkeypatch.setattr(perturbed, "SUN", SUN * (1 + 1 / 3098703.59))
    end, _ = integrated(path[1:2], speed[None], np.array([START]), START + 400.0, eph)
    # An arcsecond at 1 au is 5e-6 au; relativity, which is left out, moves Mars by 1e-7.
    assert end[0] == pytest.approx(path[3], abs=5e-7)


def test_planets_matter_more_than_the_tolerance() -> None:
    """The same path by two bodies alone is off by hundreds of times as much."""
    orbits, _ = comets([HALE_BOPP.encode()], "test")
    alone, _ = states(orbits, np.array(orbits.epoch[0] + 400.0))
    pulled, _ = moved(orbits, orbits.epoch[0] + 400.0, ephemeris())
    assert 1e-4 < np.linalg.norm(alone - pulled) < 1e-1


def test_there_and_back() -> None:
    orbits, _ = comets([HALE_BOPP.encode()], "test")
    at, speed = states(orbits, orbits.epoch)
    far = integrated(at, speed, orbits.epoch, orbits.epoch[0] - 700.0, ephemeris())
    back, _ = integrated(*far, orbits.epoch - 700.0, float(orbits.epoch[0]), ephemeris())
    assert back == pytest.approx(at, abs=1e-8)


def test_an_orbit_without_epoch_goes_on_as_two_bodies_do() -> None:
    orbits, _ = comets([PARABOLA.encode(), HALE_BOPP.encode()], "test")
    pulled, _ = moved(orbits, START, ephemeris())
    alone, _ = states(orbits, np.array(START))
    assert np.array_equal(pulled[0], alone[0])
    assert not np.array_equal(pulled[1], alone[1])


def test_a_body_that_hits_the_earth_does_not_stop_the_clock() -> None:
    eph = ephemeris()
    earth = list(ephemeris_module.WEIGHTS).index((3, 399))
    before, at, after = eph.planets(START + np.array([-0.5, 0.0, 0.5]))[0][earth]
    begun = time.process_time()
    end, _ = integrated(
        at[None] + [[2e-3, 1e-6, 0.0]],
        (after - before)[None] + [[-4e-4, 0.0, 0.0]],
        np.array([START]),
        START + 60.0,
        eph,
    )
    assert np.isfinite(end).all()
    assert time.process_time() - begun < 10.0


def test_very_old_elements_go_on_as_two_bodies_do() -> None:
    orbits, _ = comets([HALE_BOPP.encode()], "test")
    late = float(orbits.epoch[0]) + 4001.0
    assert np.array_equal(moved(orbits, late, ephemeris())[0], states(orbits, np.array(late))[0])


def test_without_skyfield_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ephemeris_module, "find_spec", lambda name: None)
    with pytest.raises(OrbitError, match=r"pip install 'skysift\[frames\]'"):
        ephemeris_module._kernel_file()


def test_span_of_the_ephemeris() -> None:
    eph = Ephemeris()
    assert eph.covers(np.array([2459000.5, 2471200.5, 2414800.5])).tolist() == [True, False, False]
