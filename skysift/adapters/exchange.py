"""One HTTP request and what came of it: an answer, nobody there, or nobody knows."""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

MAX_BYTES = 2**24
"""Of an answer; the rest is not read."""


NOBODY = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
"""Errors from before a request is sent."""


class NotReachedError(OSError):
    """The request did not get to the server."""


class BrokenOffError(OSError):
    """The request may have got there; no answer came back."""


@dataclass(frozen=True)
class Answer:
    """What the server said.

    Attributes
    ----------
    status : int
    headers : Message
    body : bytes
    """

    status: int
    headers: Message
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; an empty one if it is none."""
        try:
            read = json.loads(self.body)
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    def message(self) -> str:
        """Tell what the server said, on one line of a readable length."""
        told = self.json().get("message") or self.body.decode("utf-8", "replace")
        return " ".join(str(told).split())[:300] or "no reason given"

    def retry_after(self, now: float) -> float:
        """Return the seconds for which the server asks to be left alone; 0 if it does not.

        Parameters
        ----------
        now : float
            Seconds since 1970, for servers that name a time.
        """
        told = self.headers.get("Retry-After", "")
        try:
            return max(0.0, float(told))
        except ValueError:
            pass
        try:
            return max(0.0, parsedate_to_datetime(told).timestamp() - now)
        except (TypeError, ValueError):
            return 0.0


class _Stay(HTTPRedirectHandler):
    """Follows no redirection: a POST would become a GET, and the token would go elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


def new_opener() -> OpenerDirector:
    """Make what requests go through; the environment's proxies are used."""
    return build_opener(_Stay)


def exchange(opener: OpenerDirector, request: Request, timeout: float) -> Answer:
    """Send a request once.

    Parameters
    ----------
    opener : OpenerDirector
        See `new_opener`.
    request : Request
    timeout : float
        Seconds without a byte after which it is given up.

    Raises
    ------
    NotReachedError
        If it surely did not get there.
    BrokenOffError
        If it may have.
    """
    try:
        with opener.open(request, timeout=timeout) as response:
            return Answer(response.status, response.headers, response.read(MAX_BYTES))
    except HTTPError as error:
        with error:
            return Answer(error.code, error.headers, _rest(error))
    except URLError as error:
        if isinstance(error.reason, NOBODY):
            raise NotReachedError(str(error.reason)) from None
        raise BrokenOffError(str(error.reason)) from None
    except (OSError, HTTPException) as error:
        raise BrokenOffError(str(error) or type(error).__name__) from None


def _rest(error: HTTPError) -> bytes:
    """Read what an answer with a bad status says; the status tells the most of it."""
    try:
        return error.read(MAX_BYTES)
    except (OSError, HTTPException):
        return b""
