"""``skysift learn MODEL``: a model taught by people, round after round."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from typer.core import TyperGroup

from skysift.campaigns import names
from skysift.cli import learn_collect, learn_pool, learn_replay, learn_rounds, learn_simulate
from skysift.cli.console import err, out

if TYPE_CHECKING:
    from skysift.active_learning.loop import Waiting
    from skysift.active_learning.rounds import Round
    from skysift.campaigns.campaign import Campaign

FAILED, NOTHING = 1, 3
SHOWN = ("aurak", "gal_auc", "real_auc", "trans_auc", "recall_before", "recall", "label_auc")
"""Metrics that come first in a table of rounds."""

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The campaign's file; see `init`.", show_default=True)
]
Labeller = Annotated[
    str | None, typer.Option(help="Who answers. Default: the user's name on this machine.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

HERE = Path("campaign.toml")

app = typer.Typer(
    help="Teach a model with labels, asked for where they teach most.", no_args_is_help=True
)


def init(
    ctx: typer.Context,
    path: Annotated[
        Path, typer.Argument(help="File to write; its folder is the campaign's.")
    ] = HERE,
) -> None:
    """Write a campaign's file with all defaults, and a word on each.

    Example: skysift learn vra init mine/campaign.toml
    """
    from skysift.campaigns import get
    from skysift.campaigns.config import template

    if path.exists():
        raise FileExistsError(f"{path} is there already")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template(get(ctx.obj)), encoding="utf-8")
    verb = get(ctx.obj).filled_by
    then = f"{verb} --config {path} --source …" if verb else f"round --config {path}"
    err.print(f"→ {path}; next: skysift learn {ctx.obj} {then}")


def take_round(
    ctx: typer.Context,
    config: Config = HERE,
    oracle: Annotated[
        str,
        typer.Option(
            help="Who answers: page (elsewhere: the page, or `label`), terminal, truth, or a .csv "
            "file or a folder of them, to be filled in."
        ),
    ] = "page",
    truth: Annotated[
        Path | None, typer.Option(help="Table with objectId and answers, for --oracle truth.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="Its column of answers. Default: class, label, type, …")
    ] = None,
    labeller: Labeller = None,
    initial: Annotated[
        int | None, typer.Option(min=1, help="Answers of the first round, instead of the file's.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Answers of each other one, instead of the file's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask; and once all is answered learn, judge on held-out objects, and write the round down.

    Call it again whenever you like: it goes on where it stopped. A finished round is a folder that
    nobody changes, and the link `current` points at its weights: a job that was started with
    --weights MODEL=…/current follows with its next batch.

    Examples:

      skysift learn vra round                       (asks; answer with `label`, or on the page)

      skysift learn vra round --oracle truth --truth night/truth.csv

    Exit codes: 0 asked or learned, 1 failed, 2 bad input, 3 nothing left to ask about.
    """
    from skysift.active_learning.loop import NothingLeftError
    from skysift.active_learning.rounds import Round
    from skysift.active_learning.signals import MissingSignalError
    from skysift.campaigns.oracles import oracle_named

    campaign = _campaign(ctx.obj, config)
    answers = oracle_named(
        oracle,
        labeller=labeller or getpass.getuser(),
        form=campaign.kind.form(campaign.config.settings),
        describe=campaign.describe,
        truth=truth,
        column=column,
    )
    try:
        with _told(), _busy(oracle):
            stepped = campaign.take_round(answers, initial=initial, batch=batch)
    except MissingSignalError as error:
        raise ValueError(f"[plan] query: {error}") from None
    except NothingLeftError as error:
        err.print(f"[yellow]{error}[/]", highlight=False)
        raise typer.Exit(NOTHING) from None
    if isinstance(stepped, Round):
        _tell_finished(stepped, campaign, as_json=as_json)
    else:
        _tell_waiting(stepped, campaign, config, oracle, as_json=as_json)


def label(
    ctx: typer.Context,
    config: Config = HERE,
    labeller: Labeller = None,
    about: Annotated[
        list[str] | None,
        typer.Option("--object", help="Ask about this object too; may be repeated."),
    ] = None,
) -> None:
    """Answer the open questions at the terminal; each answer is kept as it is given.

    One key an answer: r real, x extragalactic, g Galactic, a AGN, b bogus, v variable star (or as
    your label map has them); a capital letter says the same half as surely; s skips, z takes the
    last answer back, q quits. Come back whenever you like.

    Example: skysift learn vra label --labeller anna

    Exit codes: 0 done or quit, 2 bad input, 3 no question is open.
    """
    from skysift.active_learning.oracles import TerminalOracle

    campaign = _campaign(ctx.obj, config)
    number = campaign.rounds.next_number()
    again = f"skysift learn {ctx.obj} round --config {config}"
    with _told():
        if about:
            campaign.ask_about(about)
        if not campaign.progress().open:
            err.print(f"no question is open in round {number}; ask, or learn, with: {again}")
            raise typer.Exit(NOTHING)
        name = labeller or getpass.getuser()
        oracle = TerminalOracle(name, describe=campaign.describe, write=typer.echo)
        oracle.work(campaign.ledger, campaign.name, number)
        if not campaign.progress().open:
            err.print(f"all answered; learn with: {again}")


