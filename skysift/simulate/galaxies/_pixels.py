"""Loops over pixels: the light of a galaxy and its knots, above the atmosphere."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from skysift.compiled import compiled_in_any_order

REACH = 4.5
"""Gaussians are drawn out to this many widths."""
WAVES = 3
"""Waves that make arms crooked."""
DISC_STEPS, TURN_STEPS = 40, 360
"""Entries of tables: a scale length of the disc, and once around the circle."""
END = 6.0
"""Discs are drawn out to this many scale lengths, tails to twice as many."""


class Shape(NamedTuple):
    """A galaxy on the pixels; lengths in px, angles in rad.

    Attributes
    ----------
    x, y, cosine, sine : float
        Centre, and direction of the major axis.
    steepness, inverse_index, radius, ratio, boxy, peak, root_steps : float
        Of the spheroid: Sérsic's b and 1/n, half-light radius, axis ratio, exponent of the
        isophotes (2 is an ellipse), brightness at the centre, and how fine it is tabulated: steps
        in the root of the radius.
    scale, squash, isophote, disc, young : float
        Of the disc: scale length, axis ratio, exponent of the isophotes, brightness at the
        centre, share of young stars.
    pattern : float
        How much of the pattern on the disc is left by its inclination.
    arms, winding, arm_width, arm_strength, arm_start, ragged : float
        Count, 1 / tan(pitch) with the sense, κ of the profile across, contrast, radius where they
        begin, size of the waves in phase.
    bar, bar_length, bar_width, bar_cosine, bar_sine : float
    ring, ring_radius, ring_width : float
    tail, tail_winding, tail_start, tails : float
    bend : float
        Curvature of the midplane.
    clumpy : float
        Size of the waves in brightness.
    lane, lane_offset, lane_width, dust : float
        Optical depth of the lane of an edge-on disc, its place and width; that along the arms.
    """

    x: float
    y: float
    cosine: float
    sine: float
    steepness: float
    inverse_index: float
    radius: float
    ratio: float
    boxy: float
    peak: float
    root_steps: float
    scale: float
    squash: float
    isophote: float
    disc: float
    young: float
    pattern: float
    arms: int
    winding: float
    arm_width: float
    arm_strength: float
    arm_start: float
    ragged: float
    bar: float
    bar_length: float
    bar_width: float
    bar_cosine: float
    bar_sine: float
    ring: float
    ring_radius: float
    ring_width: float
    tail: float
    tail_winding: float
    tail_start: float
    tails: int
    bend: float
    clumpy: float
    lane: float
    lane_offset: float
    lane_width: float
    dust: float


@compiled_in_any_order
def draw_galaxy(
    canvas: np.ndarray,
    shape: Shape,
    arm_angles: np.ndarray,
    arm_fluxes: np.ndarray,
    waves: np.ndarray,
    old: np.ndarray,
    young: np.ndarray,
    dust: np.ndarray,
) -> None:
    """Add the light of a galaxy, as it is above the atmosphere.

    Near the centre, where light is steep within a pixel, pixels are divided.

    Parameters
    ----------
    canvas : ndarray (3, height, width) float32
        Changed.
    shape : Shape
    arm_angles, arm_fluxes : ndarray (arms,)
        Phase of each arm [rad]; its strength about 1.
    waves : ndarray (WAVES, 4)
        Wave numbers in the disc's plane [1 / scale length], phase, amplitude.
    old, young : ndarray (3,)
        Flux by band of one unit of light in r.
    dust : ndarray (3,)
        Extinction by band over that in r.
    """
    _, height, width = canvas.shape
    spheroid, disc = _profiles(shape, math.hypot(height, width))
    crests, lanes = _arms(shape, arm_angles, arm_fluxes)
    for row in range(height):
        for column in range(width):
            near = max(abs(row - shape.y), abs(column - shape.x))
            parts = 9 if near < 1.6 else (5 if near < 3.6 else (3 if near < 6.6 else 1))
            first = second = third = 0.0
            for j in range(parts):
                dy = row - shape.y + (j + 0.5) / parts - 0.5
                for i in range(parts):
                    dx = column - shape.x + (i + 0.5) / parts - 0.5
                    u = dx * shape.cosine + dy * shape.sine
                    v = dy * shape.cosine - dx * shape.sine
                    aged = fresh = depth = 0.0
                    if shape.disc > 0.0:
                        aged, fresh, depth = _disc(u, v, shape, disc, crests, lanes, waves)
                    if shape.peak > 0.0:
                        away = _superellipse(u, v / shape.ratio, shape.boxy)
                        aged += _looked_up(spheroid, math.sqrt(away) * shape.root_steps)
                    blue = aged * old[0] + fresh * young[0]
                    green = aged * old[1] + fresh * young[1]
                    red = aged * old[2] + fresh * young[2]
                    if depth > 0.0:
                        blue *= math.exp(-depth * dust[0])
                        green *= math.exp(-depth * dust[1])
                        red *= math.exp(-depth * dust[2])
                    first, second, third = first + blue, second + green, third + red
            share = 1.0 / (parts * parts)
            canvas[0, row, column] += share * first
            canvas[1, row, column] += share * second
            canvas[2, row, column] += share * third


@compiled_in_any_order
def _profiles(shape: Shape, far: float) -> tuple[np.ndarray, np.ndarray]:
    """Brightness of the spheroid by the root of the radius, and of the disc by the radius."""
    count = int(math.sqrt(far / shape.ratio) * shape.root_steps) + 3
    spheroid = np.empty(count)
    for i in range(count):
        away = (i / shape.root_steps) ** 2 / shape.radius
        spheroid[i] = shape.peak * math.exp(-shape.steepness * away**shape.inverse_index)
    # Discs end: beyond four scale lengths they fall more steeply (van der Kruit 1979).
    disc = np.empty(int(4 * END * DISC_STEPS) + 3)
    for i in range(len(disc)):
        away = i / DISC_STEPS
        disc[i] = shape.disc * math.exp(-away - math.log(1.0 + math.exp(4.0 * away - 16.0)))
    return spheroid, disc


@compiled_in_any_order
def _arms(
    shape: Shape, arm_angles: np.ndarray, arm_fluxes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Light on the arms less its mean, and dust at their inner edge, around the circle."""
    crests, lanes = np.zeros(TURN_STEPS + 2), np.zeros(TURN_STEPS + 2)
    for i in range(TURN_STEPS + 2):
        turned = 2.0 * math.pi * i / TURN_STEPS
        for k in range(shape.arms):
            off = turned - arm_angles[k]
            crests[i] += arm_fluxes[k] * math.exp(shape.arm_width * (math.cos(off) - 1.0))
            lanes[i] += math.exp(2.5 * shape.arm_width * (math.cos(off + 0.35) - 1.0))
    if shape.arms > 0:
        crests = crests / crests[:TURN_STEPS].mean() - 1.0
    return crests, lanes


