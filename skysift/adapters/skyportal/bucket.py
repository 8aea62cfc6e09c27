"""A bucket of tokens: so many requests at once, so many a second in the long run."""

from __future__ import annotations

from collections.abc import Callable


class Bucket:
    """Holds requests back until there is a token for each.

    Parameters
    ----------
    per_second : float
        Tokens that drop into it.
    size : int
        Tokens that it holds; it is full at the beginning.
    clock : callable
        Seconds; only differences count.
    sleep : callable
        Waits so many seconds.

    Raises
    ------
    ValueError
        If `per_second` is not positive or `size` less than one.
    """

    def __init__(
        self,
        per_second: float,
        size: int,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], object],
    ) -> None:
        if not (per_second > 0 and size >= 1):
            raise ValueError(f"requests a second must be more than 0; got {per_second}")
        self._rate, self._size = per_second, size
        self._clock, self._sleep = clock, sleep
        self._level, self._at = float(size), clock()

    def take(self) -> None:
        """Take a token; wait for one if there is none."""
        self._fill()
        if self._level < 1:
            self._sleep((1 - self._level) / self._rate)
            self._fill()
        self._level -= 1

    def _fill(self) -> None:
        now = self._clock()
        self._level = min(self._size, self._level + (now - self._at) * self._rate)
        self._at = now
