"""Ask a service on the web, patiently but not forever."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from urllib.request import OpenerDirector, Request

from skysift.adapters.exchange import (
    BrokenOffError,
    NotReachedError,
    exchange,
    new_opener,
)
from skysift.frames.known.answer import NoAnswerError

PASSING = (408, 429, 500, 502, 503, 504)
"""Statuses that another try may change."""

LONGEST_WAIT = 60.0
"""However long a service asks to be left alone [s]."""


@dataclass
class Web:
    """Fetches pages of one service, one after the other.

    Attributes
    ----------
    timeout : float
        Without a byte for this long, a try is given up [s].
    waits : tuple of float
        Before each further try; there are no more tries than that [s].
    pause : float
        Between requests, so that nobody is hammered [s].
    sleep, clock : callable
        Of the machine; tests have their own.
    """

    timeout: float = 60.0
    waits: tuple[float, ...] = (2.0, 8.0)
    pause: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._opener: OpenerDirector = new_opener()
        self._last = -float("inf")

    def get(self, address: str, fields: dict[str, str]) -> str:
        """Fetch a page with GET; see `fetch`."""
        return self.fetch(Request(f"{address}?{urlencode(fields)}"))

    def post(self, address: str, fields: dict[str, str]) -> str:
        """Fetch a page with a form; see `fetch`."""
        return self.fetch(Request(address, data=urlencode(fields).encode()))

    def fetch(self, request: Request) -> str:
        """Return what a service says, with status 200.

        Raises
        ------
        NoAnswerError
            Saying what came instead, after the last try.
        """
        request.add_header("User-Agent", "skysift")
        reason = ""
        for wait in (*self.waits, None):
            self.sleep(max(0.0, self._last + self.pause - self.clock()))
            asked = 0.0
            try:
                answer = exchange(self._opener, request, self.timeout)
            except (BrokenOffError, NotReachedError) as error:
                reason = f"no answer: {error}"
            else:
                if answer.status == 200:
                    return answer.body.decode("utf-8", "replace")
                reason = f"status {answer.status}: {answer.message()}"
                if answer.status not in PASSING:
                    break
                asked = answer.retry_after(time.time())
            finally:
                self._last = self.clock()
            if wait is not None:
                self.sleep(min(max(wait, asked), LONGEST_WAIT))
        raise NoAnswerError(reason)