@compiled_in_any_order
def _looked_up(table: np.ndarray, place: float) -> float:
    """Value of a table between its entries; 0 behind its end."""
    low = int(place)
    if low + 1 >= len(table):
        return 0.0
    return table[low] + (place - low) * (table[low + 1] - table[low])


@compiled_in_any_order
def _disc(
    u: float,
    v: float,
    shape: Shape,
    profile: np.ndarray,
    crests: np.ndarray,
    lanes: np.ndarray,
    waves: np.ndarray,
) -> tuple[float, float, float]:
    """Old light, young light and optical depth of the disc at a place from its centre [px]."""
    scale = shape.scale
    v = v - shape.bend * u * u / scale
    depth = 0.0
    if shape.lane > 0.0:
        off = (v - shape.lane_offset) / shape.lane_width
        depth = shape.lane * math.exp(-0.5 * off * off - abs(u) / (2.0 * scale))
    v = v / shape.squash
    r = math.sqrt(u * u + v * v) + 1e-6
    if r > (2.0 * END if shape.tail > 0.0 else END) * scale:
        return 0.0, 0.0, 0.0
    base = _looked_up(profile, _superellipse(u, v, shape.isophote) / scale * DISC_STEPS)
    phase, bright = 0.0, 0.0
    winds = shape.arms > 0 or shape.tail > 0.0
    if winds or shape.clumpy > 0.0 or shape.ring > 0.0:
        for k in range(WAVES):
            swell = (waves[k, 0] * u + waves[k, 1] * v) / scale + waves[k, 2]
            phase += waves[k, 3] * math.sin(swell)
            bright += waves[k, 3] * math.cos(swell)
    old, young = base * (1.0 - shape.young), base * shape.young
    if shape.clumpy > 0.0:
        young *= math.exp(shape.clumpy * (1.5 * bright - 0.8 * shape.clumpy))
    angle = math.atan2(v, u) if winds else 0.0
    logarithm = math.log(r / scale) if winds else 0.0
    if shape.arms > 0:
        turned = angle - shape.winding * logarithm + shape.ragged * phase
        place = turned / (2.0 * math.pi)
        place = (place - math.floor(place)) * TURN_STEPS
        crest = _looked_up(crests, place)
        rise = 1.0 / (1.0 + math.exp(-8.0 * (r / shape.arm_start - 1.0)))
        strength = shape.arm_strength * shape.pattern * rise
        young *= max(1.0 + strength * (crest + (crest + 1.0) * shape.ragged * bright), 0.0)
        old *= max(1.0 + 0.6 * strength * crest, 0.0)
        depth += shape.dust * strength * _looked_up(lanes, place) * math.exp(-0.3 * r / scale)
    if shape.ring > 0.0:
        off = (r - shape.ring_radius) / shape.ring_width
        light = shape.ring * shape.disc * math.exp(-0.5 * off * off) * shape.pattern
        old += 0.45 * light
        young += 0.55 * light * max(1.0 + 0.8 * bright, 0.0)
    if shape.bar > 0.0:
        along = (u * shape.bar_cosine + v * shape.bar_sine) / shape.bar_length
        across = (v * shape.bar_cosine - u * shape.bar_sine) / shape.bar_width
        if abs(along) < 2.5 and abs(across) < 2.5:
            reach = _superellipse(along, across, 2.6)
            edge = 1.0 + math.exp(7.0 * (reach - 1.0))
            old += shape.bar * shape.disc * math.exp(-0.6 * reach) / edge
    if shape.tail > 0.0:
        turned = shape.tails * (angle - shape.tail_winding * logarithm + 0.3 * phase)
        crest = math.exp(5.0 * (math.cos(turned) - 1.0) / shape.tails)
        rise = 1.0 / (1.0 + math.exp(-6.0 * (r / shape.tail_start - 1.0)))
        light = shape.tail * shape.disc * crest * rise * math.exp(-r / (2.2 * scale))
        old += 0.6 * light
        young += 0.4 * light
    return old, young, depth


