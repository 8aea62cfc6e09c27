"""Watch for frames: look again and again at where they appear, and do what is due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from skysift.frames.finding import Finder
from skysift.frames.sources import SETTLE_SECONDS, Window, in_folder, in_list

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lookout:
    """Where frames appear.

    Attributes
    ----------
    folder : Path or None
        Frames in it are looked at when they have lain unchanged for a while.
    ids : Path or None
        A list that grows, see `sources.in_list`.
    window : Window
        Which of them are wanted.
    """

    folder: Path | None
    ids: Path | None
    window: Window

    def __call__(self, finder: Finder) -> list[str]:
        """List the frames that are there now, and tell a finder where.

        Raises
        ------
        OSError, ValueError
            If folder or list cannot be read.
        """
        here = in_folder(self.folder, settle=SETTLE_SECONDS) if self.folder else {}
        listed = in_list(self.ids) if self.ids else []
        finder.here = here
        return self.window.of(dict.fromkeys([*here, *listed]))


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
