"""Fetch frames from ZTF's archive: whole or not at all, patiently, and each file once."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import threading
import time
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError, URLError
from urllib.request import OpenerDirector, Request

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from skysift import __version__
from skysift.alerts.frame_file import FrameError, check_sums, check_whole
from skysift.alerts.frame_name import FrameName
from skysift.frames.claim import claimed
from skysift.frames.ids import ARCHIVE, FrameFiles, files_in, urls
from skysift.frames.login import LOGIN_URL, Login, LoginError, log_in

log = logging.getLogger(__name__)

PIECE = 2**20
"""Bytes that are asked of a connection at once."""

NOT_THERE = (404, 410)
REFUSED = (401, 403)
PASSING = (408, 425, 429, 500, 502, 503, 504)
"""Statuses that another try may change."""

LONGEST_OBEYED = 300.0
"""However long a server asks to be left alone [s]."""


class FetchError(FrameError):
    """A file cannot be had, or not as it should be."""


class NotThereError(FetchError):
    """The archive does not have a file; it may come."""


class _PassingError(Exception):
    """What another try may change."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True)
class Patience:
    """How long the archive is waited for.

    Attributes
    ----------
    timeout : float
        Without a byte for this long, a try is given up [s].
    longest : float
        So is one that takes longer in all [s].
    tries : int
        For each file.
    wait : float
        Before the second try; it doubles with each [s].
    longest_wait : float
        At most [s], unless the server asks for more.
    """

    timeout: float = 30.0
    longest: float = 900.0
    tries: int = 5
    wait: float = 2.0
    longest_wait: float = 60.0


