"""Walk over Avro bytes and store what is wanted: compiled once, driven by a program per schema.

A program (`skysift.alerts._program`) is rows ``(op, a, b, c)`` of an int64 table, all distances
counted from the row itself. One call of `walk` runs over all records of a batch. Every read is
checked against the end of its record; a record that does not fit its schema gets an error and
leaves all its cells null, whatever its neighbours hold.

All that is compiled stands in this one file, with the constants it uses (`compiled` says why).
"""

from __future__ import annotations

import numpy as np

from skysift.compiled import compiled

# Instructions
END = 0  # the record is complete
JUMP = 1  # a: distance
CALL = 2  # a: distance of a subroutine (a named type that holds nothing wanted)
RETURN = 3
SKIP = 4  # a: bytes
SKIP_VARINT = 5
SKIP_SPAN = 6  # a length, then as many bytes
SKIP_OPTION = 7  # a: branch that is null, b: bytes of the other, or VARINT or SPAN
UNION = 8  # a: number of branches; as many rows follow, each with the distance to its branch
ARRAY = 9  # a: list or NOWHERE, b: distance of what follows the NEXT that closes the loop
NEXT = 10  # a: list or NOWHERE
LOAD_BOOLEAN = 11  # a (of each LOAD): slot, b (of the first four): bytes
LOAD_FLOAT = 12
LOAD_DOUBLE = 13
LOAD_FIXED = 14
LOAD_VARINT = 15
LOAD_SPAN = 16
LOAD_SYMBOL = 17  # b: place of the enum's first symbol, c: number of its symbols

NOWHERE = -1
VARINT = -1
SPAN = -2

NOT_TEXT = -1
"""In `Cells.lengths`: a number or null."""
SYMBOL = -2
"""In `Cells.lengths`: the cell's integer is the place of an enum symbol."""
DEPTH = 64
"""Arrays, maps and named types inside one another."""
LIST_ITEMS = 1 << 16
"""Items of one wanted list in one record; the longest ZTF histories have some thousands."""
STEPS_A_BYTE, FREE_STEPS = 8, 1 << 16
"""Bounds on loops and calls, which may take no bytes at all: so that nothing hangs."""

OK, TRUNCATED, BAD_LENGTH, BAD_BRANCH, TOO_DEEP, TOO_MANY, LEFT_OVER = range(7)


@compiled
def _varint(buffer, pos, end):
    """Read a zigzag integer; the position behind it is -1 if it does not end."""
    raw = np.uint64(0)
    shift = np.uint64(0)
    while pos < end and shift < np.uint64(64):
        byte = np.uint64(buffer[pos])
        pos += 1
        raw |= (byte & np.uint64(0x7F)) << shift
        if byte < np.uint64(0x80):
            return np.int64(raw >> np.uint64(1)) ^ -np.int64(raw & np.uint64(1)), pos
        shift += np.uint64(7)
    return np.int64(0), np.int64(-1)


@compiled
def _skip_varint(buffer, pos, end):
    while pos < end:
        if buffer[pos] < 0x80:
            return pos + 1
        pos += 1
    return np.int64(-TRUNCATED)


@compiled
def _skip(pos, end, size):
    return pos + size if size <= end - pos else np.int64(-TRUNCATED)


@compiled
def _skip_span(buffer, pos, end):
    size, pos = _varint(buffer, pos, end)
    if pos < 0:
        return np.int64(-TRUNCATED)
    if size < 0 or size > end - pos:
        return np.int64(-BAD_LENGTH)
    return pos + size


@compiled
def _skip_option(buffer, pos, end, null_branch, size):
    """Skip a union of null and one simple type."""
    if pos >= end:
        return np.int64(-TRUNCATED)
    branch = buffer[pos] >> 1
    if buffer[pos] > 2 or buffer[pos] & 1:
        return np.int64(-BAD_BRANCH)
    pos += 1
    if branch == null_branch:
        return pos
    if size >= 0:
        return _skip(pos, end, size)
    if size == VARINT:
        return _skip_varint(buffer, pos, end)
    return _skip_span(buffer, pos, end)


