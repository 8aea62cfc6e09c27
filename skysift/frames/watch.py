"""Watch for frames: look again and again at where they appear, and do what is due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


def watch(
    look: Callable[[], list[str]],
    do: Callable[[list[str]], None],
    stop: threading.Event,
    *,
    every: float,
) -> None:
    """Do what is there, then what comes, until told to stop.

    A place that cannot be read at the moment (a disk that is not mounted, a list that is being
    replaced) is looked at again the next time.

    Parameters
    ----------
    look : callable
        Returns the ids of the frames that are there.
    do : callable
        Does those of them that are due.
    stop : threading.Event
    every : float
        Seconds from the end of one pass to the next.
    """
    while not stop.is_set():
        try:
            there = look()
        except (OSError, ValueError) as error:
            log.warning("looking for frames: %s", error)
        else:
            do(there)
        stop.wait(every)
