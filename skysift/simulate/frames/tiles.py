"""Cut a frame into overlapping tiles, within each of which the PSF is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import scipy.fft

SIDE = 1027
"""Largest side [px] of a tile without its rim: three by three make a quadrant."""

Slices = tuple[slice, slice]


@dataclass(frozen=True)
class Tile:
    """A part of a frame.

    Attributes
    ----------
    inner : (slice, slice)
        The part itself, in the frame.
    padded : (slice, slice)
        The part with its rim, in the frame with that rim around it.
    core : (slice, slice)
        The part itself, in an array of `size` that begins where `padded` does.
    size : (height, width)
        Of arrays that hold the part with its rim and are quick to transform.
    middle : (x, y)
        Its middle in the frame [px].
    """

    inner: Slices
    padded: Slices
    core: Slices
    size: tuple[int, int]
    middle: tuple[float, float]


def tiles(shape: tuple[int, int], rim: int) -> Iterator[Tile]:
    """Tiles that cover a frame (height, width), each with a rim [px] on all sides."""
    for down in _parts(shape[0]):
        for across in _parts(shape[1]):
            yield Tile(
                inner=(down, across),
                padded=(_grown(down, rim), _grown(across, rim)),
                core=(_core(down, rim), _core(across, rim)),
                size=(_size(down, rim), _size(across, rim)),
                middle=((across.start + across.stop - 1) / 2, (down.start + down.stop - 1) / 2),
            )


def _parts(length: int) -> list[slice]:
    count = -(-length // SIDE)
    edges = [length * i // count for i in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


def _grown(part: slice, rim: int) -> slice:
    return slice(part.start, part.stop + 2 * rim)


def _core(part: slice, rim: int) -> slice:
    return slice(rim, rim + part.stop - part.start)


def _size(part: slice, rim: int) -> int:
    return int(scipy.fft.next_fast_len(part.stop - part.start + 2 * rim, real=True))