@compiled
def _word(buffer, pos):
    """Read four bytes, the lowest first."""
    low = np.uint32(buffer[pos]) | np.uint32(buffer[pos + 1]) << np.uint32(8)
    high = np.uint32(buffer[pos + 2]) | np.uint32(buffer[pos + 3]) << np.uint32(8)
    return np.uint32(low | high << np.uint32(16))


@compiled
def _read_fixed(op, size, buffer, pos, end):
    """Read a value of fixed size: (number, value, length, position or minus the error)."""
    if size > end - pos:
        return np.nan, np.int64(0), np.int64(NOT_TEXT), np.int64(-TRUNCATED)
    number, value, length = np.nan, np.int64(0), np.int64(NOT_TEXT)
    if op == LOAD_FLOAT:
        number = np.float64(np.uint32(_word(buffer, pos)).view(np.float32))
    elif op == LOAD_DOUBLE:
        bits = np.uint64(_word(buffer, pos + 4)) << np.uint64(32) | np.uint64(_word(buffer, pos))
        number = np.uint64(bits).view(np.float64)
    elif op == LOAD_BOOLEAN:
        value = np.int64(buffer[pos] != 0)
        number = np.float64(value)
    else:
        value, length = pos, size
    return number, value, length, pos + size


@compiled
def _read_varint(op, first, count, buffer, pos, end):
    """Read a value that begins with an integer; as `_read_fixed`."""
    value, pos = _varint(buffer, pos, end)
    if pos < 0:
        return np.nan, np.int64(0), np.int64(NOT_TEXT), np.int64(-TRUNCATED)
    if op == LOAD_VARINT:
        return np.float64(value), value, np.int64(NOT_TEXT), pos
    if op == LOAD_SYMBOL:
        after = pos if 0 <= value < count else np.int64(-BAD_BRANCH)
        return np.nan, first + value, np.int64(SYMBOL), after
    after = pos + value if 0 <= value <= end - pos else np.int64(-BAD_LENGTH)
    return np.nan, pos, value, after


@compiled
def _block(buffer, pos, end):
    """Read the count that opens a block of items; a negative one comes with the bytes' number."""
    count, pos = _varint(buffer, pos, end)
    if pos >= 0 and count < 0:
        count = -count
        _, pos = _varint(buffer, pos, end)
    if count < 0:  # -2**63 has no opposite
        pos = np.int64(-1)
    return count, pos


@compiled
def _next_item(buffer, pos, end, wanted, row, at, depth, lists, scratch):
    """Begin an item of the innermost loop, or end the loop: (position, where to store, depth)."""
    top = depth - 1
    if scratch.left[top] == 0:
        scratch.left[top], pos = _block(buffer, pos, end)
        if pos < 0:
            return np.int64(-TRUNCATED), at, depth
        if scratch.left[top] == 0:
            return pos, scratch.at[top], top
    scratch.left[top] -= 1
    if wanted != NOWHERE:
        at = lists.used[wanted]
        if at - lists.offsets[wanted, row] >= LIST_ITEMS:
            return np.int64(-TOO_MANY), at, depth
        lists.used[wanted] += 1
    return pos, at, depth