def status(ctx: typer.Context, config: Config = HERE, as_json: AsJson = False) -> None:
    """Tell what a campaign has learned, round by round, and what is open.

    Example: skysift learn vra status
    """
    campaign = _campaign(ctx.obj, config)
    with _told():
        history, progress = campaign.rounds.history(), campaign.progress()
    if as_json:
        records = json.loads(history.to_json(orient="records", date_format="iso"))
        facts = {"asked": progress.asked, "open": progress.open, "by": progress.by_labeller}
        typer.echo(json.dumps({"rounds": records, "next": facts}))
        return
    first = [name for name in SHOWN if name in history]
    errors = [name for name in history if str(name).endswith("_rmse")]
    shown = ["round", "train", "held_out", *first, *errors]
    table = Table(*shown, box=None, pad_edge=False)
    for row in history.to_dict("records"):
        table.add_row(*(_cell(row[name]) for name in shown))
    out.print(table)
    err.print(
        f"round {campaign.rounds.next_number()}: {progress.asked} asked, {progress.open} open"
    )


def _campaign(model: str, config: Path) -> Campaign:
    from skysift.campaigns import get
    from skysift.campaigns.campaign import Campaign
    from skysift.campaigns.config import read_config

    kind = get(model)
    return Campaign(kind, read_config(config, kind))


def _busy(oracle: str) -> AbstractContextManager[object]:
    """Show that something is going on; not where somebody is asked at this terminal."""
    from skysift.campaigns.oracles import TERMINAL

    return nullcontext() if oracle == TERMINAL else err.status("asking, or learning …")


@contextmanager
def _told() -> Iterator[None]:
    """Tell in a line what is wrong with rounds or ledger, and end with code 1."""
    from sqlalchemy.exc import DBAPIError

    from skysift.active_learning.rounds import RoundError

    try:
        yield
    except RoundError as error:
        told = str(error)
    except DBAPIError as error:
        told = f"the ledger: {str(error.orig).splitlines()[0]}"
    else:
        return
    err.print(f"[bold red]skysift:[/] {escape(told)}", highlight=False, soft_wrap=True)
    raise typer.Exit(FAILED)


def _tell_finished(done: Round, campaign: Campaign, *, as_json: bool) -> None:
    facts = {name: done.parameters[name] for name in ("train", "held_out")}
    if as_json:
        told = {"state": "finished", "round": done.number, **facts, "metrics": done.metrics}
        typer.echo(json.dumps({**told, "weights": str(campaign.config.current)}))
        return
    err.print(
        f"round {done.number}: learned from {facts['train']} answers, "
        f"judged on {facts['held_out']} → {done.folder}"
    )
    for name, value in done.metrics.items():
        out.print(f"  {name:26} {_cell(value)}", highlight=False)
    link = campaign.config.current
    err.print(f"a job follows with: skysift run --weights {campaign.kind.name}={link} …")


def _tell_waiting(
    waiting: Waiting, campaign: Campaign, config: Path, oracle: str, *, as_json: bool
) -> None:
    progress = waiting.progress
    if as_json:
        counts = {"asked": progress.asked, "open": progress.open}
        typer.echo(json.dumps({"state": "waiting", "round": waiting.number, **counts}))
        return
    verb = f"skysift learn {campaign.kind.name}"
    err.print(f"round {waiting.number}: {progress.asked} asked, {progress.open} open")
    if oracle.endswith(".csv") or Path(oracle).is_dir():
        err.print(f"fill in {oracle}, and give the same command again")
        return
    ledger, pictures = campaign.config.ledger, campaign.pictures
    shown = f"--pictures {pictures}" if pictures else f"--alerts {campaign.config.pool}"
    err.print(f"answer on the page:      skysift marshal --ledger {ledger} {shown}")
    err.print(f"or at the terminal:      {verb} label --config {config}")
    err.print(f"and then learn:          {verb} round --config {config}")


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


VERBS: dict[str, Callable[..., None]] = {
    "init": init,
    "listen": learn_pool.listen,
    "collect": learn_collect.collect,
    "round": take_round,
    "label": label,
    "status": status,
    "replay": learn_replay.replay,
    "simulate": learn_simulate.simulate,
    "score": learn_pool.score,
    "export": learn_pool.export,
}

OWN: dict[str, dict[str, Callable[..., None]]] = {"tails": {"simulate": learn_rounds.simulate}}
"""Verbs that a model has another way of."""


class _Verbs(TyperGroup):
    """Verbs of a model; ``--simulate`` is another word for ``simulate``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands behind the model."""
        if args[:1] == ["--simulate"]:
            args = ["simulate", *args[1:]]
        return super().parse_args(ctx, args)


def _app_of(model: str) -> typer.Typer:
    """Make a model's verbs; each is told the model as the context's object."""
    verbs = typer.Typer(no_args_is_help=True, cls=_Verbs)

    @verbs.callback()
    def _remember(ctx: typer.Context) -> None:
        ctx.obj = model

    for name, verb in {**VERBS, **OWN.get(model, {})}.items():
        verbs.command(name)(verb)
    return verbs


for _model in names():
    app.add_typer(_app_of(_model), name=_model, help=f"Teach {_model}.")
