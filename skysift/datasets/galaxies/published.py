"""Fetch the published table of Galaxy Zoo 2."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from skysift.datasets.download import WAITS, DownloadError, download, size_of
from skysift.datasets.fetching import Step
from skysift.datasets.galaxies.layout import read_layout

URL = "https://gz2hart.s3.amazonaws.com/gz2_hart16.csv.gz"
"""Hart et al. (2016, MNRAS 461, 3663), as data.galaxyzoo.org links it."""
TABLE = "gz2_hart16.csv.gz"
LAYOUT = "gz2-hart16"
PIECE = 2**20

Progress = Callable[[Step], object]


def fetch_table(
    folder: Path,
    *,
    url: str = URL,
    waits: Sequence[float] = WAITS,
    progress: Progress = lambda step: None,
) -> Path:
    """Fetch the votes of Galaxy Zoo 2; once, and on from where it was interrupted.

    Parameters
    ----------
    folder : Path
    url : str
        Of the table, or a mirror's.
    waits : sequence of float
        See `skysift.datasets.download.download`.
    progress : callable
        Told each `Step`.

    Returns
    -------
    Path
        ``folder/gz2_hart16.csv.gz``.

    Raises
    ------
    DownloadError
        If it cannot be had, came damaged (its own checksum), or is another table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / TABLE
    if not path.is_file():
        size = size_of(url, waits=waits)
        download(
            url, path, size=size, waits=waits,
            progress=lambda done: progress(Step("fetching", TABLE, done, size)),
        )  # fmt: skip
    _verify(path, url, progress)
    return path


def _verify(path: Path, url: str, progress: Progress) -> None:
    """Read all of it: gzip ends with a checksum; and look at the columns."""
    size = path.stat().st_size
    try:
        with path.open("rb") as raw, gzip.open(raw) as content:
            header = content.readline().decode("utf-8", "replace")
            while content.read(PIECE):
                progress(Step("checking", TABLE, raw.tell(), size))
    except (EOFError, OSError, zlib.error) as error:
        path.unlink()
        raise DownloadError(f"{url} came damaged ({error}); the same command tries again") from None
    columns = [name.strip().strip('"') for name in header.split(",")]
    lacking = read_layout(LAYOUT).lacking(columns)
    if lacking:
        path.unlink()
        raise DownloadError(f"{url} is not the table of Galaxy Zoo 2: it lacks {lacking[0]}")
