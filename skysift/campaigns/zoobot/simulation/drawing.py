"""What a comparison looked like: curves, what was asked about, and what is told in the end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from skysift.campaigns.curves import COLOURS
from skysift.campaigns.zoobot.pool import GalaxyPool, picture
from skysift.campaigns.zoobot.simulation.arms import Arm
from skysift.campaigns.zoobot.simulation.options import BASELINE, Options
from skysift.campaigns.zoobot.taught import Taught
from skysift.galaxy_zoo import Tree
from skysift.models.zoobot.evaluation.figure import STYLE
from skysift.models.zoobot.evaluation.galaxies_seen import write_galaxies
from skysift.models.zoobot.evaluation.look import Looked

if TYPE_CHECKING:
    from skysift.campaigns.zoobot.simulation.compare import Contest

ACROSS, DOWN = 9, 6
"""Galaxies of a round, and rounds, of a gallery."""

TITLES = {
    "rmse": "RMSE of vote fractions",
    "rmse_truth": "RMSE of true fractions",
    "loss": "−ln P of a galaxy's votes [nat]",
}


def draw(
    save: Path,
    rounds: pd.DataFrame,
    asked: pd.DataFrame,
    runs: Sequence[Arm],
    contest: Contest,
    options: Options,
    told: dict[str, Any],
) -> None:
    """Draw all figures into a folder; galleries and posteriors are of the first seed."""
    with rc_context(STYLE):
        curves(rounds, options, told).savefig(save / "curves.png", dpi=130)
        tree = contest.settings.learned().tree
        acquired(asked, contest.pool, tree, options).savefig(save / "acquired.png", dpi=130)
        for arm in runs:
            if arm.seed == runs[0].seed:
                name = arm.folder.name
                shown = asked[(asked["query"] == arm.query.name) & (asked["seed"] == arm.seed)]
                gallery(shown, contest.pool, arm.query.name).savefig(
                    save / f"gallery_{name}.png", dpi=110
                )
                posteriors(arm, contest, save / f"posteriors_{name}")


def curves(rounds: pd.DataFrame, options: Options, told: dict[str, Any]) -> Figure:
    """Draw metrics of the question against labels: each seed thin, their mean thick."""
    known = {w: t for w, t in TITLES.items() if f"{options.question}_{w}" in rounds}
    figure, axes = _figure(1, len(known), 4.2, 3.8)
    for panel, (what, title) in zip(axes.flat, known.items(), strict=True):
        metric = f"{options.question}_{what}"
        for name, colour in _colours(options).items():
            mine = rounds[rounds["query"] == name]
            dashed = "--" if name == BASELINE else "-"
            for _, one in mine.groupby("seed"):
                panel.plot(one["labels"], one[metric], dashed, color=colour, lw=0.6, alpha=0.4)
            mean = mine.groupby("labels")[metric].mean()
            panel.plot(mean.index, mean, dashed, color=colour, lw=2, label=name)
            ratio = told["queries"][name].get(what, {}).get("ratio")
            if ratio is not None:
                facts = told["queries"][name][what]
                reach = [facts["labels"], facts["baseline_labels"]]
                panel.plot(reach, [facts["wanted"]] * 2, ":", color=colour, lw=1)
        panel.set(title=f"{options.question}: {title}", xlabel="labelled galaxies")
    axes.flat[0].legend(fontsize=8)
    return figure


def acquired(asked: pd.DataFrame, pool: GalaxyPool, tree: Tree, options: Options) -> Figure:
    """Compare what was asked about with the pool: shares of the votes, question by question."""
    assert pool.galaxies is not None
    everything = pool.galaxies.galaxies
    columns = [question.columns[0] for question in tree.questions]
    figure, axes = _figure(2, len(columns) + 1, 3.4, 2.7)
    later = asked[asked["round"] > 0]
    labels = ["people who are asked", *columns]
    for place, label in enumerate(labels):
        bins = np.linspace(0, 1, 21)
        top, bottom = axes[0, place], axes[1, place]
        top.hist(_share(everything, tree, options.question, label), bins, density=True,
                 color="#d0d3d8", label="pool")  # fmt: skip
        for name, colour in _colours(options).items():
            mine = later[later["query"] == name]
            share = _share(mine, tree, options.question, label)
            top.hist(share, bins, density=True, histtype="step", color=colour, lw=1.5, label=name)
            by_round = pd.Series(share).groupby(mine["round"].to_numpy()).mean()
            bottom.plot(by_round.index, by_round, color=colour)
        top.set(title=label, yticks=[])
        bottom.axhline(np.nanmean(_share(everything, tree, options.question, label)),
                       color="#9aa0a8", lw=1, ls=":")  # fmt: skip
        bottom.set(xlabel="round", ylim=(0, 1))
        bottom.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes[0, 0].legend(fontsize=7)
    axes[1, 0].set_ylabel("mean of a round")
    figure.suptitle(f"what was asked about for {options.question}, as shares of the votes")
    return figure


def gallery(asked: pd.DataFrame, pool: GalaxyPool, name: str) -> Figure:
    """Show galaxies of some rounds, a row each."""
    numbers = sorted(asked["round"].unique())
    shown = [numbers[i] for i in np.unique(np.linspace(0, len(numbers) - 1, DOWN).astype(int))]
    figure, axes = _figure(len(shown), ACROSS, 1.2, 1.3)
    for row, number in zip(axes, shown, strict=True):
        ids = asked.loc[asked["round"] == number, "id_str"].tolist()[:ACROSS]
        for panel in row:
            panel.axis("off")
        for panel, image in zip(row, pool.images(ids), strict=False):
            panel.imshow(np.asarray(picture(image)), cmap="gray")
        row[0].set_title(f"round {number}", fontsize=8, loc="left")
    figure.suptitle(f"asked about by {name}")
    return figure


def posteriors(arm: Arm, contest: Contest, folder: Path) -> None:
    """Draw what the last network of a run tells of judges: each pass, all together, the votes."""
    last = arm.rounds.latest()
    if last is None:
        return
    model = contest.learner.load(last.model)
    assert isinstance(model, Taught)
    labels, narrow = contest.settings.learned(), model.told(contest.judges.ids, widened=False)
    told = model.told(contest.judges.ids)
    looked = Looked(contest.judges, labels, contest.votes, contest.truth, told, narrow)
    folder.mkdir(exist_ok=True)
    column = labels.tree[contest.settings.target].columns[0]
    write_galaxies(looked, column, contest.settings.judged_votes, folder)


def _share(table: pd.DataFrame, tree: Tree, target: str, label: str) -> np.ndarray:
    """Share of a question's votes, or of people who get as far as the target; NaN for no votes."""
    questions = {column: q for q in tree.questions for column in q.columns}
    root = tree.questions[0]
    above, below = (
        ([label], list(questions[label].columns)) if label in questions
        else (list(tree[target].columns), list(root.columns))
    )  # fmt: skip
    part = table[above].sum(axis=1).to_numpy(float)
    whole = table[below].sum(axis=1).to_numpy(float)
    return np.divide(part, whole, out=np.full(len(table), np.nan), where=whole > 0)


def _colours(options: Options) -> dict[str, str]:
    named = [name for name in options.named if name != BASELINE]
    return {BASELINE: "#222222", **dict(zip(named, COLOURS[1:] + COLOURS[:1], strict=False))}


def _figure(rows: int, columns: int, width: float, height: float) -> tuple[Figure, Any]:
    figure = Figure(figsize=(width * columns, height * rows + 0.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes: np.ndarray[Any, np.dtype[Any]] = figure.subplots(rows, columns, squeeze=False)
    return figure, axes
