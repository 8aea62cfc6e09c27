"""Ask Lasair's Sherlock about a place: paced, patient, and clear about why it did not answer."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from skysift.datasets.sherlock_answers import Answer

log = logging.getLogger(__name__)

ENDPOINT = "https://lasair-ztf.lsst.ac.uk/api"

WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further try."""

TIMEOUT = 30.0
"""Seconds that an answer may take."""


class RefusedError(ValueError):
    """Lasair does not know the token."""


class LimitError(RuntimeError):
    """The token has used up its calls."""


class NoAnswerError(RuntimeError):
    """A place got no answer; another might."""


class Caller:
    """Calls Lasair, from as many threads as there are.

    Parameters
    ----------
    token : str
        Of a Lasair account. It goes to the endpoint and nowhere else, in no message either.
    endpoint : str
    per_second : float
        Calls, at most, tries counted.
    waits : sequence of float
        Seconds before each further try.
    timeout : float
        Seconds that an answer may take.

    Raises
    ------
    ValueError
        If `per_second` is not positive, or the endpoint would let the token be read on its way.
    ImportError
        If the package `lasair` is not installed; says how to.
    """

    def __init__(
        self,
        token: str,
        *,
        endpoint: str = ENDPOINT,
        per_second: float = 5.0,
        waits: Sequence[float] = WAITS,
        timeout: float = TIMEOUT,
    ) -> None:
        _check_endpoint(endpoint)
        if not per_second > 0:
            raise ValueError(f"calls a second must be more than 0; got {per_second}")
        try:
            from lasair import lasair_client
        except ImportError:
            raise ImportError(
                "asking Lasair needs its client: pip install 'skysift[lasair]'"
            ) from None
        self._client = lasair_client(token, endpoint=endpoint.rstrip("/"), timeout=timeout)
        self._token = token
        self._waits = waits
        self._pace = _Pace(1 / per_second)

    def ask(self, ra: float, dec: float, stop: threading.Event) -> Answer:
        """Ask what Sherlock makes of a place.

        Parameters
        ----------
        ra, dec : float
            ICRS, degrees.
        stop : Event
            Once it is set, no further call is made.

        Raises
        ------
        RefusedError, LimitError, NoAnswerError
            After all tries, where more of them may help.
        """
        for wait in (*self._waits, None):
            self._pace.wait(stop)
            if stop.is_set():
                raise NoAnswerError("nothing more is asked")
            try:
                return read_answer(self._client.sherlock_position(ra, dec, lite=False))
            except Exception as error:  # requests' and the client's own share no base
                trouble = self._told(error)
            if wait is None or not trouble.another_try:
                raise trouble.error
            log.info("Lasair: %s; trying again in %.0f s", trouble.error, wait)
            stop.wait(wait)
        raise AssertionError("the last wait is None")

    def _told(self, error: Exception) -> _Trouble:
        """Tell from what the client says what it means, the token left out."""
        text = (str(error) or type(error).__name__).replace(self._token, "…")
        if isinstance(error, NoAnswerError):
            return _Trouble(error, another_try=False)
        if text.startswith("Unauthorized") or "HTTP return code 403" in text:
            return _Trouble(RefusedError(f"Lasair refuses the token: {text}"), another_try=False)
        if "limit exceeded" in text:
            return _Trouble(LimitError(text), another_try=True)
        bad = text.startswith("Bad Request") or "HTTP return code 404" in text
        return _Trouble(NoAnswerError(" ".join(text.split())[:200]), another_try=not bad)


class _Trouble:
    """What went wrong, and whether another try may help."""

    def __init__(self, error: Exception, *, another_try: bool) -> None:
        self.error = error
        self.another_try = another_try


class _Pace:
    """Hands out times, so many seconds apart, to all threads together."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, stop: threading.Event) -> None:
        with self._lock:
            now = time.monotonic()
            mine = max(self._next, now)
            self._next = mine + self._interval
        stop.wait(mine - now)


def read_answer(found: Any) -> Answer:
    """Read what Lasair's ``sherlock/position`` answers, asked for all it knows.

    Raises
    ------
    NoAnswerError
        If it is something else.
    """
    try:
        (verdict,) = found["classifications"].values()
        matches = found["crossmatches"]
        kind = str(verdict[0]) if verdict[0] else None
        separation = float(matches[0]["separationArcsec"]) if matches else math.nan
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise NoAnswerError(f"Lasair's answer is not Sherlock's: {str(found)[:100]}") from None
    return Answer(kind, separation)


def _check_endpoint(endpoint: str) -> None:
    address = urlsplit(endpoint)
    if address.scheme == "https" or (address.scheme == "http" and _is_here(address.hostname or "")):
        return
    raise ValueError(f"the endpoint must begin with https:// to keep the token; got {endpoint!r}")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
