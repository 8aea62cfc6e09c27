"""Read alerts off a disk bit by bit, so that a job can be stopped anywhere and go on.

Whatever the path holds (packets, a nightly tarball, a broker's Parquet) is drawn in order into
numbered units of a few MiB on disk, as many as one micro-batch takes. A unit is what one Spark
task processes. The journal says how far each file was read when a unit was closed; after a crash
the units that were planned are still there, and drawing resumes behind the last of them. Units
are deleted once their micro-batch is committed, so a 70-GB tarball never lies unpacked.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from skysift.alerts.payloads import Payload, iter_file, list_files
from skysift.whole import whole

UNIT_BYTES = 16 * 2**20
UNITS_PER_BATCH = 16
ROWS_PER_CHUNK = 128
PROGRESS = "progress.json"

SCHEMA = pa.schema(
    {
        "kind": pa.string(),
        "data": pa.binary(),
        "key": pa.binary(),
        "source": pa.string(),
        "offset": pa.int64(),
    }
)


@dataclass
class Journal:
    """How far each file was read, unit by unit; an append-only file, synced to disk."""

    path: Path
    units: int = 0
    finished: set[str] = field(default_factory=set)
    position: dict[str, int] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Read the journal, leaving out a last line that a crash cut short."""
        journal = cls(path)
        if path.exists():
            lines = path.read_bytes().split(b"\n")
            path.write_bytes(b"".join(line + b"\n" for line in lines[:-1]))
            for line in lines[:-1]:
                journal._take(json.loads(line))
        return journal

    def close_unit(self, finished: list[str], position: dict[str, int]) -> None:
        """Record one more unit: the files read to their end, and where the open one stands."""
        entry = {"unit": self.units, "finished": finished, "position": position}
        with self.path.open("ab") as file:
            file.write(json.dumps(entry).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._take(entry)

    def _take(self, entry: dict) -> None:
        self.units = entry["unit"] + 1
        self.position.update(entry["position"])
        self.finished.update(entry["finished"])
        for path in entry["finished"]:
            self.position.pop(path, None)


class Spool:
    """Draws alerts from a path into units.

    Parameters
    ----------
    path : str
        An alert file, a nightly tarball, Parquet, or a folder of any of them.
    folder : Path
        Where journal and units are kept.
    settle : float
        Seconds that a file must have lain unchanged before it is read; for a folder that others
        write to.
    """

    def __init__(self, path: str, folder: Path, *, settle: float = 0.0) -> None:
        self.path = path
        self.folder = folder
        self.settle = settle
        folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal.open(folder / "journal.jsonl")
        self._listed = 0
        self._drawn: Iterator[tuple[str, Payload | None]] | None = None

    def draw(self, units: int = UNITS_PER_BATCH) -> int:
        """Draw up to so many further units.

        Returns
        -------
        int
            Number of units drawn since the beginning.
        """
        for _ in range(units):
            if not self._draw_unit():
                break
        self._report()
        return self.journal.units

    def discard(self, before: int) -> None:
        """Delete the units below a number; the job has committed them."""
        for path in self.folder.glob("*.arrow"):
            if int(path.stem) < before:
                path.unlink(missing_ok=True)

    def _draw_unit(self) -> bool:
        if self._drawn is None:
            self._drawn = self._pass()
        payloads: list[Payload] = []
        finished: list[str] = []
        position: dict[str, int] = {}
        size = 0
        for path, payload in self._drawn:
            if payload is None:
                finished.append(path)
                position.pop(path, None)
                continue
            payloads.append(payload)
            position[path] = position.get(path, self.journal.position.get(path, 0)) + 1
            size += len(payload.data)
            if size >= UNIT_BYTES:
                break
        else:
            self._drawn = None
        if payloads:
            write_unit(unit_path(self.folder, self.journal.units), payloads)
            self.journal.close_unit(finished, position)
        else:
            # Files that held nothing: known for this run, looked at again after a restart.
            self.journal.finished.update(finished)
        return bool(payloads)

    def _pass(self) -> Iterator[tuple[str, Payload | None]]:
        """Yield what is new, file by file; (path, None) when a file was read to its end."""
        files = [str(path) for path in list_files(self.path)]
        self._listed = len(files)
        for path in files:
            if path in self.journal.finished or not self._settled(path):
                continue
            for payload in iter_file(path, skip=self.journal.position.get(path, 0)):
                yield path, payload
            yield path, None

    def _settled(self, path: str) -> bool:
        if not self.settle:
            return True
        try:
            return time.time() - os.stat(path).st_mtime >= self.settle
        except OSError:
            return False

    def _report(self) -> None:
        """Leave a note of the progress for whoever shows it: another process."""
        note = {"files": self._listed, "done": len(self.journal.finished)}
        with whole(self.folder / PROGRESS) as part:
            part.write_text(json.dumps(note))


def unit_path(folder: Path, number: int) -> Path:
    """Path of one unit."""
    return folder / f"{number:09d}.arrow"


def write_unit(path: Path, payloads: list[Payload]) -> None:
    """Write payloads as one Arrow file, whole or not at all."""
    with (
        whole(path) as part,
        pa.OSFile(str(part), "wb") as sink,
        pa.ipc.new_file(sink, SCHEMA) as writer,
    ):
        for start in range(0, len(payloads), ROWS_PER_CHUNK):
            chunk = payloads[start : start + ROWS_PER_CHUNK]
            columns = [[getattr(p, name) for p in chunk] for name in SCHEMA.names]
            writer.write_batch(
                pa.record_batch(
                    [pa.array(c, t) for c, t in zip(columns, SCHEMA.types, strict=True)],
                    schema=SCHEMA,
                )
            )


def read_unit(path: str) -> Iterator[list[Payload]]:
    """Read a unit back, some payloads at a time."""
    with pa.memory_map(path) as file:
        reader = pa.ipc.open_file(file)
        for index in range(reader.num_record_batches):
            chunk = reader.get_batch(index)
            yield [Payload(**row) for row in chunk.to_pylist()]
