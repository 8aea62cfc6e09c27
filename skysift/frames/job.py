"""The Spark job: one frame a task, whatever happens to the others.

The driver finds or fetches files, keeps the state, and hands each frame to Spark as a job of its
own with one task: what goes wrong with a frame, a killed worker included, goes wrong with it alone.
Workers read files, search, and write results; they know no network and no state.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from skysift.cores import usable_cores
from skysift.frames import state
from skysift.frames.fetch import FetchError
from skysift.frames.ids import FrameFiles
from skysift.frames.state import FrameStates
from skysift.frames.task import GIBIBYTE, Searched, Task
from skysift.stream.session import build_context

log = logging.getLogger(__name__)

FAILURES = 3
"""How often Spark tries a frame whose worker died."""

AHEAD = 4
"""Frames that are fetched while as many as there are workers are searched."""

WORKER_GIBIBYTES = 3.0
"""Memory that a worker is reckoned with, where their number is not given."""

DEAD_WORKER = "Python worker exited unexpectedly"
"""What Spark says of one that was killed, by whomever."""


class JobError(RuntimeError):
    """Spark itself failed; the message says why, in one line."""


@dataclass(frozen=True)
class Outcome:
    """What became of a frame.

    Attributes
    ----------
    frame : str
        Its id.
    status : str
        ``done``, ``failed``, ``waiting``, or ``new`` if the job was stopped before its turn.
    searched : Searched
        Its `reason` says why, where the frame is not done.
    """

    frame: str
    status: str
    searched: Searched


class FramesJob:
    """Does frames, several at a time.

    Parameters
    ----------
    task : Task
        What is done with one.
    find : callable
        Given an id, returns its `FrameFiles`, fetching what is not here.
    states : FrameStates
        Told what becomes of each.
    stop : threading.Event
        When it is set, frames under way are finished and no other is begun.
    workers : int or None
        Frames at a time, where Spark's own configuration names no cluster.
    """

    def __init__(
        self,
        task: Task,
        find: Callable[[str], FrameFiles],
        states: FrameStates,
        stop: threading.Event,
        *,
        workers: int | None = None,
    ) -> None:
        self._task = task
        self._find = find
        self._states = states
        self._stop = stop
        self._workers = workers or default_workers()
        self._turn = threading.Semaphore(self._workers)

    def run(self, frames: Iterable[str], report: Callable[[Outcome], None]) -> None:
        """Do some frames.

        Parameters
        ----------
        frames : iterable of str
            Their ids.
        report : callable
            Told what became of each, when the state knows it.

        Raises
        ------
        JobError
            If Spark cannot go on. Frames under way are done again by the next job.
        """
        self._start_spark()
        at_once = self._workers + AHEAD
        left = iter(frames)
        under_way: set[Future[Outcome]] = set()
        with ThreadPoolExecutor(at_once, thread_name_prefix="frame") as pool:
            while True:
                while len(under_way) < at_once and not self._stop.is_set():
                    frame = next(left, None)
                    if frame is None:
                        break
                    self._states.begin(frame)
                    under_way.add(pool.submit(self._do, frame))
                if not under_way:
                    return
                finished, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in finished:
                    report(self._noted(self._result(future)))

    def _start_spark(self) -> None:
        """Start it on the driver's own thread, or join the one there is."""
        threads = max(1, usable_cores() // self._workers)
        master = f"local[{self._workers},{FAILURES}]"
        self._spark = build_context(master=master, threads=threads)

    def _do(self, frame: str) -> Outcome:
        """Find and search one frame; on a thread of its own."""
        try:
            files = self._find(frame)
        except FetchError as error:
            return Outcome(frame, state.WAITING, Searched(reason=str(error)))
        except OSError as error:
            return Outcome(frame, state.FAILED, Searched(reason=str(error)))
        with self._turn:
            if self._stop.is_set():
                return Outcome(frame, state.NEW, Searched())
            searched = self._search(files)
        return Outcome(frame, state.FAILED if searched.reason else state.DONE, searched)

    def _search(self, files: FrameFiles) -> Searched:
        """Have a worker search a frame."""
        from py4j.protocol import Py4JError, Py4JJavaError

        try:
            (searched,) = self._spark.parallelize([files], 1).map(self._task).collect()
            return searched
        except Py4JJavaError as error:
            told = str(error.java_exception.getMessage())
            if DEAD_WORKER in told:
                return Searched(reason="its worker died: killed, or out of memory")
            if self._spark._jsc.sc().isStopped():
                raise JobError(f"Spark stopped: {told.splitlines()[0]}") from None
            log.warning("%s", told)
            return Searched(reason=told.splitlines()[0])
        except (Py4JError, OSError) as error:
            raise JobError(f"Spark is gone: {error}") from None

    def _result(self, future: Future[Outcome]) -> Outcome:
        try:
            return future.result()
        except BaseException:
            self._stop.set()  # the others end without beginning anything
            raise

    def _noted(self, outcome: Outcome) -> Outcome:
        frame, searched = outcome.frame, outcome.searched
        if outcome.status == state.DONE:
            self._states.done(frame, searched.detections)
        elif outcome.status == state.WAITING:
            self._states.waits(frame, searched.reason or "")
        elif outcome.status == state.FAILED:
            self._states.failed(frame, searched.reason or "")
        else:
            self._states.put_back(frame)
        return outcome


def default_workers() -> int:
    """Frames that this machine has cores and memory for at a time."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GIBIBYTE
    return max(1, min(usable_cores(), int(memory / WORKER_GIBIBYTES)))
