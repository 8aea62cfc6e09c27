"""One frame in a Python worker, from its files to its results on the disk."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from skysift.alerts.frame_file import FrameError
from skysift.frames.ids import FrameFiles
from skysift.frames.products import write_frame
from skysift.frames.search import SearchSettings, search_frame
from skysift.frames.task import Searched
from skysift.models import tails

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Searcher:
    """Searches a frame and writes what it found.

    Attributes
    ----------
    weights : Path or None
        Of the network, which is loaded once a process; None are those that ship.
    settings : SearchSettings
    output : Path
        The job's output folder.
    """

    weights: Path | None
    settings: SearchSettings
    output: Path

    def __call__(self, files: FrameFiles) -> Searched:
        """Search a frame; what goes wrong is the answer, and the worker goes on."""
        started = time.perf_counter()
        try:
            found = search_frame(files, tails.load(self.weights), self.settings)
            write_frame(found, self.output)
        except FrameError as error:
            return Searched(reason=str(error))
        except MemoryError:
            raise
        except Exception as error:
            log.exception("frame %s failed", files.id)
            return Searched(reason=f"{type(error).__name__}: {error}")
        scores = found.table["p"].to_pylist()
        return Searched(len(scores), max(scores, default=None), time.perf_counter() - started)
