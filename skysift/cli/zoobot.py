"""What ``skysift train`` and ``evaluate`` do for Zoobot."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from skysift.cli.bars import bar_to, training_bar
from skysift.cli.console import err, out
from skysift.cli.estimates import in_brackets

if TYPE_CHECKING:
    from skysift.models.zoobot.config import Config
    from skysift.models.zoobot.training_set import GalaxySet

REPRESENTATIONS = "representations.parquet"


def train(
    folder: Annotated[Path, typer.Option("--set", help="Folder of skysift data build zoobot.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    config: Annotated[
        str, typer.Option(help="TOML file, or one of ours: small, stamps, bayesian_cnn, decals.")
    ] = "small",
    name: Annotated[str, typer.Option(help="Name of the weights.")] = "zoobot-own",
    trained_on: Annotated[
        str,
        typer.Option(help="What the galaxies are, in words; it goes wherever the network goes."),
    ] = "galaxies of unstated origin",
    start: Annotated[
        Path | None, typer.Option(help="Weights of the same network to go on from.")
    ] = None,
    finetune: Annotated[
        Path | None,
        typer.Option(help="Weights of any questions, whose network learns those of the config."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the training, instead of the config's.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs at most, instead of the config's.")
    ] = None,
) -> None:
    """Train a network that tells how people would vote; write NAME.keras and NAME.json.

    What was interrupted goes on where it was when the same command is given again.

    Example: skysift train zoobot --set set/ --config small --output weights/

    Teach a network new questions: skysift train zoobot --set set/ --config bars.toml --finetune
    weights/ --output bars/
    """
    if start is not None and finetune is not None:
        raise ValueError("give --start or --finetune, not both")
    from skysift.models import _backend

    _backend.import_keras()
    from skysift.models.zoobot import finetune as finetuning
    from skysift.models.zoobot import training
    from skysift.models.zoobot.config import read_config
    from skysift.models.zoobot.training_set import read_galaxy_set

    settings = _override(read_config(config), seed=seed, epochs=epochs)
    galaxies = read_galaxy_set(folder)
    with training_bar() as bar:
        if finetune is not None:
            facts = finetuning.finetune(
                galaxies, settings, output, start=finetune, name=name, trained_on=trained_on,
                progress=bar.update,
            )  # fmt: skip
        else:
            facts = training.train(
                galaxies, settings, output, name=name, trained_on=trained_on, start=start,
                progress=bar.update,
            )  # fmt: skip
    learned = facts["training"]
    err.print(
        f"{facts['version']}: best of {learned['epochs_run']} epochs is {learned['best_epoch']}, "
        f"validation loss {learned['best_validation_loss']:.4f}, on "
        f"{learned['galaxies']['train']:,} galaxies → {output}"
    )
    for part, count in learned["left_out"].items():
        if count:
            err.print(
                f"[yellow]left out:[/] {count:,} galaxies of the {part} part have less than "
                f"{learned['min_votes']} votes on every question"
            )
    err.print(f"judge it: skysift evaluate zoobot --data {folder} --weights {output} -o report/")


def evaluate(
    data: Annotated[Path, typer.Option(help="Folder of skysift data build zoobot.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    weights: Annotated[
        list[Path], typer.Option(help="Weights to judge; several are judged as an ensemble.")
    ],
    part: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    passes: Annotated[int, typer.Option(min=1, help="With dropout, of each network.")] = 15,
    views: Annotated[
        int, typer.Option(min=1, max=8, help="Orientations in which each galaxy is seen.")
    ] = 1,
    least: Annotated[
        int, typer.Option(min=1, help="Votes on a question that a galaxy must have.")
    ] = 10,
    representations: Annotated[
        int | None,
        typer.Option(min=1, help="Write so many principal components of the features too."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Judge how well votes are told: errors, likelihood, coverage, agreement.

    Writes report.json, answers.csv, coverage.csv, reliability.csv, galaxies.parquet, and two
    figures, evaluation and galaxies, as .png and .pdf; with --representations also
    representations.parquet.

    Example: skysift evaluate zoobot --weights weights/ --data set/ --output report/
    """
    if representations is not None and len(weights) > 1:
        raise ValueError("--representations are of one network: give --weights once")
    from skysift.models import zoobot
    from skysift.models.zoobot.evaluation import judge
    from skysift.models.zoobot.training_set import read_galaxy_set

    galaxies = read_galaxy_set(data).part(part)
    if not len(galaxies):
        raise ValueError(f"the {part} part of {data} holds no galaxy")
    scorer = zoobot.load(weights[0]) if len(weights) == 1 else zoobot.load_ensemble(weights)
    judged = {"version": scorer.version, "trained_on": scorer.trained_on}
    with bar_to("looking", len(galaxies)) as done:
        report = judge(
            galaxies, scorer, output, about={"weights": judged, "set": {"part": part}},
            passes=passes, views=views, least=least, progress=done,
        )  # fmt: skip
    if representations is not None:
        shares = _represent(galaxies, weights[0], output, representations)
        err.print(f"{len(shares)} components hold {sum(shares):.1%} of the features' variance")
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        _print(report)
    if report["left_out"]:
        err.print(f"[yellow]left out:[/] {report['left_out']:,} galaxies with less than {least} "
                  "votes on every question")  # fmt: skip
    err.print(f"{report['galaxies']:,} galaxies judged → {output}")


def _represent(galaxies: GalaxySet, weights: Path, output: Path, components: int) -> list[float]:
    """Write principal components of the features; return their shares of the variance."""
    from skysift.models import zoobot
    from skysift.models.zoobot.representations import principal_components, represent, table

    with bar_to("representing", len(galaxies)) as done:
        features = represent(galaxies, zoobot.load(weights), progress=done)
    found = principal_components(features, components)
    table(galaxies, features, found).to_parquet(output / REPRESENTATIONS, index=False)
    return found.share.tolist()


def _override(config: Config, **given: int | None) -> Config:
    """Set what the command line says instead of the file."""
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    return replace(config, training=replace(config.training, **changes))


def _print(report: dict[str, Any]) -> None:
    table = Table("question", "galaxies", "RMSE", "RMSE, one pass", "log-likelihood", "accuracy",
                  box=None, pad_edge=False)  # fmt: skip
    for name, numbers in report["questions"].items():
        told = [
            in_brackets(numbers[kind][what], ".4g") if kind in numbers else "–"
            for kind, what in (("mc", "rmse"), ("single", "rmse"), ("mc", "log_likelihood"))
        ]
        accuracy = report["agreement"][name]["accuracy"]
        table.add_row(
            name, f"{numbers['galaxies']:,}", *told, "–" if accuracy is None else f"{accuracy:.3f}"
        )
    out.print(table, "")
    headline = report["headline"]
    errors = {
        kind: errors["fraction"]["0.2"] for kind, errors in headline["coverage_error"].items()
    }
    shown = ", ".join(
        f"{words} {errors[kind]:.1%}"
        for kind, words in (("mc", "all passes"), ("single", "one pass"))
        if errors.get(kind) is not None
    )
    out.print(f"coverage error of {headline['column']} at ±0.2: {shown or '–'}")
