"""``skysift frames post``: a night's detections to SkyPortal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from skysift.cli.console import err, out

if TYPE_CHECKING:
    from skysift.adapters.skyportal.ledger import Ledger
    from skysift.adapters.skyportal.sink import Outcome, Sink

NOT_ALL, NOTHING = 1, 3


def post(
    night: Annotated[
        Path, typer.Argument(help="Folder of a night: OUTPUT/YYYYMMDD of `skysift frames run`.")
    ],
    server: Annotated[str, typer.Option(help="Address, such as https://fritz.science.")],
    group: Annotated[int, typer.Option(min=1, help="Id of the group that sees it.")],
    filter_id: Annotated[
        int, typer.Option("--filter", min=1, help="Id of the filter that the candidates passed.")
    ],
    min_score: Annotated[float, typer.Option(min=0, max=1, help="Least score.")] = 0.5,
    unknown_only: Annotated[
        bool, typer.Option("--unknown-only", help="Leave out known objects.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="So many at most, the best first.")
    ] = None,
    per_second: Annotated[float, typer.Option(help="Requests, at most.")] = 4.0,
    token_file: Annotated[
        Path | None, typer.Option(help="File with the token; else SKYPORTAL_TOKEN.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be sent; ask nobody.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what came of each as a line of JSON.")
    ] = False,
) -> None:
    """Post a night's detections to SkyPortal: candidates, annotations, thumbnails and comments.

    What is there already is not sent again, however often the command is given. NIGHT/skyportal
    remembers what the server took.

    Example: skysift frames post comets/20210622 --server https://fritz.science --group 3
      --filter 7 --dry-run

    Exit codes: 0 all is there, 1 some is not, or the server is away, 2 bad input or the server
    refuses token, group or filter, 3 nothing to post.
    """
    from skysift.adapters.skyportal.client import Client, check_address
    from skysift.adapters.skyportal.ledger import Ledger
    from skysift.adapters.skyportal.sink import Sink
    from skysift.adapters.skyportal.token import read_token
    from skysift.frames.posting import LEDGER, Choice, chosen

    ledger = Ledger(night / LEDGER, check_address(server))
    rows = chosen(night, Choice(min_score, unknown_only, limit))
    if not rows:
        err.print(f"no detection of {night} is to be posted (--min-score {min_score})")
        raise typer.Exit(NOTHING)
    if dry_run:
        _show(rows, night, ledger, group, filter_id)
        return
    client = Client(server, read_token(token_file), per_second=per_second)
    _post(rows, night, Sink(client, ledger, group=group, filter_id=filter_id), as_json)


def _show(
    rows: list[dict[str, Any]], night: Path, ledger: Ledger, group: int, filter_id: int
) -> None:
    """Print the requests, without the bytes of pictures."""
    from skysift.adapters.skyportal.sink import unsent
    from skysift.adapters.skyportal.steps import without_bytes
    from skysift.frames.posting import posts

    broken: list[Outcome] = []
    count = 0
    made = posts(rows, night, broken)
    for steps in unsent(made, ledger, broken, group=group, filter_id=filter_id):
        for step in steps:
            typer.echo(f"POST {step.path} {json.dumps(without_bytes(step), ensure_ascii=False)}")
        count += len(steps)
    for outcome in broken:
        _tell_failures(outcome)
    err.print(f"{count:,} requests for {len(rows) - len(broken):,} detections; none was sent")
    if broken:
        raise typer.Exit(NOT_ALL)


def _post(rows: list[dict[str, Any]], night: Path, sink: Sink, as_json: bool) -> None:
    from skysift.adapters.skyportal.errors import UnreachableError
    from skysift.frames.posting import post_night

    sent = failed = detections = 0
    try:
        for outcome in _shown(post_night(rows, night, sink), len(rows)):
            if as_json:
                typer.echo(json.dumps(asdict(outcome), ensure_ascii=False))
            elif outcome.object_id:
                told = f"{len(outcome.sent)} sent, {len(outcome.there)} there"
                out.print(f"{outcome.object_id} {outcome.origin} {told}", highlight=False)
            _tell_failures(outcome)
            detections += 1
            sent += len(outcome.sent)
            failed += bool(outcome.failed)
    except UnreachableError as error:
        err.print(f"[bold red]skysift:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        err.print(
            f"{detections:,} of {len(rows):,} detections dealt with; the same command goes on"
        )
        raise typer.Exit(NOT_ALL) from None
    err.print(
        f"{detections - failed:,} of {len(rows):,} detections are there; {sent:,} things sent"
    )
    if failed:
        raise typer.Exit(NOT_ALL)


def _tell_failures(outcome: Outcome) -> None:
    for step, reason in outcome.failed.items():
        err.print(
            f"[red]{escape(outcome.origin)}, {escape(step)}:[/] {escape(reason)}",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


def _shown(outcomes: Iterable[Outcome], total: int) -> Iterator[Outcome]:
    """Show how far it is."""
    columns = TextColumn("posting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    # What goes to a pipe must not be drawn above the bar instead.
    shared = sys.stdout.isatty()
    with Progress(*columns, console=err, transient=True, redirect_stdout=shared) as bar:
        yield from bar.track(outcomes, total=total)
