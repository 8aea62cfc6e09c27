"""``skysift frames``: the search for comets in survey frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from skysift.cli import frames_post
from skysift.cli.console import err
from skysift.cli.frames_options import NO_ARCHIVE, with_job_options
from skysift.cli.frames_show import frames_bar, show, show_failure, show_unsent

if TYPE_CHECKING:
    from skysift.frames.job import Outcome
    from skysift.frames.opening import FramesOptions, Opened

FAILED, NOT_THERE = 1, 3

app = typer.Typer(help="Search survey frames for comets.", no_args_is_help=True)
app.command("post")(frames_post.post)

Ids = Annotated[
    Path | None,
    typer.Option("--ids", metavar="FILE", help="Frames to search: an id or exposure a line."),
]
Twilight = Annotated[
    bool,
    typer.Option("--twilight", help="Only frames taken while the Sun stood above -18 degrees."),
]


@app.callback()
def _frames() -> None:
    """Search survey frames for comets."""


@app.command()
@with_job_options
def run(
    target: Annotated[
        str | None,
        typer.Argument(help="Id of a frame or an exposure, folder of frames, or night YYYYMMDD."),
    ] = None,
    ids: Ids = None,
    twilight: Twilight = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    *,
    job: FramesOptions,
) -> None:
    """Search frames for comets: one, an exposure, a folder, a night, or a list.

    Tables, pictures and a page a night are written to OUTPUT/YYYYMMDD. Each frame is done once: the
    same command goes on where it was stopped, and tries again what failed.

    Examples:

      skysift simulate frames --count 8 --seed 1 --output frames/

      skysift frames run frames/ --output comets/

      skysift frames run ztf_20191014495961_000570_zr_c05_o_q3 --comets CometEls.txt

      skysift frames run 20191014 --ids exposures.txt --twilight --cleanup all

    Exit codes: 0 all done, 1 some failed or were not sent on, 2 bad input, 3 some are not at the
    archive yet.
    """
    from skysift.frames.opening import opened
    from skysift.frames.sources import asked
    from skysift.stream.subscribe import stop_on_signal

    wanted = asked(target, ids, job.data, twilight=twilight)
    job = _from_archive(job, named=not wanted.here)
    with stop_on_signal() as stop, opened(job, stop) as ready:
        ready.finder.here = wanted.here
        _work(ready, ready.pipeline.due(wanted.frames, anyway=True))
        _end(ready, wanted.frames, job.output, as_json=as_json)


@app.command()
@with_job_options
def watch(
    folder: Annotated[Path | None, typer.Argument(help="Folder in which frames appear.")] = None,
    ids: Ids = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help="Only frames since: YYYYMMDD or ISO, UTC."),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="TIME", help="Only frames before; do them, and end."),
    ] = None,
    twilight: Twilight = False,
    every: Annotated[
        float, typer.Option("--every", min=1, help="Seconds from one look to the next.")
    ] = 60.0,
    *,
    job: FramesOptions,
) -> None:
    """Search frames as they come, until stopped (Ctrl-C, SIGTERM); with --to, once.

    Each frame is done once, whatever happens in between: killed and started again, it goes on. What
    fails is tried again after 1, 2, 4 and 8 minutes; what is not at the archive yet, after 10
    minutes and at most 4 hours, for nine days.

    Examples:

      skysift frames watch frames/ --output comets/ --kafka localhost:9092

      skysift frames watch --ids exposures.txt --from 20191014 --to 2019-10-20T12:00 --cleanup all

    Exit codes: 0 stopped, or all done; 1 some failed (with --to), or Spark did; 2 bad input; 3 some
    are not at the archive yet (with --to).
    """
    from skysift.frames import watch as watching
    from skysift.frames.opening import opened
    from skysift.frames.sources import Window, julian_date
    from skysift.stream.subscribe import stop_on_signal

    if folder is None and ids is None:
        raise ValueError("say where frames appear: a folder, or --ids FILE")
    limits = {name: julian_date(text) for name, text in (("start", start), ("end", end)) if text}
    look = watching.Lookout(folder, ids, Window(twilight=twilight, **limits))
    job = _from_archive(job, named=ids is not None)
    with stop_on_signal() as stop, opened(job, stop) as ready:
        frames = look(ready.finder)
        if end is not None:
            _work(ready, ready.pipeline.due(frames, anyway=True))
            _end(ready, frames, job.output, as_json=False)
            return
        err.print(f"{len(frames):,} frames there; watching, Ctrl-C to stop")
        watching.watch(lambda: look(ready.finder), partial(_pass, ready), stop, every=every)
        err.print("stopped; the same command goes on")


def _from_archive(job: FramesOptions, *, named: bool) -> FramesOptions:
    """Settle where frames are fetched from: those that are named, from the public archive."""
    from skysift.frames.ids import ARCHIVE

    if job.archive is None:
        return replace(job, archive=ARCHIVE if named else None)
    return replace(job, archive=None) if job.archive == NO_ARCHIVE else job


def _pass(ready: Opened, there: Sequence[str]) -> None:
    """Do what is due of the frames that are there, and tell what went wrong."""
    _work(ready, ready.pipeline.due(there), watching=True)
    show_unsent(ready.pipeline.unsent)


def _work(ready: Opened, frames: Sequence[str], *, watching: bool = False) -> None:
    """Do what is due, and what an earlier job did not come to."""
    from skysift.frames.job import JobError

    ready.pipeline.follow_up()
    if not frames:
        return
    try:
        with frames_bar(len(frames)) as bar:

            def report(outcome: Outcome) -> None:
                bar.update(outcome)
                if watching:
                    show_failure(outcome)

            ready.pipeline.work_on(frames, report)
            if watching:
                bar.tell()
    except JobError as error:
        err.print(f"[bold red]the job failed:[/] {escape(str(error))}", highlight=False)
        raise typer.Exit(FAILED) from None


def _end(ready: Opened, frames: Sequence[str], output: Path, *, as_json: bool) -> None:
    """Tell what frames have come to, and end with the code that says it."""
    from skysift.frames.summary import summarise

    ready.pipeline.make_nights(frames)
    summary = summarise(output, ready.states, frames)
    unsent = ready.pipeline.unsent
    show(summary, output, unsent, as_json=as_json)
    if summary.failed or unsent:
        raise typer.Exit(FAILED)
    if summary.waiting:
        raise typer.Exit(NOT_THERE)
