"""Put a job together from what was asked for; what is wrong is told before the first frame."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from skysift.alerts.frame_align import MISSING_LIBRARY
from skysift.alerts.frame_swarp import PROGRAMS
from skysift.frames.ades_settings import read_report_settings
from skysift.frames.fetch import Archive
from skysift.frames.finding import Finder
from skysift.frames.job import FramesJob
from skysift.frames.known.catalogue import Catalogue
from skysift.frames.known.online import SERVICES
from skysift.frames.known.search import KnownSearch
from skysift.frames.login import find_login
from skysift.frames.night import NightMaker
from skysift.frames.pipeline import Pipeline, Sink
from skysift.frames.search import SearchSettings
from skysift.frames.searcher import Searcher
from skysift.frames.state import FrameStates, alone
from skysift.frames.task import Task
from skysift.frames.tidy import Cleanup, Tidier
from skysift.models import tails

DIFFERENCED = 3
"""Channels of a network that looks at differences."""


@dataclass(frozen=True)
class FramesOptions:
    """What a job is asked for.

    Attributes
    ----------
    output : Path
        Folder of the nights, and of the state.
    data : Path
        Folder of frames; what is fetched is put into it.
    archive : str or None
        Address to fetch from; None fetches nothing.
    settings : SearchSettings
    weights : Path or None
        None are those that ship.
    orbits : sequence of Path
        Files of known objects.
    services : sequence of str
        Who is asked about known objects on the web, see `known.online.SERVICES`.
    report : Path or None
        Settings of reports to the Minor Planet Center, see `ades_settings`; None writes none.
    sinks : sequence of Sink
        Where detections are sent.
    cleanup : Cleanup
    workers : int or None
        Frames at a time; by cores and memory if None.
    memory : float
        What a worker may use at most [GiB].
    """

    output: Path
    data: Path
    archive: str | None
    settings: SearchSettings
    weights: Path | None = None
    orbits: Sequence[Path] = ()
    services: Sequence[str] = ()
    report: Path | None = None
    sinks: Sequence[Sink] = ()
    cleanup: Cleanup = Cleanup.NONE
    workers: int | None = None
    memory: float = 4.0


@dataclass(frozen=True)
class Opened:
    """A job that is ready to work, with its parts."""

    pipeline: Pipeline
    states: FrameStates
    finder: Finder


@contextmanager
def opened(options: FramesOptions, stop: threading.Event) -> Iterator[Opened]:
    """Put a job together, and keep its output folder to it.

    Raises
    ------
    ImportError
        If a library is not installed.
    ValueError
        If weights, orbits, address or login are not as they should be, or the folder is in use or
        holds frames that were searched in another way.
    """
    _check_aligner(options.settings.aligner)
    facts = tails.check_weights(options.weights)
    archive = Archive(options.archive, login=find_login()) if options.archive else None
    finder = Finder(options.data, archive, difference=facts["channels"] == DIFFERENCED)
    output = options.output.absolute()
    report = read_report_settings(options.report) if options.report else None
    nights = NightMaker(output, _known(options), report)
    with alone(output), FrameStates(output) as states:
        states.claim({"weights": facts["version"], **asdict(options.settings)})
        search = Searcher(options.weights, options.settings, output)
        job = FramesJob(Task(search, options.memory), finder, states, stop, workers=options.workers)
        tidier = Tidier(options.cleanup, finder.files)
        pipeline = Pipeline(output, states, job, nights, options.sinks, tidier)
        yield Opened(pipeline, states, finder)


def _check_aligner(aligner: str) -> None:
    """Refuse once what is not installed, which would fail with every frame."""
    if aligner == "swarp" and not any(map(shutil.which, PROGRAMS)):
        raise ValueError("SWarp is not installed (Debian: apt install swarp); let reproject align")
    if aligner == "reproject" and find_spec("reproject") is None:
        raise ImportError(MISSING_LIBRARY)


def _known(options: FramesOptions) -> KnownSearch | None:
    if not (options.orbits or options.services):
        return None
    unknown = [name for name in options.services if name not in SERVICES]
    if unknown:
        raise ValueError(f"no service {unknown[0]!r}: there are {', '.join(SERVICES)}")
    catalogue = Catalogue.read(options.orbits) if options.orbits else None
    return KnownSearch(catalogue, {name: SERVICES[name]() for name in options.services})
