"""Where bodies are that feel the Sun alone: ellipses, parabolas and hyperbolas by one formula."""

from __future__ import annotations

import numpy as np

from skysift.frames.known.orbits import Orbits

SUN = 0.01720209895**2
"""Gauss' constant squared: the Sun's pull [au³/day²]; elements are published with it."""

OBLIQUITY = np.radians(84381.448 / 3600)
"""Of the ecliptic of J2000 (IAU 1976), which the elements are given in [rad]."""

ROUNDS = 100
"""More than Kepler's equation has needed for any orbit of `tests/frames/test_two_body.py`."""

CLOSE = 1e-12
"""Relative change of the universal variable that ends the search."""


def states(orbits: Orbits, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Heliocentric positions and velocities.

    Kepler's equation in its universal form, measured from perihelion (Danby 1992, Fundamentals of
    Celestial Mechanics, 6.9): for s with ``t = q s + μ e s³ c₃(α s²)``, ``α = μ (1 - e) / q``, it
    has no seam where an ellipse becomes a hyperbola.

    Parameters
    ----------
    orbits : Orbits (n,)
    times : ndarray (n,) or float
        Julian dates, TT.

    Returns
    -------
    positions : ndarray (n, 3), float64
        Equator and equinox J2000 [au].
    velocities : ndarray (n, 3), float64
        [au/day].
    """
    near, shape = orbits.perihelion, orbits.eccentricity
    elapsed = _since_perihelion(orbits, np.broadcast_to(times, near.shape))
    turning = SUN * (1 - shape) / near
    s = _universal(near, shape, turning, elapsed)
    c1, c2, _ = _stumpff(turning * s**2)
    distance = near + SUN * shape * s**2 * c2
    sweep = np.sqrt(SUN * near * (1 + shape))
    x = near - SUN * s**2 * c2
    y = sweep * s * c1
    vx = -SUN * s * c1 / distance
    vy = sweep * (1 - turning * s**2 * c2) / distance
    along, across = _axes(orbits)
    return (
        x[:, None] * along + y[:, None] * across,
        vx[:, None] * along + vy[:, None] * across,
    )


def _since_perihelion(orbits: Orbits, times: np.ndarray) -> np.ndarray:
    """Days since perihelion; on an ellipse, since or until the nearest one."""
    elapsed = times - orbits.passage
    closed = orbits.eccentricity < 1
    axis = orbits.perihelion[closed] / (1 - orbits.eccentricity[closed])
    period = 2 * np.pi * np.sqrt(axis**3 / SUN)
    elapsed[closed] -= period * np.round(elapsed[closed] / period)
    return elapsed


def _universal(
    near: np.ndarray, shape: np.ndarray, turning: np.ndarray, elapsed: np.ndarray
) -> np.ndarray:
    """Solve Kepler's equation for s, by Laguerre's method as Conway (1986) uses it."""
    s = _start(near, shape, turning, elapsed)
    open_ = np.arange(len(s))
    for _ in range(ROUNDS):
        q, e, at = near[open_], shape[open_], s[open_]
        c1, c2, c3 = _stumpff(turning[open_] * at**2)
        miss = q * at + SUN * e * at**3 * c3 - elapsed[open_]
        slope = q + SUN * e * at**2 * c2
        bend = SUN * e * at * c1
        root = np.sqrt(np.abs(16 * slope**2 - 20 * miss * bend))
        step = 5 * miss / (slope + root)
        s[open_] = at - step
        open_ = open_[np.abs(step) > CLOSE * (np.abs(at) + 1e-3)]
        if not len(open_):
            break
    return s


def _start(
    near: np.ndarray, shape: np.ndarray, turning: np.ndarray, elapsed: np.ndarray
) -> np.ndarray:
    """A first s: that of a parabola-like cubic, within what an ellipse or hyperbola allows."""
    # q s + μ e s³ / 6 = t, by the hyperbolic sine; for a circle simply s = t / q.
    heavy = np.maximum(SUN * shape, 1e-12)
    width = np.sqrt(2 * near / heavy)
    s = 2 * width * np.sinh(np.arcsinh(1.5 * elapsed / (near * width)) / 3)
    limit = np.full(len(s), np.inf)
    closed, open_ = turning > 0, turning < 0
    limit[closed] = np.pi / np.sqrt(turning[closed])  # aphelion
    root = np.sqrt(-turning[open_])
    # M = e sinh H - H is more than (e - 1) sinh H.
    anomaly = np.abs(elapsed[open_]) * root**3 / SUN
    limit[open_] = np.arcsinh(anomaly / (shape[open_] - 1)) / root
    return np.clip(s, -limit, limit)


def _stumpff(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stumpff's functions c₁, c₂ and c₃."""
    root = np.sqrt(np.abs(z))
    root = np.where(root > 0, root, 1.0)
    safe = np.where(z != 0, z, 1.0)
    with np.errstate(over="ignore"):
        c0 = np.where(z > 0, np.cos(root), np.cosh(np.minimum(root, 700.0)))
        c1 = np.where(z > 0, np.sin(root), np.sinh(np.minimum(root, 700.0))) / root
    c2, c3 = (1 - c0) / safe, (1 - c1) / safe
    # Near a parabola the differences above lose digits; a series does not.
    small = np.abs(z) < 0.5
    c2[small], c3[small] = _series(z[small], 2), _series(z[small], 3)
    c1[small] = 1 - z[small] * c3[small]
    return c1, c2, c3


def _series(z: np.ndarray, order: int) -> np.ndarray:
    """1/k! - z/(k+2)! + z²/(k+4)! - …"""
    term = np.full_like(z, 1.0 / (2 if order == 2 else 6))
    total = term.copy()
    for k in range(1, 9):
        term = -term * z / ((order + 2 * k) * (order + 2 * k - 1))
        total += term
    return total


def _axes(orbits: Orbits) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors to perihelion and, in the plane, 90° ahead; (n, 3) each, equatorial."""
    cos_w, sin_w = np.cos(orbits.argument), np.sin(orbits.argument)
    cos_n, sin_n = np.cos(orbits.node), np.sin(orbits.node)
    cos_i, sin_i = np.cos(orbits.inclination), np.sin(orbits.inclination)
    along = (
        cos_w * cos_n - sin_w * sin_n * cos_i,
        cos_w * sin_n + sin_w * cos_n * cos_i,
        sin_w * sin_i,
    )
    across = (
        -sin_w * cos_n - cos_w * sin_n * cos_i,
        -sin_w * sin_n + cos_w * cos_n * cos_i,
        cos_w * sin_i,
    )
    return _to_equator(*along), _to_equator(*across)


def _to_equator(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    cosine, sine = np.cos(OBLIQUITY), np.sin(OBLIQUITY)
    return np.stack([x, y * cosine - z * sine, y * sine + z * cosine], axis=1)
