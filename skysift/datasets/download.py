"""Download a file over HTTP: resumed where it broke off, patient, and checked at the end."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from skysift import __version__

PIECE = 2**20
TIMEOUT = 60.0
"""Seconds without a byte after which a connection is given up."""

WAITS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0)
"""Seconds before each retry. They start again whenever something has come."""

MAX_WAIT = 300.0
"""Longest that a server is obeyed when it asks to wait, seconds."""

PARTIAL, UNSATISFIABLE = 206, 416
TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)
MAX_JSON_BYTES = 2**22

Progress = Callable[[int], object]


class DownloadError(ValueError):
    """A file cannot be had, or is not what it should be."""


def read_json(url: str, *, waits: Sequence[float] = WAITS) -> Any:
    """Read a JSON document.

    Raises
    ------
    DownloadError
        If it cannot be had, or is no JSON.
    """
    try:
        return json.loads(read_bytes(url, most=MAX_JSON_BYTES, waits=waits))
    except DownloadError:
        raise
    except ValueError as error:
        raise DownloadError(f"{url} is no JSON: {error}") from None


def read_bytes(url: str, *, most: int, waits: Sequence[float] = WAITS) -> bytes:
    """Read a small file, but no more than `most` bytes of it.

    Raises
    ------
    DownloadError
        If it cannot be had.
    """
    for wait in (*waits, None):
        try:
            with _open(url) as response:
                return response.read(most)
        except (OSError, HTTPException) as error:
            _wait_or_give_up(url, error, wait)
    raise AssertionError("the last wait is None")


def size_of(url: str, *, waits: Sequence[float] = WAITS) -> int:
    """Ask for the size of a file, bytes.

    Raises
    ------
    DownloadError
        If the server does not say.
    """
    for wait in (*waits, None):
        try:
            with _open(url, method="HEAD") as response:
                return int(response.headers["Content-Length"])
        except (TypeError, ValueError):
            raise DownloadError(f"{url}: the server does not say how long it is") from None
        except (OSError, HTTPException) as error:
            _wait_or_give_up(url, error, wait)
    raise AssertionError("the last wait is None")


def download(
    url: str,
    path: Path,
    *,
    size: int,
    waits: Sequence[float] = WAITS,
    progress: Progress = lambda done: None,
) -> None:
    """Download a file, going on behind what ``PATH.part`` holds already.

    A server that does not know HTTP ranges is read from the start. The file gets its name only
    when all of it is there; what it holds is not checked, see `md5_of`.

    Parameters
    ----------
    url : str
    path : Path
    size : int
        Of the file, bytes.
    waits : sequence of float
        Seconds before each retry after which nothing came.
    progress : callable
        Told the bytes that are there.

    Raises
    ------
    DownloadError
        If the server refuses, or nothing more comes for all of `waits`.
    """
    part = path.with_name(path.name + ".part")
    there = _size(part)
    left = list(waits)
    while there != size:
        if there > size:
            part.unlink()
        trouble: Exception = ConnectionError("the connection broke off")
        try:
            _append(url, part, progress)
        except (OSError, HTTPException) as error:
            trouble = error
        came, there = _size(part) - there, _size(part)
        if came > 0:
            left = list(waits)
        if there != size:
            _wait_or_give_up(url, trouble, left.pop(0) if left else None)
    part.replace(path)


def md5_of(path: Path, progress: Progress = lambda done: None) -> str:
    """Return the MD5 of a file, in hexadecimal."""
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            progress(file.tell())
    return digest.hexdigest()


def _append(url: str, part: Path, progress: Progress) -> None:
    """Ask for what lies behind the part file and write it there."""
    there = _size(part)
    try:
        response = _open(url, start=there)
    except HTTPError as error:
        if error.code == UNSATISFIABLE and there:
            part.unlink()
        raise
    with response, open(part, "ab" if _goes_on(response, there) else "wb") as file:
        while piece := response.read(PIECE):
            file.write(piece)
            progress(file.tell())


def _goes_on(response: HTTPResponse, start: int) -> bool:
    """Tell whether the answer begins where it was asked to."""
    given = response.headers.get("Content-Range", "")
    return response.status == PARTIAL and given.startswith(f"bytes {start}-")


def _open(url: str, start: int = 0, method: str = "GET") -> HTTPResponse:
    if not url.startswith(("https://", "http://")):
        raise DownloadError(f"only http and https are spoken. Got: {url}")
    headers = {"User-Agent": f"skysift/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    return urlopen(Request(url, headers=headers, method=method), timeout=TIMEOUT)


def _wait_or_give_up(url: str, error: Exception, wait: float | None) -> None:
    """Sleep before the next try, unless another try would be in vain."""
    refused = isinstance(error, HTTPError) and error.code not in (*TRY_AGAIN, UNSATISFIABLE)
    if refused or wait is None:
        raise DownloadError(
            f"{url} cannot be fetched: {error}. What came is kept; the same command goes on there"
        ) from None
    if isinstance(error, HTTPError):
        with suppress(TypeError, ValueError):
            wait = max(wait, min(float(error.headers["Retry-After"]), MAX_WAIT))
    time.sleep(wait)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
