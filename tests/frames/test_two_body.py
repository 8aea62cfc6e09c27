"""Two bodies: against Skyfield's propagation, and against what Kepler's laws demand."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

from skysift.frames.known.comet_file import comets
from skysift.frames.known.orbits import Orbits
from skysift.frames.known.two_body import SUN, states
from tests.frames.orbit_lines import COMETS

PULL_OF_SKYFIELD = 132712440042.0
"""The Sun's, in the unit of its functions [km³/s²]."""


def orbit(near: np.ndarray, shape: np.ndarray) -> Orbits:
    """Orbits in the plane of the ecliptic with perihelion at JD 2459000.5 and longitude 0."""
    zero = np.zeros(len(near))
    return Orbits(
        np.full(len(near), b"made up"),
        np.full(len(near), b"test"),
        np.ones(len(near), dtype=bool),
        near,
        shape,
        zero,
        zero,
        zero,
        np.full(len(near), 2459000.5),
        np.full(len(near), np.nan),
        zero,
        zero,
    )


@pytest.mark.parametrize("line", COMETS)
@pytest.mark.parametrize("days", [-4000.0, -31.5, 0.0, 0.25, 60.0, 2500.0])
def test_as_skyfield_propagates(line: str, days: float) -> None:
    from skyfield.api import load
    from skyfield.data import mpc

    row = mpc.load_comets_dataframe(BytesIO(f"{line}\n".encode())).iloc[0]
    scale = load.timescale(builtin=True)
    theirs = mpc.comet_orbit(row, scale, PULL_OF_SKYFIELD)
    ours, _ = comets([line.encode()], "test")
    time = ours.passage[0] + days
    position, velocity = states(ours, np.array(time))
    expected = theirs.at(scale.tt_jd(time))
    distance = np.linalg.norm(expected.position.au)
    # Not the same constant for the Sun (2e-9 apart), nor the same digits of the obliquity.
    assert position[0] == pytest.approx(expected.position.au, abs=3e-8 * distance)
    assert velocity[0] == pytest.approx(expected.velocity.au_per_d, abs=1e-9)


def test_every_conic_obeys_energy_area_and_speed() -> None:
    shapes = np.array([0.0, 0.1, 0.7, 0.97, 0.999999, 1.0, 1.000001, 1.02, 1.5, 3.4, 6.2])
    nears = np.array([0.005, 0.3, 1.0, 5.0, 40.0])
    days = np.array([-3e4, -2000.0, -20.0, -0.01, 0.0, 1e-6, 3.0, 400.0, 1e4])
    near, shape, day = (each.ravel() for each in np.meshgrid(nears, shapes, days, indexing="ij"))
    orbits = orbit(near, shape)
    at, speed = states(orbits, 2459000.5 + day)
    distance = np.linalg.norm(at, axis=1)
    energy = np.sum(speed**2, axis=1) / 2 - SUN / distance
    both = np.sum(speed**2, axis=1) / 2 + SUN / distance
    assert (np.abs(energy + SUN * (1 - shape) / (2 * near)) / both).max() < 1e-10
    area = np.linalg.norm(np.cross(at, speed), axis=1)
    assert area == pytest.approx(np.sqrt(SUN * near * (1 + shape)), rel=1e-9)
    # Julian dates have steps of 5e-10 days; a difference over a step tests the clock.
    step = 1e-3 * np.maximum(1.0, np.abs(day))
    after, _ = states(orbits, 2459000.5 + day + step)
    before, _ = states(orbits, 2459000.5 + day - step)
    smooth = np.abs(distance) > 30 * step * np.linalg.norm(speed, axis=1)
    assert smooth.mean() > 0.5
    assert ((after - before) / (2 * step[:, None]))[smooth] == pytest.approx(
        speed[smooth], abs=2e-3 * np.abs(speed[smooth]).max()
    )


def test_perihelion_is_where_it_is_said_to_be() -> None:
    at, _ = states(orbit(np.array([0.4]), np.array([1.0])), np.array(2459000.5))
    assert at[0] == pytest.approx([0.4, 0.0, 0.0], abs=1e-12)


def test_a_parabola_by_barkers_equation() -> None:
    """Its true anomaly of 90° is reached after 4/3 of √(2 q³) / k."""
    near = 0.7
    days = 4 / 3 * np.sqrt(2 * near**3 / SUN)
    at, _ = states(orbit(np.array([near]), np.array([1.0])), np.array(2459000.5 + days))
    assert np.linalg.norm(at[0]) == pytest.approx(2 * near, rel=1e-9)
    assert at[0, 0] == pytest.approx(0.0, abs=1e-9)


def test_no_seam_at_the_parabola() -> None:
    shapes = np.array([1 - 1e-9, 1.0, 1 + 1e-9])
    at, _ = states(orbit(np.full(3, 0.9), shapes), np.array(2459300.5))
    assert np.ptp(at, axis=0).max() < 1e-7


def test_an_ellipse_comes_back() -> None:
    one = orbit(np.array([1.5]), np.array([0.3]))
    period = 2 * np.pi * np.sqrt((1.5 / 0.7) ** 3 / SUN)
    first, _ = states(one, np.array(2459123.5))
    again, _ = states(one, np.array(2459123.5 + 7 * period))
    assert again == pytest.approx(first, abs=1e-7)
