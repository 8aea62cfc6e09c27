"""Inflate gzipped stamps and turn their bytes around, many in one call: compiled.

The loop needs nothing of Python, whose lock it lets go of: threads can run it side by side.
libdeflate's functions are called by their addresses, which are arguments, so that the machine
code can be kept on disk.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.extending import intrinsic

from skysift.compiled import compiled

REFUSED, INFLATED, IMAGE = range(3)
"""No gzip member of this size and nothing else; a file; a file whose pixels are now native."""

MAX_STAMP_SIDE = 1000
"""Longest side of a stamp [px]; ZTF's have 63, LSST's follow the source."""

BLOCK = 2880
CARD = 80
VALUE = 10
"""Where a card's value begins."""
NO_NUMBER = -1 << 31
MOST_DIGITS = 9
CAPITAL = 0xDF
"""Mask that makes a letter a capital."""
SPACE, SLASH, MINUS, ZERO, NINE, TRUE = (ord(letter) for letter in " /-09T")


def _cards(*texts: str) -> np.ndarray:
    return np.array([list(text.encode("ascii")) for text in texts], dtype=np.uint8)


# FITS standard 4.0, section 4.4.1.1: an image begins with these cards, in this order.
MANDATORY = _cards("SIMPLE  = ", "BITPIX  = ", "NAXIS   = ", "NAXIS1  = ", "NAXIS2  = ")
SCALING = _cards("BSCAL", "BZERO", "BLANK")
THE_END = _cards("END".ljust(CARD))


_intrinsic: Any = intrinsic  # what it makes is called with one argument less than mypy thinks


@_intrinsic
def _call(typing_context, address, arguments):
    """Call the C function at an address with 64-bit integers; it returns one."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        word = ir.IntType(64)
        count = len(signature.args[1])
        function = ir.FunctionType(word, [word] * count).as_pointer()
        given = [builder.extract_value(values[1], place) for place in range(count)]
        return builder.call(builder.inttoptr(values[0], function), given)

    return types.int64(address, arguments), generate


@_intrinsic
def _pointer(typing_context, address):
    """Make an address a pointer to bytes."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.inttoptr(values[0], ir.IntType(8).as_pointer())

    return types.CPointer(types.uint8)(address), generate


@compiled
def _begins(block, at, text, mask):
    """Tell whether a text stands there, the bytes masked."""
    for place in range(len(text)):  # noqa: SIM110 (numba compiles no generator expressions)
        if block[at + place] & mask != text[place]:
            return False
    return True


@compiled
def _scales(block, at):
    """Tell whether a card scales the pixels, or says which are null, in whatever case."""
    for text in SCALING:  # noqa: SIM110
        if _begins(block, at, text, CAPITAL):
            return True
    return False


@compiled
def _value(block, at):
    """Find a card's value, without the spaces around it and the comment behind it."""
    stop = at + VALUE
    while stop < at + CARD and block[stop] != SLASH:
        stop += 1
    start = at + VALUE
    while start < stop and block[start] == SPACE:
        start += 1
    while stop > start and block[stop - 1] == SPACE:
        stop -= 1
    return start, stop


@compiled
def _integer(block, at):
    """Read a card's value, a short integer, or give `NO_NUMBER`."""
    start, stop = _value(block, at)
    sign = -1 if start < stop and block[start] == MINUS else 1
    if sign < 0:
        start += 1
    if not 0 < stop - start <= MOST_DIGITS:
        return NO_NUMBER
    number = np.int64(0)
    for place in range(start, stop):
        if not ZERO <= block[place] <= NINE:
            return NO_NUMBER
        number = number * 10 + np.int64(block[place] - ZERO)
    return sign * number


@compiled
def plain_shape(block):
    """Rows and columns of a float32 image without scaling, whose whole header is this block.

    Parameters
    ----------
    block : ndarray (at least 2880,), uint8

    Returns
    -------
    rows, columns : int
        As the header tells them, or 0, 0 where the image may be anything else.
    """
    for card in range(len(MANDATORY)):
        if not _begins(block, card * CARD, MANDATORY[card], 0xFF):
            return 0, 0
    start, stop = _value(block, 0)
    if stop - start != 1 or block[start] != TRUE:
        return 0, 0
    if _integer(block, CARD) != -32 or _integer(block, 2 * CARD) != 2:
        return 0, 0
    ended = False
    for at in range(len(MANDATORY) * CARD, BLOCK, CARD):
        if _scales(block, at):
            return 0, 0
        ended |= _begins(block, at, THE_END[0], 0xFF)
    columns, rows = _integer(block, 3 * CARD), _integer(block, 4 * CARD)
    if not ended or rows < 1 or columns < 1:
        return 0, 0
    return rows, columns


@compiled
def _turn(file, shape):
    """Turn the pixels' bytes around, where this is a plain image that is all there."""
    rows, columns = plain_shape(file) if len(file) >= BLOCK else (0, 0)
    end = BLOCK + 4 * rows * columns
    if rows == 0 or max(rows, columns) > MAX_STAMP_SIDE or end > len(file):
        return INFLATED
    pixels = file[BLOCK:end].view(np.uint32)
    for place in range(len(pixels)):
        word = pixels[place]
        pairs = (word & 0x00FF00FF) << np.uint32(8) | (word >> np.uint32(8)) & 0x00FF00FF
        pixels[place] = pairs << np.uint32(16) | pairs >> np.uint32(16)
    shape[0], shape[1] = rows, columns
    return IMAGE


@compiled
def inflate(functions, stamps, states, shapes):
    """Inflate gzip members, and make the pixels of plain float32 images native.

    Parameters
    ----------
    functions : ndarray (3,), int64
        Addresses; see `skysift.alerts._libdeflate`.
    stamps : ndarray (n, 4), int64
        Of each: address and size of its bytes; address and size of the memory for what it
        inflates to, which must be filled exactly.
    states : ndarray (n,), uint8
        Filled: REFUSED, INFLATED or IMAGE.
    shapes : ndarray (n, 2), int64
        Filled where the state is IMAGE: rows and columns; the pixels begin behind one block.
    """
    make, run, free = functions[0], functions[1], functions[2]
    taken = np.zeros(2, np.int64)
    used, made = taken.ctypes.data, taken.ctypes.data + 8
    decompressor = _call(make, ())
    if decompressor == 0:
        raise MemoryError("no memory to inflate stamps")
    for row in range(len(stamps)):
        packed, size, room, told = stamps[row]
        result = _call(run, (decompressor, packed, size, room, told, used, made))
        # Only the low half of a register holds a C int.
        whole = result & 0xFFFFFFFF == 0 and taken[0] == size and taken[1] == told
        states[row] = _turn(carray(_pointer(room), told), shapes[row]) if whole else REFUSED
    _call(free, (decompressor,))
