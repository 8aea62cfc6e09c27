"""What Spark is given to do with a frame, and what it says of it."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from skysift.frames.ids import FrameFiles
from skysift.science_modules._worker import settle

GIBIBYTE = 2**30


@dataclass(frozen=True)
class Searched:
    """What is told of a frame; the results themselves are on the disk.

    Attributes
    ----------
    detections : int
    best : float or None
        Greatest score.
    seconds : float
        Of reading, search and writing.
    reason : str or None
        Why there are no results.
    """

    detections: int = 0
    best: float | None = None
    seconds: float = 0.0
    reason: str | None = None


@dataclass(frozen=True)
class Task:
    """A search under the conditions of a Spark worker.

    Attributes
    ----------
    search : callable
        Searches a frame, e.g. a `searcher.Searcher`.
    memory : float
        What the process may use at most [GiB].
    """

    search: Callable[[FrameFiles], Searched]
    memory: float

    def __call__(self, files: FrameFiles) -> Searched:
        """Search a frame; one that needs too much memory is refused it."""
        _limit_memory(self.memory)
        try:
            return self.search(files)
        except MemoryError:
            return Searched(reason=f"needs more memory than {self.memory:g} GiB: see --memory")
        finally:
            settle()


@cache
def _limit_memory(gibibytes: float) -> None:
    """Have this process refused more data than so much, lest a frame brings the machine down."""
    most = int(gibibytes * GIBIBYTE)
    resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))
