"""The files of a night, made anew from the folders of its frames.

OUTPUT/YYYYMMDD/detections.parquet, detections.csv    all detections of the night
OUTPUT/YYYYMMDD/index.html                            the finder page
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from skysift.frames import state, tracklets
from skysift.frames.ades import report
from skysift.frames.ades_settings import ReportSettings
from skysift.frames.finder_page import finder_page
from skysift.frames.table import DETECTIONS
from skysift.whole import whole

DETECTIONS_FILE = "detections.parquet"
PAGE = "index.html"
REPORT = "ades.psv"

Known = Callable[[pa.Table], pa.Table]
"""Fills in what is known of objects near detections."""

ANSWERS = [name for name in DETECTIONS.names if name.startswith(("known_", "x_match_"))]
"""Columns that tell of known objects."""


@dataclass(frozen=True)
class NightMaker:
    """Makes the files of nights.

    Attributes
    ----------
    output : Path
        The job's output folder.
    known : callable or None
        Looks for known objects; None where nobody is asked.
    report : ReportSettings or None
        Head of reports to the Minor Planet Center; None writes none.
    """

    output: Path
    known: Known | None = None
    report: ReportSettings | None = None

    def __call__(self, night: str, frames: Counter[str]) -> pa.Table:
        """Make a night's files anew; each is replaced whole.

        Parameters
        ----------
        night : str
            YYYYMMDD.
        frames : Counter
            The night's frames by their status.

        Returns
        -------
        pyarrow.Table
            Its detections, in order of time.
        """
        folder = self.output / night
        folder.mkdir(parents=True, exist_ok=True)
        rows = with_answers(read_frames(folder), read_night(folder))
        if self.known is not None:
            rows = self.known(rows)
        linked = tracklets.link(rows)
        rows = tracklets.mark(rows, linked).select(DETECTIONS.names).cast(DETECTIONS)
        tables = {"detections.csv": rows, "tracklets.csv": tracklets.summary(rows, linked)}
        for name, table in tables.items():
            with whole(folder / name) as part:
                pyarrow.csv.write_csv(table, part)
        self._write_report(folder / REPORT, rows)
        with whole(folder / PAGE) as part:
            page = finder_page(night, rows, summary(rows, frames))
            part.write_text(page, encoding="utf-8")
        with whole(folder / DETECTIONS_FILE) as part:
            pq.write_table(rows, part)
        return rows

    def _write_report(self, path: Path, rows: pa.Table) -> None:
        """Write the report; where there is nothing to tell of, there is none."""
        if self.report is None:
            return
        told = report(rows, self.report)
        if told:
            with whole(path) as part:
                part.write_text(told, encoding="utf-8")
        else:
            path.unlink(missing_ok=True)


def read_frames(folder: Path) -> pa.Table:
    """Read the detections of a night's frames, in order of time.

    Parameters
    ----------
    folder : Path
        Of the night; each of its frames has a folder in it.
    """
    files = sorted(folder.glob(f"ztf_*/{DETECTIONS_FILE}"))
    tables = [pq.read_table(file, schema=DETECTIONS) for file in files]
    rows = pa.concat_tables([DETECTIONS.empty_table(), *tables])
    return rows.sort_by([("jd", "ascending"), ("id", "ascending"), ("ni", "ascending")])


def read_night(folder: Path) -> pa.Table:
    """Read the detections of a night as they were made last; none if they never were."""
    file = folder / DETECTIONS_FILE
    return pq.read_table(file, schema=DETECTIONS) if file.exists() else DETECTIONS.empty_table()


def with_answers(rows: pa.Table, earlier: pa.Table) -> pa.Table:
    """Carry over what was known of objects near the same detections earlier."""
    known = {row["candid"]: row for row in earlier.select(["candid", *ANSWERS]).to_pylist()}
    for name in ANSWERS:
        at = rows.schema.get_field_index(name)
        values = [
            known[candid][name] if candid in known else value
            for candid, value in zip(
                rows["candid"].to_pylist(), rows[name].to_pylist(), strict=True
            )
        ]
        rows = rows.set_column(
            at, DETECTIONS.field(name), pa.array(values, DETECTIONS.field(name).type)
        )
    return rows


def summary(rows: pa.Table, frames: Counter[str]) -> str:
    """Say in a line what a night has come to.

    Examples
    --------
    >>> summary(DETECTIONS.empty_table(), Counter(done=63, failed=1))
    '0 detections on 63 frames; 1 failed'
    """
    told = {state.FAILED: "failed", state.WAITING: "not at the archive yet"}
    rest = [f"{frames[status]:,} {words}" for status, words in told.items() if frames[status]]
    found, done = (
        _counted(n, what)
        for n, what in ((rows.num_rows, "detection"), (frames[state.DONE], "frame"))
    )
    return "; ".join([f"{found} on {done}", *rest])


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
