"""Files that are there whole or not at all, and that are on the disk when one says so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path, *, lasting: bool = False) -> Iterator[Path]:
    """Give a file beside `path` to write; when the block ends, it takes that name in one step.

    Whoever reads meanwhile finds the old file or the new one. If the block raises, the old one
    stays, and nothing is left of the other. Several processes may write the same file: the last
    one stays. The name to write to begins with a dot and ends with ``.part``.

    Parameters
    ----------
    path : Path
        In a folder that is there.
    lasting : bool
        Wait until the file is on the disk, so that a power cut leaves none that only looks whole.

    Yields
    ------
    Path
        To write to.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with whole(Path(folder) / "told.txt") as part:
    ...         _ = part.write_text("all of it")
    ...     [file.name for file in Path(folder).iterdir()]
    ['told.txt']
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        if lasting:
            flush(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Wait until a file, or the list of names in a folder, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
