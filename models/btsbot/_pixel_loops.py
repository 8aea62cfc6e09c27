"""Loops over the pixels of many alerts, compiled: numpy would go over them ten times.

They need nothing of Python, whose lock they let go of.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from skysift.compiled import compiled, compiled_in_any_order

BEYOND = np.int32(0x7F800000)
"""The bits of infinity; those of NaN are larger numbers, with the sign bit off."""
MAGNITUDE = np.int32(0x7FFFFFFF)
SIGN = np.int32(-(1 << 31))

ONE, HALF, LN2 = np.float32(1), np.float32(0.5), np.float32(np.log(2))
ROOT_HALF, MANTISSA = np.int32(0x3F3504F3), np.int32(23)
"""The bits of √½; how many bits stand behind a float32's exponent."""
# ln(1 + f) = f − f²/2 + f³ · C(f) to 1e-7, for √½ ≤ 1 + f < √2 (Moshier, Cephes, logf).
C0, C1, C2, C3, C4, C5, C6, C7, C8 = np.array(
    [0.070376836292, -0.11514610310, 0.11676998740, -0.12420140846, 0.14249322787,
     -0.16668057665, 0.20000714765, -0.24999993993, 0.33333331174], dtype=np.float32,
)  # fmt: skip

_intrinsic: Any = intrinsic  # what it makes is called with one argument less than mypy thinks


@_intrinsic
def _bits_of(typing_context, number):
    """Take the bits of a float32 for an integer."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.bitcast(values[0], ir.IntType(32))

    return types.int32(types.float32), generate


@_intrinsic
def _float_of(typing_context, bits):
    """Take an integer for the bits of a float32."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.bitcast(values[0], ir.FloatType())

    return types.float32(types.int32), generate


@compiled_in_any_order
def _log1p(a):
    """Natural logarithm of 1 + a, a ≥ 0; without a branch, for vector units."""
    u = a + ONE
    lost = (a - (u - ONE)) / u
    bits = _bits_of(u)
    exponent = np.int32(np.int32(bits - ROOT_HALF) >> MANTISSA)
    f = _float_of(np.int32(bits - np.int32(exponent << MANTISSA))) - ONE
    c = (((((((C0 * f + C1) * f + C2) * f + C3) * f + C4) * f + C5) * f + C6) * f + C7) * f + C8
    return f + (c * f - HALF) * f * f + np.float32(exponent) * LN2 + lost


@compiled_in_any_order
def compress_standard(triplets, epsilon, out):
    """Give each stamp zero mean and unit scatter, and compress: sign(x) · ln(1 + |x|).

    Parameters
    ----------
    triplets : ndarray (n, side, side, 3), float32
    epsilon : float32
        Added to the scatter.
    out : ndarray (n, side, side, 3), float32
        Filled.
    """
    pixels = triplets.shape[1] * triplets.shape[2]
    count = np.float32(pixels)
    planes = np.empty((3, pixels), np.float32)
    for row in range(len(triplets)):
        source, target = triplets[row].reshape(-1), out[row].reshape(-1)
        _part(source, planes)
        for plane in planes:
            mean = np.float32(0)
            for i in range(pixels):
                mean += plane[i]
            mean /= count
            power = np.float32(0)
            for i in range(pixels):
                power += (plane[i] - mean) * (plane[i] - mean)
            scale = ONE / (np.sqrt(power / count) + epsilon)
            for i in range(pixels):
                x = (plane[i] - mean) * scale
                plane[i] = _float_of(_bits_of(_log1p(abs(x))) | (_bits_of(x) & SIGN))
        first, second, third = planes[0], planes[1], planes[2]
        for i in range(pixels):
            target[3 * i] = first[i]
            target[3 * i + 1] = second[i]
            target[3 * i + 2] = third[i]


@compiled
def _part(source, planes):
    """Take the three stamps of an alert apart."""
    first, second, third = planes[0], planes[1], planes[2]
    for i in range(len(first)):
        first[i] = source[3 * i]
        second[i] = source[3 * i + 1]
        third[i] = source[3 * i + 2]


@compiled
def divide(stamps, norms, rows, places, out):
    """Divide stamps by their norms, the stamps of an alert woven into one image.

    Parameters
    ----------
    stamps : ndarray (m, 3, pixels), float32
    norms : ndarray (m, 3), float32
    rows : ndarray (k,), int64
        Which of the m.
    places : ndarray (m,), int64
        Row of `out` for each of the m.
    out : ndarray (n, pixels, 3), float32
        Filled there.
    """
    for row in rows:
        first, second, third = stamps[row, 0], stamps[row, 1], stamps[row, 2]
        a, b, c = norms[row, 0], norms[row, 1], norms[row, 2]
        target = out[places[row]].reshape(-1)
        for i in range(len(first)):
            target[3 * i] = first[i] / a
            target[3 * i + 1] = second[i] / b
            target[3 * i + 2] = third[i] / c


@compiled
def largest_bits(rows):
    """Return the largest of each row's magnitudes, as bits; see `BEYOND`.

    Parameters
    ----------
    rows : ndarray (n, k), int32
        The bits of float32 numbers.

    Returns
    -------
    ndarray (n,), int32
    """
    largest = np.empty(len(rows), np.int32)
    for row in range(len(rows)):
        most = np.int32(0)
        for bits in rows[row]:
            most = max(most, bits & MAGNITUDE)
        largest[row] = most
    return largest


@compiled
def count_negative(triplets):
    """Count the negative pixels of each stamp.

    Parameters
    ----------
    triplets : ndarray (n, pixels, 3), float32

    Returns
    -------
    ndarray (n, 3), int64
    """
    counts = np.empty((len(triplets), 3), np.int64)
    for row in range(len(triplets)):
        source = triplets[row].reshape(-1)
        first, second, third = np.int32(0), np.int32(0), np.int32(0)
        for i in range(triplets.shape[1]):
            first += np.int32(source[3 * i] < 0)
            second += np.int32(source[3 * i + 1] < 0)
            third += np.int32(source[3 * i + 2] < 0)
        counts[row, 0], counts[row, 1], counts[row, 2] = first, second, third
    return counts


@compiled_in_any_order
def products(triplets, rows, start, side):
    """Sum the products of the three stamps of an alert, each without its mean, over a window.

    Parameters
    ----------
    triplets : ndarray (n, height, width, 3), float32
    rows : ndarray (k,), int64
        Which of the n.
    start, side : int
        The window's first row and column, and its side [px].

    Returns
    -------
    ndarray (k, 6), float64
        Of science (s), template (t) and difference (d): ss, st, sd, tt, td, dd.
    """
    sums = np.empty((len(rows), 6), np.float64)
    window = np.empty((3, side * side), np.float64)
    for place in range(len(rows)):
        image = triplets[rows[place], start : start + side, start : start + side]
        for y in range(side):
            for x in range(side):
                for channel in range(3):
                    window[channel, y * side + x] = image[y, x, channel]
        for channel in range(3):
            window[channel] -= np.mean(window[channel])
        s, t, d = window[0], window[1], window[2]
        sums[place, 0], sums[place, 1], sums[place, 2] = np.dot(s, s), np.dot(s, t), np.dot(s, d)
        sums[place, 3], sums[place, 4], sums[place, 5] = np.dot(t, t), np.dot(t, d), np.dot(d, d)
    return sums
