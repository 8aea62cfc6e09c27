"""``skysift learn MODEL --simulate``: queries side by side, where all answers are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from skysift.cli import choices
from skysift.cli.bars import stage_bars
from skysift.cli.console import err, out

NOT_REACHED = "–"


def simulate(
    ctx: typer.Context,
    save: Annotated[
        Path, typer.Option("--save", "-o", help="Folder to write to, and to go on in.")
    ],
    galaxy_set: Annotated[
        str,
        typer.Option("--set", help="Set of galaxies with votes. By default some are simulated."),
    ] = "",
    galaxies: Annotated[int, typer.Option(help="Galaxies to simulate.")] = 8000,
    size: Annotated[int, typer.Option(help="Side of their images [px].")] = 64,
    galaxy_seed: Annotated[int, typer.Option(min=0, help="Of the simulated galaxies.")] = 19,
    question: Annotated[str, typer.Option(help="What is asked, learned and judged.")] = "bar",
    strategies: Annotated[
        str, typer.Option(help="strategy:selector, several by comma; each is held against random.")
    ] = "tree_bald:stochastic_top",
    trunk: Annotated[
        str,
        typer.Option(
            help="Weights whose trunk heads are learned on. By default one is learned from other "
            "galaxies and all other questions."
        ),
    ] = "",
    network: Annotated[
        str,
        typer.Option(
            help="Config of whole networks, learned anew in each round instead of heads: small, "
            "bayesian_cnn, or a TOML file."
        ),
    ] = "",
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each strategy.")] = 5,
    initial: Annotated[int, typer.Option(help="Galaxies of the first round.")] = 32,
    batch: Annotated[int, typer.Option(help="Galaxies of each other one.")] = 32,
    labels: Annotated[int, typer.Option(help="Galaxies in the end.")] = 512,
    passes: Annotated[int, typer.Option(help="With dropout, to tell doubt.")] = 30,
    votes: Annotated[int, typer.Option(help="Votes that doubt is told of.")] = 10,
    judged_votes: Annotated[
        int, typer.Option(help="Votes that a galaxy must have on the question to judge it.")
    ] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Learn as if people answered, with paired seeds: how many labels does a strategy save?

    With one seed all strategies begin with the same galaxies and the same random numbers. Told are
    the labels with which a strategy errs as little as random sampling in the end, over those that
    random sampling needs, with a 95 % interval from seeds drawn anew.

    Killed at any time, the same command goes on; more --seeds may be asked for later.

    Example: skysift learn zoobot --simulate --save out/learn

    Exit codes: 0 done, 2 bad input.
    """
    from skysift.campaigns import get

    kind = get(ctx.obj)
    if kind.tools.simulate is None:
        raise ValueError(f"{kind.name} cannot simulate; see replay")
    asked: dict[str, Any] = {
        "set": galaxy_set, "galaxies": galaxies, "size": size, "galaxy_seed": galaxy_seed,
        "question": question, "queries": tuple(choices.names(strategies) or ()), "trunk": trunk,
        "network": network, "seeds": seeds, "initial": initial, "batch": batch, "labels": labels,
        "passes": passes, "votes": votes, "judged_votes": judged_votes,
    }  # fmt: skip
    with stage_bars() as tell:
        told = kind.tools.simulate(asked, save, tell)
    if as_json:
        typer.echo(json.dumps(told))
    else:
        _show(told)
    err.print(f"rounds, pictures and result → {save}")


def _show(told: dict[str, Any]) -> None:
    """Print what each query ends with, and what it saves."""
    for name, facts in told["queries"].items():
        final = ", ".join(f"{metric} {value:.4f}" for metric, value in facts["final"].items())
        out.print(f"{name} at {told['labels']} labels: {final}", highlight=False, soft_wrap=True)
        for what in ("rmse", "rmse_truth"):
            if what in facts:
                out.print(f"  {_saving(facts[what])}", highlight=False, soft_wrap=True)


def _saving(ratio: dict[str, Any]) -> str:
    figures = {key: _figure(ratio[key]) for key in ("ratio", "low", "high")}
    if ratio["ratio"] is None:
        return f"{ratio['metric']}: does not reach random's {ratio['wanted']:.4f}"
    return (
        f"{ratio['metric']} ≤ {ratio['wanted']:.4f}: {ratio['labels']:.0f} labels, random needs "
        f"{ratio['baseline_labels']:.0f}; ratio {figures['ratio']} "
        f"(95 %: {figures['low']} to {figures['high']}, {ratio['seeds']} paired seeds)"
    )


def _figure(value: float | None) -> str:
    return NOT_REACHED if value is None else f"{value:.3f}"
