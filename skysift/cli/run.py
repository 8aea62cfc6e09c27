"""``skysift run``: the streaming job, with its progress and a summary at the end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skysift.cli import choices
from skysift.cli.console import err
from skysift.cli.summary import Summary

if TYPE_CHECKING:
    from skysift.stream.job import Job

FAILED = 1


def run(
    source: Annotated[
        str, typer.Option("--source", help="Path with alerts, or kafka://HOST:PORT/TOPIC.")
    ],
    sink: Annotated[str, typer.Option("--sink", help="Folder, or kafka://HOST:PORT.")],
    modules: choices.Modules = None,
    filters: choices.Filters = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option("--checkpoint", help="Folder of the job's state. Default: in the sink."),
    ] = None,
    annotated: Annotated[
        Path | None,
        typer.Option("--annotated", help="Folder of annotated Parquet. Default: in the sink."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Stop when all there is has been processed.")
    ] = False,
    survey: choices.Survey = "auto",
    weights: choices.Weights = None,
    settings: choices.Settings = None,
    compat: choices.Compat = False,
    kafka_security: choices.KafkaSecurityFile = None,
    pictures: Annotated[
        int, typer.Option("--pictures", min=0, help="Top candidates to draw at the end.")
    ] = 12,
) -> None:
    """Run the job: alerts in, annotated Parquet and candidate topics out.

    A folder is watched for new files until the job is stopped (Ctrl-C, SIGTERM); with --once the
    job ends when all there is has been processed. Started again with the same sink, it goes on
    where it stopped: nothing is lost, nothing is doubled.

    Examples:

      skysift run --source night.tar.gz --sink out/night --once

      skysift run --source kafka://localhost:9092/ztf_alerts --sink kafka://localhost:9092
        --checkpoint state/ --filters bts_candidates

    Exit codes: 0 done or stopped, 1 the job failed, 2 bad input.
    """
    from skysift.stream.job import Job, JobError, job_options
    from skysift.stream.session import hush

    plan = choices.plan_for(
        source,
        modules=modules,
        filters=filters,
        weights=weights,
        compat=compat,
        settings=settings,
        survey=survey,
    )
    options = job_options(
        source,
        sink,
        plan,
        checkpoint=checkpoint,
        annotated=annotated,
        once=once,
        security=choices.kafka_security(kafka_security),
    )
    job = Job(options)
    summary = Summary(options, pictures)
    try:
        with _stopped_by_signals(job), _progress(job):
            job.caught_up = lambda: summary.show(job.total, "waiting for more; Ctrl-C to stop")
            job.run()
    except JobError as error:
        err.print(f"[bold red]the job failed:[/] {error}", highlight=False)
        raise typer.Exit(FAILED) from None
    summary.show(job.total)
    hush()


@contextmanager
def _stopped_by_signals(job: Job) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM stop the job between two micro-batches."""

    def stop(number: int, frame: object) -> None:
        err.print(f"[yellow]{signal.Signals(number).name}: finishing the micro-batch …[/]")
        threading.Thread(target=job.stop, daemon=True).start()

    before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(job: Job) -> Iterator[None]:
    """Show rate, what is left, and what became of the alerts, while the job runs."""
    from skysift.cli.progress import JobProgress

    with JobProgress(job, err) as progress:
        job.report = progress.batch_done
        yield
