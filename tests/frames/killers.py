"""Searches that need no network, for tests of the job: what workers do, and how they die."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from skysift.frames.ids import FrameFiles
from skysift.frames.task import Searched


@dataclass(frozen=True)
class Search:
    """Notes that a worker had a frame; ends the process at one, and raises at another.

    Attributes
    ----------
    notes : Path
        Folder of the notes, a file a try.
    kills, breaks : str
        Ids of frames.
    times : int
        How often the first of them kills.
    """

    notes: Path
    kills: str = ""
    breaks: str = ""
    times: int = 99

    def __call__(self, files: FrameFiles) -> Searched:
        """Search a frame."""
        tries = len(list(self.notes.glob(f"{files.id}.*")))
        (self.notes / f"{files.id}.{time.time_ns()}").write_text(str(os.getpid()))
        if files.id == self.kills and tries < self.times:
            os.kill(os.getpid(), signal.SIGKILL)
        if files.id == self.breaks:
            return Searched(reason="broken")
        return Searched(detections=1, best=0.9, seconds=0.1)
