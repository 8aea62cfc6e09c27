"""Loops over the pixels of single sources, compiled; they let go of Python's lock."""

from __future__ import annotations

import numpy as np

from skysift.compiled import compiled

HALF = 12
"""Pixels to each side of a source that are looked at."""

BAND = 256
"""Rows that `peaks` goes over at a time."""

CORE, ALONE = 3.5, 6.0
"""Of a star [px]: its light for finding its middle; beyond this there must be nothing else."""

NEIGHBOUR, FAINT = 0.08, 6.0
"""Nothing: less than this share of its peak, or than this many times the noise."""

CLOSE, FIT, FLUX = 3.0, 4.0, 3.0
"""Radii [px]: in which a source's peak is looked for; of the fit of its place; of its light."""

RINGS = np.array([0.0, 1.5, 3.0, 5.0, 8.0, 12.0])
ROUNDS = 4


@compiled
def peaks(science, first, least):
    """Find pixels above a level that are the highest of 5 × 5, in a band of rows.

    Returns
    -------
    ndarray (k, 3), float64
        Column, row, value.
    """
    height, width = science.shape
    found = []
    for y in range(first, min(first + BAND, height - HALF)):
        for x in range(HALF, width - HALF):
            value = science[y, x]
            if not value >= least:
                continue
            highest = True
            for j in range(-2, 3):
                for i in range(-2, 3):
                    if science[y + j, x + i] > value:
                        highest = False
            if highest:
                found.append((float(x), float(y), float(value)))
    out = np.empty((len(found), 3))
    for k in range(len(found)):
        out[k, 0], out[k, 1], out[k, 2] = found[k]
    return out


@compiled
def star_at(science, x, y, level, noise, out):
    """Cut a star out, its middle moved to the middle, its light 1; say whether it is one.

    It is none if a pixel has no data (as where it is saturated), or if something else is near.
    """
    side = 2 * HALF + 1
    pixels = np.empty((side, side))
    peak = science[y, x] - level
    limit = max(NEIGHBOUR * peak, FAINT * noise)
    total, east, south = 0.0, 0.0, 0.0
    for j in range(side):
        for i in range(side):
            value = science[y - HALF + j, x - HALF + i] - level
            away = np.hypot(i - HALF, j - HALF)
            if not np.isfinite(value) or (away > ALONE and value > limit):
                return False
            pixels[j, i] = value
            if away < CORE:
                total += value
                east += value * (i - HALF)
                south += value * (j - HALF)
    if total <= 0:
        return False
    east, south = east / total, south / total
    if max(abs(east), abs(south)) > 0.8:
        return False
    moved(pixels, -east, -south, out)
    light = 0.0
    for j in range(side):
        for i in range(side):
            if np.hypot(i - HALF, j - HALF) <= 8:
                light += out[j, i]
    if light <= 0:
        return False
    for j in range(side):
        for i in range(side):
            out[j, i] /= light
    return True


@compiled
def _cubic(t):
    """Weights of four samples at −1, 0, 1, 2 for a place at t in [0, 1): Keys 1981, a = −½."""
    return (
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    )


@compiled
def moved(image, dx, dy, out):
    """Move an image by cubic convolution; what comes from beyond its edges is 0."""
    height, width = image.shape
    whole_x, whole_y = int(np.floor(-dx)), int(np.floor(-dy))
    wx, wy = _cubic(-dx - whole_x), _cubic(-dy - whole_y)
    for y in range(height):
        for x in range(width):
            value = 0.0
            for j in range(4):
                row = y + whole_y + j - 1
                if row < 0 or row >= height:
                    continue
                for i in range(4):
                    column = x + whole_x + i - 1
                    if 0 <= column < width:
                        value += wy[j] * wx[i] * image[row, column]
            out[y, x] = value


