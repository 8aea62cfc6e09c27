"""One at a time for a file that is made: whole in the end, or not there."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from skysift.alerts.frame_file import FrameError, check_whole

log = logging.getLogger(__name__)


@contextmanager
def claimed(path: Path) -> Iterator[BinaryIO | None]:
    """Hold the place of a FITS file, alone among threads and processes.

    The lock is on the unfinished file itself: it ends with its process, and leaves nothing behind
    that anybody would have to clear away.

    Parameters
    ----------
    path : Path
        Where the file belongs; its folder is made if need be.

    Yields
    ------
    file : binary file or None
        Beside its place, to be written and then moved there, under its `name`. None if the file is
        there, and whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    while not _is_whole(path):
        with partial.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not _is_same(file, partial):
                continue  # whoever had it has finished, or given up
            try:
                yield None if _is_whole(path) else file
            finally:
                partial.unlink(missing_ok=True)
            return
    yield None


def _is_whole(path: Path) -> bool:
    """Tell whether a file is there and whole; one that is not will be replaced."""
    try:
        check_whole(path)
    except FrameError as error:
        if path.exists():
            log.warning("%s; it is made anew", error)
        return False
    return True


def _is_same(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
