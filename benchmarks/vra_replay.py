"""``python -m benchmarks.vra_replay``: what the VRA and the published one learn from few labels.

The published sample of ATLAS alerts is replayed as ``skysift learn vra replay`` does: 30 labels at
random, then 10 a round, chosen by each query, with paired seeds; both targets have their own
labels, as in the published comparison. After each round the scores are judged on the validation
file; ``rounds.csv`` grows with each seed and query, so that what is interrupted is not lost. For
tuning, ``--judge-on training`` leaves that file alone: each seed parts the training file in two,
one half to learn from and one to judge on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import _alerts, _report, vra_published
from skysift.active_learning.query import Query
from skysift.active_learning.replay import summarise
from skysift.campaigns.curves import draw_curves
from skysift.campaigns.replaying import play
from skysift.campaigns.vra.samples import TARGETS, TITLES, Sample, contest, read_sample
from skysift.campaigns.vra.settings import MAPS, Settings
from skysift.models.vra import atlas
from skysift.models.vra.evaluation import aurak
from skysift.models.vra.labels import read_label_map

DATA = _alerts.SHARED / "vra"
OUTPUT = _alerts.ROOT / "out" / "vra_replay"
METRICS = tuple(TITLES)
OURS, PUBLISHED = "ours", "published"
QUERIES = {OURS: ("margin:k_means", "random"), PUBLISHED: ("margin", "random")}
MAP = read_label_map(MAPS["atlas"])
DRAWN = (0.82, 0.98)
"""Of each panel; a constant, which the published learner is at 30 labels, lies below."""

HALVES = 100
"""Added to a seed before it parts the training file: the loop has its own random numbers."""

Sides = Mapping[str, Sample]
"""The same alerts with the features of each learner."""


def read_sides(folder: Path, part: str) -> dict[str, Sample]:
    """Read ``train`` or ``val`` of the first day's sample: features as we use them, and as
    published."""
    table = folder / f"X_{part}_day1_duck1000rows.csv"
    ours = read_sample(table, folder / f"y_{part}_day1_duck1000rows.csv", Settings())
    raw = pd.read_csv(table, index_col=atlas.ID).astype(np.float64)
    return {OURS: ours, PUBLISHED: replace(ours, table=raw)}


def parts(folder: Path, judge_on: str, seeds: int) -> Iterator[tuple[Sides, Sides, list[int]]]:
    """Yield what to learn from, what to judge on, and the seeds to do it with."""
    train = read_sides(folder, "train")
    if judge_on == "validation":
        yield train, read_sides(folder, "val"), list(range(seeds))
        return
    for seed in range(seeds):
        order = np.random.default_rng(HALVES + seed).permutation(len(train[OURS]))
        half = len(order) // 2
        yield take(train, order[:half]), take(train, order[half:]), [seed]


def take(sides: Sides, rows: np.ndarray) -> dict[str, Sample]:
    """Return some of the alerts."""
    return {name: sample.take(rows) for name, sample in sides.items()}


def compare(
    train: Sides, judged: Sides, seeds: Sequence[int], *, labels: int
) -> Iterator[pd.DataFrame]:
    """Replay each learner with each of its queries, seed by seed: a row for each round."""
    published = {target: vra_published.fitter(target, MAP) for target in TARGETS}
    fits = {OURS: None, PUBLISHED: published}
    settings = {side: contest(train[side], judged[side], fits[side]) for side in QUERIES}
    for seed in seeds:
        for side, queries in QUERIES.items():
            for name in queries:
                rounds = play(settings[side], Query.named(name), seed, labels=labels).rounds
                yield rounds.assign(query=side + " " + rounds["query"])


def score_order(judged: Sample) -> float:
    """Return the AuRaK of the survey's own score, without a label."""
    return aurak(judged.answers == atlas.WANTED, judged.table["rb_pix"].to_numpy())


def tables(replayed: pd.DataFrame, unlearned: float) -> dict[str, _report.Rows]:
    """Make a table for each metric: a row a learner and query; mean ± sd at each size."""
    summary = summarise(replayed)
    summary["shown"] = [
        f"{m:.3f} ± {s:.3f}" for m, s in zip(summary["mean"], summary["sd"], strict=True)
    ]
    shown = {}
    for metric in METRICS:
        wide = summary[summary["metric"] == metric].pivot(
            index="query", columns="labels", values="shown"
        )
        shown[metric] = [
            {"": name, **{str(n): cell for n, cell in row.items()}} for name, row in wide.iterrows()
        ]
    shown["aurak in the order of rb_pix, no label"] = [{"aurak": unlearned}]
    return shown


def main() -> None:
    """Replay, print the tables, and draw the curves."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vra_replay", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the published tables")
    parser.add_argument("--judge-on", choices=("validation", "training"), default="validation")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--labels", type=int, default=70)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--save", metavar="NAME", help="write results/NAME.md and .json too")
    chosen = parser.parse_args()
    if not chosen.data.is_dir():
        parser.error(f"the published tables are not at {chosen.data}")
    chosen.output.mkdir(parents=True, exist_ok=True)
    replayed, orders = [], []
    for train, judged, seeds in parts(chosen.data, chosen.judge_on, chosen.seeds):
        orders.append(score_order(judged[PUBLISHED]))
        for run in compare(train, judged, seeds, labels=chosen.labels):
            replayed.append(run)
            rounds = pd.concat(replayed, ignore_index=True)
            rounds.to_csv(chosen.output / "rounds.csv", index=False)
    unlearned = float(np.mean(orders))
    figure = draw_curves(rounds, TITLES, {"aurak": unlearned})
    for panel in figure.axes:
        panel.set_ylim(*DRAWN)
    figure.savefig(chosen.output / "curves.png")
    shown = tables(rounds, unlearned)
    for title, rows in shown.items():
        print(_report.as_markdown(title, rows))
    print(f"rounds and curves: {chosen.output}")
    if chosen.save:
        command = f"{parser.prog} --judge-on {chosen.judge_on} --seeds {chosen.seeds}"
        print(_report.save(chosen.save, command, _report.machine(), shown))


if __name__ == "__main__":
    main()
