"""Simulate frames into a folder: in several processes, and on from where it was stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from skysift.alerts.frame_name import FrameName
from skysift.cores import usable_cores
from skysift.simulate.frames.files import part_path, read_part, write_frame
from skysift.simulate.frames.frame import field_of, make_frames
from skysift.simulate.frames.settings import Settings
from skysift.simulate.frames.truth import FRAME_COLUMNS, TRUTH_COLUMNS
from skysift.simulate.producing import claim, in_processes
from skysift.whole import whole

LIBRARIES = ("astropy", "galsim", "numpy", "photutils", "scipy")
"""Whose versions the manifest names: another one may change a byte."""


def write_frames(
    count: int,
    output: str | Path,
    settings: Settings,
    *,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Simulate frames into a folder, leaving those that are there already.

    The same settings write the same bytes, whatever the number of processes and however often the
    work was stopped; more frames begin with the same ones.

    Parameters
    ----------
    count : int
        Frames wanted, 1 or more.
    output : path
        Folder to write into; made if need be. The package says what lies where in it.
    settings : Settings
    workers : int, optional
        Processes; by default one for each core that may be used. A script that asks for more than
        one needs the usual ``if __name__ == "__main__":``.
    progress : callable, optional
        Called with the number of frames that are there, after each field.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        If `count` is less than one, or the folder holds frames of other settings.
    FileExistsError
        If the folder holds something else.
    """
    if count < 1:
        raise ValueError(f"count must be 1 or more, got {count}")
    folder = Path(output)
    claim(
        folder, settings,
        things="frames", about="simulated survey frames with comets", libraries=LIBRARIES,
    )  # fmt: skip
    # Later fields are begun by whoever is free; the tables have them in order.
    names: dict[int, list[FrameName]] = {}
    work = partial(_make_field, settings, folder, count)
    fields = range(-(-count // settings.visits))
    for index, made in in_processes(work, fields, workers or min(usable_cores(), len(fields))):
        names[index] = made
        if progress is not None:
            progress(sum(map(len, names.values())))
    _write_tables(folder, (name for index in fields for name in names[index]))
    return folder


def _make_field(
    settings: Settings, folder: Path, count: int, index: int
) -> tuple[int, list[FrameName]]:
    """Make the frames of one field that are wanted and not there."""
    wanted = min(settings.visits, count - index * settings.visits)
    names = list(field_of(index, settings).names[:wanted])
    if not all(part_path(folder, name).is_file() for name in names):
        for frame in islice(make_frames(index, settings), wanted):
            if not part_path(folder, frame.name).is_file():
                write_frame(frame, folder)
    return index, names


def _write_tables(folder: Path, names: Iterable[FrameName]) -> None:
    parts = [read_part(part_path(folder, name)) for name in names]
    tables = {
        "frames.csv": pa.Table.from_pylist([part["frame"] for part in parts], FRAME_COLUMNS),
        "truth.csv": pa.Table.from_pylist(
            [row for part in parts for row in part["truth"]], TRUTH_COLUMNS
        ),
    }
    for name, table in tables.items():
        with whole(folder / name) as part:
            pa.csv.write_csv(table, part)
