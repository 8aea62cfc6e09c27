"""Drawing alerts into units; truth is `iter_payloads` over the same path."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path

import fastavro
import pytest

from skysift.alerts.payloads import iter_payloads
from skysift.stream import spool
from skysift.stream.spool import PROGRESS, Spool, read_unit, unit_path

SCHEMA = fastavro.parse_schema(
    {"type": "record", "name": "a", "fields": [{"name": "candid", "type": "long"}]}
)


@pytest.fixture(autouse=True)
def small_units(monkeypatch):
    monkeypatch.setattr(spool, "UNIT_BYTES", 500)


@pytest.fixture
def source(tmp_path) -> Path:
    folder = tmp_path / "alerts"
    folder.mkdir()
    for number in range(20):
        put(folder, number)
    return folder


def put(folder: Path, number: int) -> Path:
    out = io.BytesIO()
    fastavro.writer(out, SCHEMA, [{"candid": number}])
    path = folder / f"{number:03d}.avro"
    path.write_bytes(out.getvalue())
    return path


def drain(reader: Spool, first: int = 0) -> list:
    while True:
        before = reader.journal.units
        if reader.draw(3) == before:
            return payloads(reader, first, before)


def payloads(reader: Spool, first: int, last: int) -> list:
    numbers = range(first, last)
    return [p for n in numbers for ps in read_unit(str(unit_path(reader.folder, n))) for p in ps]


def test_everything_is_drawn_once_in_order(source, tmp_path):
    drawn = drain(Spool(str(source), tmp_path / "spool"))
    assert drawn == list(iter_payloads(source))


def test_units_are_small_and_several(source, tmp_path):
    reader = Spool(str(source), tmp_path / "spool")
    assert reader.draw(3) == 3
    assert all(len(payloads(reader, n, n + 1)) < 20 for n in range(3))


def test_a_restart_goes_on_behind_the_last_unit(source, tmp_path):
    first = Spool(str(source), tmp_path / "spool")
    drawn = first.draw(2)
    before = payloads(first, 0, drawn)
    after = drain(Spool(str(source), tmp_path / "spool"), first=drawn)
    assert before + after == list(iter_payloads(source))


def test_a_restart_in_the_middle_of_a_file_goes_on_within_it(tmp_path):
    out = io.BytesIO()
    fastavro.writer(out, SCHEMA, [{"candid": n} for n in range(2000)], sync_interval=100)
    path = tmp_path / "many.avro"
    path.write_bytes(out.getvalue())
    whole = list(iter_payloads(path))
    reader = Spool(str(path), tmp_path / "spool")
    reader._drawn = iter([(str(path), p) for p in whole[:1]])
    reader.draw(1)
    assert payloads(reader, 0, 1) + drain(Spool(str(path), tmp_path / "spool"), 1) == whole


def test_a_journal_line_cut_short_by_a_crash_is_left_out(source, tmp_path):
    reader = Spool(str(source), tmp_path / "spool")
    reader.draw(1)
    journal = tmp_path / "spool" / "journal.jsonl"
    with journal.open("ab") as file:
        file.write(b'{"unit": 1, "finis')
    again = Spool(str(source), tmp_path / "spool")
    assert again.journal.units == 1
    assert payloads(reader, 0, 1) + drain(again, 1) == list(iter_payloads(source))
    assert all(json.loads(line) for line in journal.read_text().splitlines())


def test_files_that_come_later_are_drawn_and_known_ones_are_not_read_again(source, tmp_path):
    reader = Spool(str(source), tmp_path / "spool")
    before = len(drain(reader))
    put(source, 99)
    drain(reader)
    new = payloads(reader, reader.journal.units - 1, reader.journal.units)
    assert before == 20
    assert [Path(p.source).name for p in new] == ["099.avro"]


def test_a_file_still_being_written_is_left_for_later(source, tmp_path):
    reader = Spool(str(source), tmp_path / "spool", settle=60)
    assert drain(reader) == []
    for path in source.iterdir():
        os.utime(path, (time.time() - 120,) * 2)
    assert len(drain(reader)) == 20


def test_committed_units_are_deleted(source, tmp_path):
    reader = Spool(str(source), tmp_path / "spool")
    reader.draw(3)
    reader.discard(2)
    assert sorted(p.name for p in reader.folder.glob("*.arrow")) == ["000000002.arrow"]


def test_the_progress_is_told(source, tmp_path):
    reader = Spool(str(source), tmp_path / "spool")
    drain(reader)
    assert json.loads((reader.folder / PROGRESS).read_text()) == {"files": 20, "done": 20}