@compiled_in_any_order
def _superellipse(x: float, y: float, exponent: float) -> float:
    """Radius of a place on curves ``|x|^c + |y|^c``: 2 circles, more boxes, less diamonds."""
    if exponent == 2.0:
        return math.sqrt(x * x + y * y)
    x, y = abs(x) + 1e-9, abs(y) + 1e-9
    large, small = max(x, y), min(x, y)
    return large * (1.0 + (small / large) ** exponent) ** (1.0 / exponent)


@compiled_in_any_order
def draw_blobs(
    canvas: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    width: np.ndarray,
    ratio: np.ndarray,
    angle: np.ndarray,
    flux: np.ndarray,
) -> None:
    """Add small elliptical Gaussians: knots, and galaxies far behind.

    Parameters
    ----------
    canvas : ndarray (3, height, width) float32
        Changed.
    x, y, width, ratio, angle : ndarray (n,)
        Places, widths along the major axis [px], axis ratios, angles [rad].
    flux : ndarray (n, 3)
    """
    _, height, width_of_all = canvas.shape
    for i in range(len(x)):
        cosine, sine = math.cos(angle[i]), math.sin(angle[i])
        long, short = max(width[i], 0.5), max(width[i] * ratio[i], 0.5)
        far = REACH * long
        scale = 1.0 / (2.0 * math.pi * long * short)
        for row in range(max(int(y[i] - far), 0), min(int(y[i] + far) + 2, height)):
            dy = row - y[i]
            for column in range(max(int(x[i] - far), 0), min(int(x[i] + far) + 2, width_of_all)):
                dx = column - x[i]
                along, across = dx * cosine + dy * sine, dy * cosine - dx * sine
                value = scale * math.exp(
                    -0.5 * (along * along / (long * long) + across * across / (short * short))
                )
                for band in range(3):
                    canvas[band, row, column] += value * flux[i, band]
