"""From ids to nights: what is due is done, its nights are made anew, and detections are sent on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from skysift.alerts.frame_name import FrameName
from skysift.frames import state
from skysift.frames.job import FramesJob, Outcome
from skysift.frames.night import DETECTIONS_FILE, NightMaker, read_night
from skysift.frames.state import FrameStates

EVERY_SECONDS = 60.0
"""While frames are done, nights are made anew so often."""

NIGHT = "night"
"""The nights' files are what gets detections first."""


class Sink(Protocol):
    """Something that detections are sent to."""

    @property
    def name(self) -> str:
        """What tells it from others."""

    def send(self, night: Path, rows: pa.Table) -> Mapping[str, str]:
        """Send detections of a night.

        Parameters
        ----------
        night : Path
            Its folder.
        rows : pyarrow.Table
            Of `table.DETECTIONS`.

        Returns
        -------
        mapping of str to str
            Frames whose detections were not all taken, and why.

        Raises
        ------
        ConnectionError
            If nothing can be sent.
        """


class Pipeline:
    """Does what is due, and what follows from it.

    Parameters
    ----------
    output : Path
        The job's output folder.
    states : FrameStates
    job : FramesJob
    nights : NightMaker
    sinks : sequence of Sink
    tidy : callable
        Given frames that are done, and those that are still to be done, clears away files that are
        needed no more.

    Attributes
    ----------
    unsent : dict of str to str
        Sinks that have not got all, and why.
    """

    def __init__(
        self,
        output: Path,
        states: FrameStates,
        job: FramesJob,
        nights: NightMaker,
        sinks: Sequence[Sink],
        tidy: Callable[[Sequence[str], Iterable[str]], None],
    ) -> None:
        self._output = output
        self._states = states
        self._job = job
        self._nights = nights
        self._sinks = sinks
        self._tidy = tidy
        self._made: set[str] = set()
        self.unsent: dict[str, str] = {}

    def due(self, frames: Iterable[str], *, anyway: bool = False) -> list[str]:
        """Choose what is to be done now; see `FrameStates.due`.

        A frame whose results are there is done, whether or not a driver lived to note it.
        """
        due = []
        for frame in self._states.due(frames, anyway=anyway):
            detections = written(self._output / FrameName.parse(frame).night / frame)
            if detections is None:
                due.append(frame)
            else:
                self._states.done(frame, detections)
        return due

    def work_on(self, frames: Sequence[str], report: Callable[[Outcome], None]) -> None:
        """Do frames; what is done is soon on its night's page, and sent on.

        Parameters
        ----------
        frames : sequence of str
            Ids of what is due.
        report : callable
            Told what became of each.

        Raises
        ------
        JobError
            If Spark cannot go on.
        """
        done: list[str] = []
        left = dict.fromkeys(frames)
        followed = time.monotonic()

        def note(outcome: Outcome) -> None:
            nonlocal followed
            if outcome.status == state.DONE:
                done.append(outcome.frame)
                left.pop(outcome.frame)
            report(outcome)
            if time.monotonic() - followed > EVERY_SECONDS:
                self._settle(done, left)
                followed = time.monotonic()

        self._job.run(frames, note)
        self._settle(done, left)

    def _settle(self, done: list[str], left: Iterable[str]) -> None:
        """Follow up what was done since, and clear it away."""
        self.follow_up()
        self._tidy(done, left)
        done.clear()

    def follow_up(self) -> None:
        """Make anew the nights of what is done since, and send detections on."""
        for night, frames in _by_night(self._states.untold(NIGHT, empty=True)):
            self._make(night)
            self._states.told(NIGHT, frames)
        for sink in self._sinks:
            self.unsent.pop(sink.name, None)
            try:
                self._send(sink)
            except ConnectionError as error:
                self.unsent[sink.name] = str(error)

    def make_nights(self, frames: Iterable[str]) -> None:
        """Make anew the nights of frames that nothing new came to: known objects may have.

        Parameters
        ----------
        frames : iterable of str
            Ids; those that are done count.
        """
        done = {one.id for one in self._states.all() if one.status == state.DONE}
        for night, _ in _by_night(sorted(done.intersection(frames))):
            if night not in self._made:
                self._make(night)

    def _make(self, night: str) -> None:
        self._nights(night, self._counts(night))
        self._made.add(night)

    def _send(self, sink: Sink) -> None:
        for night, frames in _by_night(self._states.untold(sink.name)):
            folder = self._output / night
            rows = read_night(folder)
            rows = rows.filter(pc.is_in(rows["id"], pa.array(frames)))
            refused = sink.send(folder, rows)
            self._states.told(sink.name, [frame for frame in frames if frame not in refused])
            if refused:
                frame, reason = next(iter(refused.items()))
                self.unsent[sink.name] = f"{len(refused)} frames refused; {frame}: {reason}"

    def _counts(self, night: str) -> Counter[str]:
        """Count a night's frames by their status."""
        return Counter(
            one.status for one in self._states.all() if FrameName.parse(one.id).night == night
        )


def written(folder: Path) -> int | None:
    """Count the detections in the folder of a frame; None if it is not there."""
    if not folder.is_dir():
        return None
    file = folder / DETECTIONS_FILE
    return pq.read_metadata(file).num_rows if file.exists() else 0


def _by_night(frames: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Group ids by their nights; ids in order are nights in order."""
    for night, group in groupby(frames, lambda frame: FrameName.parse(frame).night):
        yield night, list(group)