@compiled
def rest_of(light, point, x, y, level, noise, out):
    """Fit a point's place and light, and sum what it leaves; say whether that could be done.

    Parameters
    ----------
    light : ndarray (h, w), float32
        NaN where there are no data.
    point : ndarray (side, side), float64
        Of light 1.
    x, y : float
        About where it is; it is looked for from the highest pixel near.
    level, noise : float
        Of a pixel.
    out : ndarray (2 + 2 rings), float64
        Filled: S/N of the point; of each ring the sum over its noise; over the point's light; and
        the mean square of what is left within 4 px, in noise.
    """
    side, height, width = 2 * HALF + 1, light.shape[0], light.shape[1]
    column, row = int(np.rint(x)), int(np.rint(y))
    pixels, known = np.zeros((side, side)), np.zeros((side, side), np.bool_)
    dx, dy, highest = 0.0, 0.0, -np.inf
    for j in range(side):
        for i in range(side):
            there_x, there_y = column - HALF + i, row - HALF + j
            if not (0 <= there_x < width and 0 <= there_y < height):
                continue
            value = (light[there_y, there_x] - level) / noise
            if not np.isfinite(value):
                continue
            pixels[j, i], known[j, i] = value, True
            if value > highest and np.hypot(i - HALF, j - HALF) <= CLOSE:
                highest, dx, dy = value, float(i - HALF), float(j - HALF)
    model = np.empty((side, side))
    for _ in range(ROUNDS):
        moved(point, dx, dy, model)
        step_x, step_y, enough = _step(pixels, known, model, dx, dy)
        if not enough:
            return False
        dx, dy = min(max(dx + step_x, -5.0), 5.0), min(max(dy + step_y, -5.0), 5.0)
    moved(point, dx, dy, model)
    product, square = 0.0, 0.0
    for j in range(side):
        for i in range(side):
            if known[j, i] and np.hypot(i - HALF - dx, j - HALF - dy) <= FLUX:
                product += pixels[j, i] * model[j, i]
                square += model[j, i] * model[j, i]
    if square <= 0 or product <= 0:
        return False
    flux = product / square
    out[0] = flux * np.sqrt(square)
    _rings(pixels, known, model, flux, dx, dy, out)
    return True


@compiled
def _determinant(a, b, c):
    """Of three columns, which for a symmetric matrix are its rows."""
    return (
        a[0] * (b[1] * c[2] - b[2] * c[1])
        - a[1] * (b[0] * c[2] - b[2] * c[0])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
    )


@compiled
def _step(pixels, known, model, dx, dy):
    """One step of Gauss and Newton for a point's light and place."""
    side = pixels.shape[0]
    normal, right = np.zeros((3, 3)), np.zeros(3)
    one = np.empty(3)
    count = 0
    for j in range(1, side - 1):
        for i in range(1, side - 1):
            if not known[j, i] or np.hypot(i - HALF - dx, j - HALF - dy) > FIT:
                continue
            one[0] = model[j, i]
            one[1] = -0.5 * (model[j, i + 1] - model[j, i - 1])
            one[2] = -0.5 * (model[j + 1, i] - model[j - 1, i])
            for a in range(3):
                right[a] += one[a] * pixels[j, i]
                for b in range(3):
                    normal[a, b] += one[a] * one[b]
            count += 1
    if count < 8:
        return 0.0, 0.0, False
    # Only the ratios of what solves normal · answer = right are wanted: Cramer's rule.
    size = _determinant(right, normal[1], normal[2])
    if size == 0 or size * _determinant(normal[0], normal[1], normal[2]) <= 0:
        return 0.0, 0.0, True
    step_x = _determinant(normal[0], right, normal[2]) / size
    step_y = _determinant(normal[0], normal[1], right) / size
    return min(max(step_x, -0.7), 0.7), min(max(step_y, -0.7), 0.7), True


@compiled
def _rings(pixels, known, model, flux, dx, dy, out):
    """Sum what a point leaves, ring by ring."""
    side, count = pixels.shape[0], len(RINGS) - 1
    total, many = np.zeros(count), np.zeros(count)
    square, inner = 0.0, 0
    for j in range(side):
        for i in range(side):
            if not known[j, i]:
                continue
            away = np.hypot(i - HALF - dx, j - HALF - dy)
            left = pixels[j, i] - flux * model[j, i]
            if away < FIT:
                square += left * left
                inner += 1
            for ring in range(count):
                if RINGS[ring] <= away < RINGS[ring + 1]:
                    total[ring] += left
                    many[ring] += 1
    for ring in range(count):
        out[1 + ring] = total[ring] / np.sqrt(max(many[ring], 1.0))
        out[1 + count + ring] = total[ring] / max(flux, 1.0)
    out[1 + 2 * count] = square / max(inner, 1)
