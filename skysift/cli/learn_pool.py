"""``skysift learn MODEL listen|score|export``: alerts in, and what was learned out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skysift.cli import choices
from skysift.cli.console import err

if TYPE_CHECKING:
    from skysift.campaigns.listening import Heard
    from skysift.campaigns.sources import Source

FAILED, NOTHING = 1, 3

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="A campaign's file, for its settings.")
]
Weights = Annotated[
    Path | None,
    typer.Option(help="A round's weights: the link `current`. Default: what ships."),
]


def listen(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Option(help="kafka://HOST:PORT/TOPIC[,TOPIC…], or a folder with packets.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder of the pool. Default: the campaign's."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Stop when all there is has been kept.")
    ] = False,
    config: Config = None,
    group: Annotated[
        str | None, typer.Option(help="Consumer group. Default: the pool's own.")
    ] = None,
    kafka_security: choices.KafkaSecurityFile = None,
) -> None:
    """Keep alerts with their features and packets in a pool, each once, partitioned by night.

    It goes on until it is stopped (Ctrl-C, SIGTERM). What was read is committed only when it is
    kept: however the process ends, nothing is lost and nothing is there twice. What fails is tried
    again, after 1, 2, 4 … at most 60 seconds.

    Examples:

      skysift learn vra listen --source kafka://localhost:9092/ztf_alerts --output pool/

      skysift learn vra listen --source out/night/packets --output pool/ --once

    Exit codes: 0 done or stopped, 1 Kafka does not answer or refuses, 2 bad input, 3 no alert came.
    """
    from skysift.campaigns import get
    from skysift.campaigns.listening import Listener
    from skysift.campaigns.store import Store
    from skysift.stream.subscribe import stop_on_signal

    kind = get(ctx.obj)
    if kind.rows is None:
        raise ValueError(f"{kind.name} has no pool of alerts to listen for")
    settings, pool = _settings(kind, config, output)
    store = Store(pool)
    opened = _source(source, store.folder, group, kafka_security, once=once)
    with err.status("listening …") as line:

        def show(heard: Heard) -> None:
            line.update(f"{heard.alerts:,} alerts, {heard.new:,} new")

        listener = Listener(opened, store, kind.rows, settings, report=show)
        try:
            with stop_on_signal() as stop:
                heard = listener.run(stop, once=once)
        except ConnectionError as error:
            err.print(f"[bold red]skysift:[/] {error}", highlight=False)
            raise typer.Exit(FAILED) from None
    err.print(
        f"{heard.alerts:,} alerts: {heard.new:,} new, {heard.ok:,} of them to learn from; "
        f"{heard.dead:,} not read → {pool}"
    )
    if once and not heard.alerts:
        raise typer.Exit(NOTHING)


def score(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(help="Alerts, a pool, or a table of features.")],
    output: Annotated[Path, typer.Option("--output", "-o", help=".parquet or .csv to write.")],
    weights: Weights = None,
) -> None:
    """Score alerts with what was learned, and write them in order of rank, the best first.

    Example: skysift learn vra score night/ --weights mine/current --output ranked.csv

    Exit codes: 0 scored, 2 bad input.
    """
    tool = _tool(ctx.obj, "score")
    if output.suffix not in (".csv", ".parquet"):
        raise ValueError(f"--output must end in .csv or .parquet. Got: {output}")
    with err.status("scoring …") as line:
        table = tool(source, weights, lambda n: line.update(f"scored {n:,} alerts"))
    output.parent.mkdir(parents=True, exist_ok=True)
    if output.suffix == ".csv":
        table.to_csv(output, index=False)
    else:
        table.to_parquet(output, index=False)
    told = ", ".join(f"{status} {n:,}" for status, n in table["status"].value_counts().items())
    err.print(f"{len(table):,} alerts ({told}) → {output}")


def export(
    ctx: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")],
    weights: Weights = None,
) -> None:
    """Write weights as an MLflow model that needs no skysift: code, requirements, signature.

    Example: skysift learn vra export --weights mine/current --output vra-model/
    """
    _tool(ctx.obj, "export")(weights, output)
    err.print(f"mlflow.pyfunc.load_model({str(output)!r}) → {output}")


def _tool(model: str, name: str) -> Any:
    from skysift.campaigns import get

    tool = getattr(get(model).tools, name)
    if tool is None:
        raise ValueError(f"{model} cannot {name}")
    return tool


def _settings(kind: Any, config: Path | None, output: Path | None) -> tuple[Any, Path]:
    """Return the model's settings, and the pool's folder."""
    from skysift.campaigns.config import read_config

    if config is None:
        if output is None:
            raise ValueError("give --output, the pool's folder; or --config, a campaign's file")
        return kind.settings(), output
    campaign = read_config(config, kind)
    return campaign.settings, output or campaign.pool


def _source(
    source: str, pool: Path, group: str | None, security: Path | None, *, once: bool
) -> Source:
    from skysift.campaigns.sources import FILES, FolderSource, KafkaSource, group_of
    from skysift.stream.kafka import KafkaAddress, is_kafka

    if is_kafka(source):
        address = KafkaAddress.parse(source)
        if not address.topics:
            raise ValueError(f"--source needs a topic: kafka://HOST:PORT/TOPIC. Got: {source}")
        return KafkaSource(address, group or group_of(pool), choices.kafka_security(security))
    settle = 0.0 if once else FolderSource.rest
    return FolderSource(Path(source), pool / FILES, settle=settle)
