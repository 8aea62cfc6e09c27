"""``skysift subscribe``: read topics, save alerts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skysift.cli import choices
from skysift.cli.console import err, out

if TYPE_CHECKING:
    from skysift.stream.subscribe import Received

FAILED = 1


def subscribe(
    servers: Annotated[str, typer.Option("--servers", help="HOST:PORT of a Kafka broker.")],
    topics: Annotated[str, typer.Option("--topics", help="Topics to read, by comma.")],
    save: Annotated[
        Path | None,
        typer.Option("--save", help="Folder to keep every alert in, one Avro file each."),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option("--group", help="Consumer group. Default: the folder's own, or a new one."),
    ] = None,
    latest: Annotated[
        bool, typer.Option("--latest", help="Begin with what comes from now on.")
    ] = False,
    max_alerts: Annotated[
        int | None, typer.Option("--max", min=1, help="Stop after so many alerts.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option("--timeout", help="Stop after so many quiet seconds.")
    ] = None,
    kafka_security: choices.KafkaSecurityFile = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each alert as one line of JSON.")
    ] = False,
) -> None:
    """Read candidate topics; each alert is kept once, however often it is sent.

    Example: skysift subscribe --servers localhost:9092 --topics skysift_bts_candidates_ztf
      --save candidates/

    Exit codes: 0 ended or stopped, 1 no broker, or it refused, 2 bad input.
    """
    from skysift.stream.subscribe import subscribe as receive

    show = _as_json if as_json else _as_text
    try:
        with receive(
            servers,
            choices.names(topics) or [],
            save=save,
            group=group,
            start="latest" if latest else "earliest",
            max_messages=max_alerts,
            timeout=timeout,
            security=choices.kafka_security(kafka_security),
        ) as alerts:
            for received in alerts:
                show(received)
    except ConnectionError as error:
        err.print(f"[bold red]skysift:[/] {error}", highlight=False)
        raise typer.Exit(FAILED) from None
    counts = alerts.summary
    err.print(
        f"{counts.received:,} messages: {counts.kept:,} alerts kept, "
        f"{counts.repeated:,} repeats dropped, {counts.bad:,} not decoded"
    )


def _as_text(received: Received) -> None:
    scores = " ".join(f"{name} {_score(struct)}" for name, struct in _structs(received).items())
    name = received.alert.get("objectId", "")
    out.print(f"{received.topic} {name} {received.alert_id} {scores}", highlight=False)


def _as_json(received: Received) -> None:
    line = {
        "topic": received.topic,
        "alert_id": received.alert_id,
        "objectId": received.alert.get("objectId"),
        **_structs(received),
    }
    typer.echo(json.dumps(line, default=str))


def _structs(received: Received) -> dict[str, dict[str, Any]]:
    """Find what science modules said: structs with a status and a version."""
    return {
        name: value
        for name, value in received.alert.items()
        if isinstance(value, dict) and {"status", "version"} <= value.keys()
    }


def _score(struct: dict[str, Any]) -> str:
    score = struct.get("score")
    return struct["status"] if score is None else f"{score:.4f}"