@compiled
def _record(buffer, pos, end, code, pc, row, cells, lists, scratch):
    """Walk over one record: (position behind it, OK), or (where it went wrong, the error)."""
    depth, at, steps = 0, row, (end - pos) * STEPS_A_BYTE + FREE_STEPS
    while True:
        op, a, b = code[pc, 0], code[pc, 1], code[pc, 2]
        after = pos
        if op == SKIP_OPTION:
            after = _skip_option(buffer, pos, end, a, b)
        elif op == SKIP:
            after = _skip(pos, end, a)
        elif op == SKIP_VARINT:
            after = _skip_varint(buffer, pos, end)
        elif op == SKIP_SPAN:
            after = _skip_span(buffer, pos, end)
        elif op == UNION:
            branch, after = _varint(buffer, pos, end)
            if after >= 0 and (branch < 0 or branch >= a):
                return pos, BAD_BRANCH
            if after >= 0:
                pc += 1 + branch
                pc += code[pc, 1] - 1
        elif op == JUMP:
            pc += a - 1
        elif op >= LOAD_BOOLEAN:
            if op >= LOAD_VARINT:
                number, value, length, after = _read_varint(op, b, code[pc, 3], buffer, pos, end)
            else:
                number, value, length, after = _read_fixed(op, b, buffer, pos, end)
            if after >= 0 and at < cells.room[a]:
                cell = cells.base[a] + at
                cells.numbers[cell] = number
                cells.values[cell] = value
                cells.lengths[cell] = length
        elif op in (ARRAY, CALL):
            if depth == DEPTH:
                return pos, TOO_DEEP
            scratch.body[depth], scratch.left[depth], scratch.at[depth] = pc, 0, at
            depth += 1
            steps -= 1
            if op == ARRAY and a != NOWHERE:
                lists.is_null[a, row] = False
            pc += a - 1 if op == CALL else b - 2  # a loop begins at the NEXT that closes it
        elif op == RETURN:
            depth -= 1
            pc = scratch.body[depth]
        elif op == NEXT:
            loop, steps = depth, steps - 1
            after, at, depth = _next_item(buffer, pos, end, a, row, at, depth, lists, scratch)
            if depth == loop:
                pc = scratch.body[depth - 1]
        else:
            return pos, OK
        if after < 0 or steps < 0:
            return pos, -after if after < 0 else TOO_MANY
        pos = after
        pc += 1


@compiled
def _clear(cells, slot, start, stop):
    """Make cells of a slot null again."""
    for at in range(start, min(stop, cells.room[slot])):
        cell = cells.base[slot] + at
        cells.numbers[cell] = np.nan
        cells.values[cell] = 0
        cells.lengths[cell] = NOT_TEXT


@compiled
def _forget(row, cells, lists):
    """Undo all that a bad record stored."""
    for slot in range(len(cells.base)):
        member = cells.member[slot]
        if member == NOWHERE:
            _clear(cells, slot, row, row + 1)
        else:
            _clear(cells, slot, lists.offsets[member, row], lists.used[member])
    for wanted in range(len(lists.used)):
        lists.used[wanted] = lists.offsets[wanted, row]
        lists.is_null[wanted, row] = True


@compiled
def walk(buffer, bounds, chained, entries, code, cells, lists, errors, places, scratch):
    """Walk over the records of a batch and fill the cells.

    Parameters
    ----------
    buffer : ndarray, uint8
        Bytes of all records.
    bounds : ndarray (n + 1,), int64
        Record ``i`` lies in ``bounds[i]:bounds[i + 1]``.
    chained : bool
        Each record may end before its bound, and the next begins there: the bounds are set to
        what is found, and the walk ends at the first bad record.
    entries : ndarray (n,), int64
        First row of each record's program.
    code : ndarray (rows, 4), int64
        The programs.
    cells : Cells
        Filled.
    lists : Lists
        Filled; where `used` exceeds the room of a slot, walk again with more room.
    errors, places : ndarray (n,), int64
        Filled: OK or an error, and the byte within the record where it was met.
    scratch : Scratch
    """
    for row in range(len(entries)):
        start, end = bounds[row], bounds[row + 1]
        pos, error = _record(buffer, start, end, code, entries[row], row, cells, lists, scratch)
        if error == OK and pos != end and not chained:
            error = LEFT_OVER
        if error != OK:
            _forget(row, cells, lists)
        errors[row] = error
        places[row] = pos - start
        for wanted in range(len(lists.used)):
            lists.offsets[wanted, row + 1] = lists.used[wanted]
        if chained:
            if error != OK:
                break
            bounds[row + 1] = pos