class Archive:
    """ZTF's archive, or a server that is laid out like it; for several threads at once.

    Parameters
    ----------
    base_url : str
        Above ``sci/`` and ``ref/``.
    login : Login, optional
        Used once, before the first file.
    login_url : str
    patience : Patience

    Raises
    ------
    ValueError
        If the address is none of HTTP.
    """

    def __init__(
        self,
        base_url: str = ARCHIVE,
        *,
        login: Login | None = None,
        login_url: str = LOGIN_URL,
        patience: Patience = Patience(),
    ) -> None:
        if not base_url.startswith(("https://", "http://")):
            raise ValueError(
                f"an archive's address begins with http:// or https://. Got: {base_url}"
            )
        self.base_url = base_url
        self._login, self._login_url = login, login_url
        self._patience = patience
        self._opener: OpenerDirector | None = None
        self._refusal: LoginError | None = None
        self._logging_in = threading.Lock()

    def fetch(self, name: FrameName, folder: Path, *, difference: bool = True) -> FrameFiles:
        """Bring a frame's files into a folder, laid out as the archive is.

        What lies there whole is left alone. A file gets its name when all of it is there, and is
        what its headers and the server say; others that want it at the same time, in this process
        or another, wait for it.

        Parameters
        ----------
        name : FrameName
        folder : Path
        difference : bool
            Whether the difference is wanted.

        Raises
        ------
        NotThereError
            If the archive does not have a file.
        FetchError
            If it cannot be had, or came damaged, for all tries; or the login is not taken.
        OSError
            If the folder cannot be written to.
        """
        files, there = files_in(folder, name), urls(name, self.base_url)
        self._bring(there.science, files.science)
        if difference:
            self._bring(there.difference, files.difference)
        self._bring(there.reference, files.reference)
        return files

    def _bring(self, url: str, path: Path) -> None:
        with claimed(path) as file:
            if file is None:
                return
            started = time.monotonic()
            try:
                self._retrying(url)(self._download, url, file)
            except _PassingError as error:
                raise FetchError(
                    f"{url} cannot be fetched: {error} ({self._patience.tries} tries)"
                ) from None
            os.replace(file.name, path)
            size, took = path.stat().st_size, time.monotonic() - started
            log.info("fetched %s: %.1f MB in %.1f s", path.name, size / 1e6, took)

    def _retrying(self, url: str) -> Retrying:
        patience = self._patience
        backing_off = wait_exponential(patience.wait, patience.longest_wait) + wait_random(
            0.0, patience.wait / 2
        )

        def wait(state: RetryCallState) -> float:
            return max(backing_off(state), min(_error(state).wait, LONGEST_OBEYED))

        def tell(state: RetryCallState) -> None:
            log.info("%s: %s; try %d failed", url, _error(state), state.attempt_number)

        return Retrying(
            retry=retry_if_exception_type(_PassingError),
            stop=stop_after_attempt(patience.tries),
            wait=wait,
            before_sleep=tell,
            reraise=True,
        )

    def _download(self, url: str, file: BinaryIO) -> None:
        """Write what an address has into a file, from its beginning, and look at it."""
        file.seek(0)
        file.truncate()
        try:
            with self._open(url) as response:
                if response.headers.get_content_type() == "text/html":
                    raise FetchError(f"{url} is a page, not a file: it may want a login")
                self._save(response, file)
        except (URLError, HTTPException, OSError) as error:
            raise _PassingError(_reason(error)) from None
        try:
            check_whole(Path(file.name))
            check_sums(Path(file.name))
        except FrameError as error:
            told = str(error).replace(file.name, "what came")
            raise _PassingError(told) from None

    def _open(self, url: str) -> HTTPResponse:
        headers = {"User-Agent": f"skysift/{__version__}", "Accept-Encoding": "identity"}
        opener = self._logged_in()
        try:
            return opener.open(Request(url, headers=headers), timeout=self._patience.timeout)
        except HTTPError as error:
            error.close()
            if error.code in NOT_THERE:
                raise NotThereError(f"{url} is not there (yet)") from None
            if error.code in REFUSED:
                raise FetchError(f"{url} is refused ({error.code}): it may want a login") from None
            if error.code in PASSING:
                raise _PassingError(f"status {error.code}", _retry_after(error)) from None
            raise FetchError(f"{url} cannot be fetched: status {error.code}") from None

    def _save(self, response: HTTPResponse, file: BinaryIO) -> None:
        """Write an answer, and hold it against what the server says of it."""
        ends = time.monotonic() + self._patience.longest
        digest = hashlib.md5(usedforsecurity=False)
        while piece := response.read1(PIECE):
            file.write(piece)
            digest.update(piece)
            if time.monotonic() > ends:
                raise _PassingError(f"not there after {self._patience.longest:.0f} s")
        told = response.headers.get("Content-Length")
        if told is not None and file.tell() != int(told):
            raise _PassingError(f"the connection broke off after {file.tell():,} of {told} bytes")
        checksum = response.headers.get("Content-MD5")
        if checksum is not None and checksum != base64.b64encode(digest.digest()).decode():
            raise _PassingError("what came does not have the MD5 that the server tells")
        file.flush()
        os.fsync(file.fileno())

    def _logged_in(self) -> OpenerDirector:
        """What requests go through; a login is tried once, and its refusal remembered."""
        with self._logging_in:
            if self._refusal is not None:
                raise FetchError(str(self._refusal))
            if self._opener is None:
                try:
                    self._opener = log_in(
                        self._login, self._login_url, timeout=self._patience.timeout
                    )
                except LoginError as error:
                    self._refusal = error
                    raise FetchError(str(error)) from None
            return self._opener


def _error(state: RetryCallState) -> _PassingError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, _PassingError)
    return error


def _reason(error: Exception) -> str:
    """Say in words why a connection came to nothing."""
    if isinstance(error, URLError):
        error = error.reason if isinstance(error.reason, Exception) else error
    if isinstance(error, TimeoutError):
        return "nothing came for too long"
    return " ".join(str(error).split()) or type(error).__name__


def _retry_after(error: HTTPError) -> float:
    """Seconds for which a server asks to be left alone; 0 if it does not say."""
    try:
        return max(0.0, float(error.headers.get("Retry-After", "")))
    except ValueError:
        return 0.0
