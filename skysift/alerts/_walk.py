"""Run the walker over records: make room for what it finds, and hand it back as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from skysift.alerts import _walker
from skysift.alerts._program import Program, compile_program, list_names, list_of
from skysift.alerts.records import RawRecords
from skysift.alerts.schema import AlertSchema

USUAL_ITEMS = 64
"""Items of a list in one alert for which room is made at first."""
COLUMNS_OF_CODE = 4
TOO_FEW = "the block holds fewer records than it says"

REASONS = {
    _walker.TRUNCATED: "the record ends too early",
    _walker.BAD_LENGTH: "a text, bytes or list has an impossible length",
    _walker.BAD_BRANCH: "a union or enum has an impossible branch",
    _walker.TOO_DEEP: f"types are nested deeper than {_walker.DEPTH}",
    _walker.TOO_MANY: f"a list has more than {_walker.LIST_ITEMS} items, or items without end",
    _walker.LEFT_OVER: "bytes are left over behind the record",
}


class Cells(NamedTuple):
    """Where values go: slot `s` owns ``room[s]`` cells from ``base[s]`` on.

    A cell is one value of one record, or of one list item: a number in `numbers` (float64, NaN is
    null); an integer, or where a text starts, in `values`; the length of a text in `lengths`.
    `member` tells the list that a slot belongs to, or NOWHERE.
    """

    numbers: np.ndarray
    values: np.ndarray
    lengths: np.ndarray
    base: np.ndarray
    room: np.ndarray
    member: np.ndarray


class Lists(NamedTuple):
    """Wanted lists: where each record's items lie, is the list null, the items found so far.

    Shapes: (lists, n + 1), (lists, n) and (lists,).
    """

    offsets: np.ndarray
    is_null: np.ndarray
    used: np.ndarray


class Scratch(NamedTuple):
    """The stack of open loops and calls: where each began, its items to come, what it goes into."""

    body: np.ndarray
    left: np.ndarray
    at: np.ndarray


def make_scratch() -> Scratch:
    """Storage for one thread's walks."""
    return Scratch(*(np.zeros(_walker.DEPTH, np.int64) for _ in range(3)))


@dataclass(frozen=True)
class Walk:
    """What one walk found.

    Attributes
    ----------
    slots : dict of str to int
        Place of each wanted field in `cells`.
    cells : Cells
    list_places : dict of str to int
        Place of each list in `lists`.
    lists : Lists
    errors, places : ndarray (n,), int64
        What is wrong with each record (0: nothing), and at which of its bytes.
    symbols : tuple of str
        Symbols of enums, where a cell says so.
    """

    slots: dict[str, int]
    cells: Cells
    list_places: dict[str, int]
    lists: Lists
    errors: np.ndarray
    places: np.ndarray
    symbols: tuple[str, ...] = field(repr=False)

    def reason(self, row: int) -> str:
        """Say what is wrong with a record."""
        return f"{REASONS[int(self.errors[row])]} (byte {self.places[row]})"

    def items(self, name: str) -> int:
        """Count the items of a list in all records."""
        return int(self.lists.used[self.list_places[name]])

    def window(self, slot: str, count: int) -> slice:
        """Cells of a field."""
        base = int(self.cells.base[self.slots[slot]])
        return slice(base, base + count)


def walk(records: RawRecords, slots: tuple[str, ...]) -> Walk:
    """Read fields out of all records at once.

    Parameters
    ----------
    records : RawRecords
    slots : tuple of str
        Fields, with lists marked; see `AlertSchema.slot`.
    """
    programs = [compile_program(schema, slots) for schema in records.schemas]
    code, entries, symbols = _link(programs)
    names = list_names(slots)
    room = {name: USUAL_ITEMS * len(records) for name in names}
    while True:
        cells, lists = _make_room(len(records), slots, room)
        errors, places = np.zeros((2, len(records)), np.int64)
        _walker.walk(
            records.buffer, records.bounds, False, entries[records.schema_of], code,
            cells, lists, errors, places, make_scratch(),
        )  # fmt: skip
        needed = {name: int(lists.used[i]) for i, name in enumerate(names)}
        if all(needed[name] <= room[name] for name in names):
            break
        room = needed
    return Walk(
        {slot: i for i, slot in enumerate(slots)}, cells,
        {name: i for i, name in enumerate(names)}, lists, errors, places, symbols,
    )  # fmt: skip


def measure(schema: AlertSchema, content: memoryview, count: int) -> tuple[list[int], str]:
    """Find where records end that lie one behind the other.

    Parameters
    ----------
    schema : AlertSchema
    content : memoryview
        The records.
    count : int
        How many they should be.

    Returns
    -------
    stops : list of int
        Where each ends, as far as they are good.
    reason : str
        What is wrong with the next, where there are fewer than `count`.
    """
    n = min(count, len(content))
    bounds = np.full(n + 1, len(content), np.int64)
    bounds[0] = 0
    errors, places, entries = np.zeros((3, n), np.int64)
    cells, lists = _make_room(n, (), {})
    _walker.walk(
        np.frombuffer(content, np.uint8), bounds, True, entries,
        compile_program(schema, ()).code, cells, lists, errors, places, make_scratch(),
    )  # fmt: skip
    bad = np.flatnonzero(errors)[:1].tolist()
    good = bad[0] if bad else n
    reason = REASONS.get(int(errors[good]), "") if bad else TOO_FEW
    return bounds[1 : good + 1].tolist(), f"{reason} (byte {bounds[good]} of the block)"


def _link(programs: Sequence[Program]) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Put programs one behind the other; their jumps are relative, their symbols are not."""
    entries: list[int] = []
    parts: list[np.ndarray] = []
    symbols: list[str] = []
    for program in programs:
        code = program.code.copy()
        code[code[:, 0] == _walker.LOAD_SYMBOL, 2] += len(symbols)
        entries.append(sum(map(len, parts)))
        parts.append(code)
        symbols += program.symbols
    code = np.concatenate(parts) if parts else np.zeros((0, COLUMNS_OF_CODE), np.int64)
    return code, np.array(entries, np.int64), tuple(symbols)


def _make_room(n: int, slots: tuple[str, ...], list_room: dict[str, int]) -> tuple[Cells, Lists]:
    """Make cells for all slots, every one null, and counts for all lists."""
    names = list(list_room)
    owners = [list_of(slot) for slot in slots]
    room = np.array([n if o is None else list_room[o] for o in owners], np.int64)
    member = [_walker.NOWHERE if o is None else names.index(o) for o in owners]
    total = int(room.sum())
    cells = Cells(
        numbers=np.full(total, np.nan),
        values=np.zeros(total, np.int64),
        lengths=np.full(total, _walker.NOT_TEXT, np.int64),
        base=np.cumsum(room) - room,
        room=room,
        member=np.array(member, np.int64),
    )
    lists = Lists(
        offsets=np.zeros((len(names), n + 1), np.int64),
        is_null=np.ones((len(names), n), np.bool_),
        used=np.zeros(len(names), np.int64),
    )
    return cells, lists
