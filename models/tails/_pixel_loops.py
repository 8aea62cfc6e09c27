"""Loops over the pixels of many images, compiled: numpy would go over them ten times.

They need nothing of Python, whose lock they let go of.
"""

from __future__ import annotations

import numpy as np

from skysift.compiled import compiled, compiled_in_any_order

TO_SIGMA = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
LARGEST = np.float32(1e9)
"""Beyond so many standard deviations a pixel says no more; its square is still a float32."""
ZERO, ONE, TWO, QUARTER = np.float32(0), np.float32(1), np.float32(2), np.float32(0.25)
THIRD, FIFTH, SEVENTH, LN2 = np.array([1 / 3, 1 / 5, 1 / 7, np.log(2)], dtype=np.float32)
ROOT_HALF, MANTISSA = np.int32(0x3F3504F3), np.int32(23)
"""The bits of √½; how many bits stand behind a float32's exponent."""


@compiled
def measure_cells(images, down, across, step, level, noise):
    """Measure sky and noise in each cell of each image: median, and median absolute deviation.

    Parameters
    ----------
    images : ndarray (n, h, w, c), float32
        NaN and infinities are left out.
    down, across : ndarray (cells + 1,), int64
        Where cells begin and end.
    step : int
        Only every `step`-th row and column is looked at.
    level, noise : ndarray (n, cells down, cells across, c), float32
        Filled; NaN where a cell holds no number.
    """
    largest = (down[1:] - down[:-1]).max() // step + 1
    seen = np.empty(largest * ((across[1:] - across[:-1]).max() // step + 1), np.float32)
    for image in range(len(images)):
        for i in range(len(down) - 1):
            for j in range(len(across) - 1):
                for channel in range(images.shape[3]):
                    count = 0
                    for y in range(down[i], down[i + 1], step):
                        for x in range(across[j], across[j + 1], step):
                            value = images[image, y, x, channel]
                            if np.isfinite(value):
                                seen[count] = value
                                count += 1
                    middle = np.float32(np.nan)
                    spread = np.float32(np.nan)
                    if count:
                        middle = np.float32(np.median(seen[:count]))
                        for k in range(count):
                            seen[k] = abs(seen[k] - middle)
                        spread = np.float32(TO_SIGMA * np.median(seen[:count]))
                        if spread == 0:  # more than half of the pixels are equal
                            spread = np.float32(np.mean(seen[:count]))
                    level[image, i, j, channel] = middle
                    noise[image, i, j, channel] = spread


@compiled_in_any_order
def stretch(images, level, scale, cell_y, part_y, first_x, part_x, out):
    """Take the sky off, divide by the noise, compress by asinh; NaN becomes 0, and a flag 1.

    Parameters
    ----------
    images : ndarray (n, h, w, c), float32
    level, scale : ndarray (n, cells down, cells across, c), float32
        Sky, and one over the noise, at the cells' middles.
    cell_y, part_y : ndarray (h,), int64 and float32
        Of each row, the cell above and how far it is from there to the next cell, 0 to 1.
    first_x : ndarray (cells across + 1,), int64
        The first column that has each cell on its left, and w.
    part_x : ndarray (w,), float32
        As `part_y`, of each column.
    out : ndarray (n, at least h, at least w, 2 c), float32
        Values, then flags; filled, and what is beyond the image is flagged.
    """
    count, height, width, channels = images.shape
    sky, unit = np.empty(width, np.float32), np.empty(width, np.float32)
    values, flags = np.empty(width, np.float32), np.empty(width, np.float32)
    work = np.empty(width, np.float32)
    for image in range(count):
        for y in range(height):
            source, target = images[image, y].reshape(-1), out[image, y].reshape(-1)
            for channel in range(channels):
                _along(level[image, :, :, channel], cell_y[y], part_y[y], first_x, part_x, sky)
                _along(scale[image, :, :, channel], cell_y[y], part_y[y], first_x, part_x, unit)
                for x in range(width):
                    values[x] = source[x * channels + channel]
                for x in range(width):
                    known = values[x] - values[x] == 0  # not so for NaN and infinities
                    flags[x] = ZERO if known else ONE
                    values[x] = (values[x] - sky[x]) * unit[x] if known else ZERO
                _asinh(values, work)
                for x in range(width):
                    target[x * 2 * channels + channel] = values[x]
                    target[x * 2 * channels + channels + channel] = flags[x]
            _nothing(out[image, y, width:])
        for y in range(height, out.shape[1]):
            _nothing(out[image, y])


@compiled_in_any_order
def stretch_binned(images, level, scale, cell_y, part_y, first_x, part_x, out):
    """As `stretch`, of squares of 2 x 2 pixels: the mean of those that are numbers.

    Parameters
    ----------
    images, level, scale, cell_y, part_y, first_x, part_x
        As for `stretch`.
    out : ndarray (n, at least (h + 1) // 2, at least (w + 1) // 2, 2 c), float32
        Values, of half a pixel's noise; then which share of a square is no number.
    """
    count, height, width, channels = images.shape
    down, across = (height + 1) // 2, (width + 1) // 2
    sky, unit = np.empty(width, np.float32), np.empty(width, np.float32)
    values, known = np.empty(2 * across, np.float32), np.empty(2 * across, np.float32)
    means, work = np.empty(across, np.float32), np.empty(across, np.float32)
    shares = np.empty(across, np.float32)
    for image in range(count):
        for row in range(down):
            y = 2 * row
            target = out[image, row].reshape(-1)
            for channel in range(channels):
                _along(level[image, :, :, channel], cell_y[y], part_y[y], first_x, part_x, sky)
                _along(scale[image, :, :, channel], cell_y[y], part_y[y], first_x, part_x, unit)
                values[:], known[:] = ZERO, ZERO
                for one in range(y, min(y + 2, height)):
                    source = images[image, one].reshape(-1)
                    for x in range(width):
                        value = source[x * channels + channel]
                        number = value - value == 0  # not so for NaN and infinities
                        values[x] += value if number else ZERO
                        known[x] += ONE if number else ZERO
                for x in range(across):
                    total = known[2 * x] + known[2 * x + 1]
                    mean = (values[2 * x] + values[2 * x + 1]) / max(total, ONE)
                    means[x] = TWO * (mean - sky[2 * x]) * unit[2 * x] if total > 0 else ZERO
                    shares[x] = ONE - total * QUARTER
                _asinh(means, work)
                for x in range(across):
                    target[x * 2 * channels + channel] = means[x]
                    target[x * 2 * channels + channels + channel] = shares[x]
            _nothing(out[image, row, across:])
        for row in range(down, out.shape[1]):
            _nothing(out[image, row])


@compiled_in_any_order
def _along(cells, above, part_y, first_x, part_x, out):
    """Interpolate a grid of cells (down, across) along a row of pixels."""
    below = min(above + 1, cells.shape[0] - 1)
    last = cells.shape[1] - 1
    for j in range(last + 1):
        right = min(j + 1, last)
        here = cells[above, j] + part_y * (cells[below, j] - cells[above, j])
        rise = cells[above, right] + part_y * (cells[below, right] - cells[above, right]) - here
        for x in range(first_x[j], first_x[j + 1]):
            out[x] = here + part_x[x] * rise


@compiled_in_any_order
def _asinh(values, work):
    """Inverse hyperbolic sine, in place, to 1e-6; without a branch, for vector units.

    asinh |v| = ln u with u = |v| + √(v² + 1). With u = m 2^e, √½ ≤ m < √2, and s = (m − 1)/(m + 1),
    ln u = e ln 2 + 2 (s + s³/3 + s⁵/5 + s⁷/7 + …).
    """
    for x in range(len(values)):
        size = min(abs(values[x]), LARGEST)
        work[x] = size + np.sqrt(size * size + ONE)
    bits = work.view(np.int32)
    for x in range(len(values)):
        exponent = np.int32(np.int32(bits[x] - ROOT_HALF) >> MANTISSA)
        bits[x] = np.int32(bits[x] - np.int32(exponent << MANTISSA))
        s = (work[x] - ONE) / (work[x] + ONE)
        q = s * s
        log = np.float32(exponent) * LN2
        log += TWO * s * (ONE + q * (THIRD + q * (FIFTH + q * SEVENTH)))
        values[x] = log if values[x] >= 0 else -log


@compiled
def _nothing(pixels):
    """Flag pixels (…, 2 c) beyond an image."""
    channels = pixels.shape[-1] // 2
    pixels[..., :channels] = ZERO
    pixels[..., channels:] = ONE


@compiled_in_any_order
def normalise_tiles(tiles, clip, good):
    """Prepare tiles as published, in place: see `inputs.published_planes`.

    Parameters
    ----------
    tiles : ndarray (n, h, w, c), float32
    clip : float32
        Pixels of the third channel below it become 0.
    good : ndarray (n,), bool
        Filled: False where a channel has no number, or nothing but zeros.
    """
    height, width, channels = tiles.shape[1:]
    seen = np.empty(height * width, np.float32)
    for tile in range(len(tiles)):
        good[tile] = True
        for channel in range(channels):
            count = 0
            for y in range(height):
                for x in range(width):
                    value = tiles[tile, y, x, channel]
                    if np.isfinite(value):
                        seen[count] = value
                        count += 1
            if count == 0:
                good[tile] = False
                continue
            lost = np.float32(np.nan)
            if count < height * width:
                lost = np.float32(np.median(seen[:count]))
            power = 0.0
            for y in range(height):
                for x in range(width):
                    value = tiles[tile, y, x, channel]
                    if not np.isfinite(value):
                        value = lost
                    if channel == 2 and value < clip:
                        value = np.float32(0)
                    tiles[tile, y, x, channel] = value
                    power += np.float64(value) * np.float64(value)
            if power == 0.0:
                good[tile] = False
                continue
            norm = np.float32(np.sqrt(power))
            for y in range(height):
                for x in range(width):
                    tiles[tile, y, x, channel] /= norm


@compiled
def blank_cells(heat, science, stride, nothing):
    """Set cells without a number in them, in place.

    Parameters
    ----------
    heat : ndarray (n, cells down, cells across), float32
        Changed where all pixels of a cell are NaN, infinite, or beyond the image.
    science : ndarray (n, h, w), float32
    stride : int
        Side of a cell [px].
    nothing : float32
        What such a cell gets.
    """
    count, height, width = science.shape
    for image in range(count):
        for row in range(heat.shape[1]):
            for column in range(heat.shape[2]):
                seen = False
                for y in range(row * stride, min((row + 1) * stride, height)):
                    for x in range(column * stride, min((column + 1) * stride, width)):
                        if np.isfinite(science[image, y, x]):
                            seen = True
                            break
                    if seen:
                        break
                if not seen:
                    heat[image, row, column] = nothing
