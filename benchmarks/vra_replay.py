"""``python -m benchmarks.vra_replay``: what the VRA and the published one learn from few labels.

The published sample of ATLAS alerts is replayed: 30 labels at random, then 10 a round, chosen by
each query, with paired seeds; both targets have their own labels, as in the published comparison.
After each round the scores are judged on the validation file. For tuning, ``--judge-on training``
leaves that file alone: each seed parts the training file in two, one half to learn from and one to
judge on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import _alerts, _report, vra_published
from benchmarks.vra_curves import draw_curves
from skysift.active_learning.learner import Fit
from skysift.active_learning.pool import Pool
from skysift.active_learning.query import Query
from skysift.active_learning.replay import replay, summarise
from skysift.models.vra import atlas, learner
from skysift.models.vra.evaluation import aurak, evaluate
from skysift.models.vra.labels import read_label_map
from skysift.models.vra.ranking import rank
from skysift.models.vra.views import Views

DATA = _alerts.SHARED / "vra"
OUTPUT = _alerts.ROOT / "out" / "vra_replay"
TARGETS = ("gal", "real")
METRICS = ("gal_auc", "real_auc", "aurak")
OURS, PUBLISHED = "ours", "published"
QUERIES = {OURS: ("margin:k_means", "random"), PUBLISHED: ("margin", "random")}
MAP = read_label_map(atlas.LABELS)
HALVES = 100
"""Added to a seed before it parts the training file: the loop has its own random numbers."""


@dataclass(frozen=True)
class Sample:
    """Alerts with their types.

    Attributes
    ----------
    raw, table : DataFrame (n, …)
        Features as published, and as we use them.
    types : ndarray (n,), object
    """

    raw: pd.DataFrame
    table: pd.DataFrame
    types: np.ndarray

    def take(self, rows: np.ndarray) -> Sample:
        """Return some of the alerts."""
        return Sample(self.raw.iloc[rows], self.table.iloc[rows], self.types[rows])

    @property
    def wanted(self) -> np.ndarray:
        """Alerts that should come first, bool (n,)."""
        return self.types == atlas.WANTED

    def label(self, target: str) -> np.ndarray:
        """Labels of a target: 1, 0, or NaN."""
        return MAP.target(target, list(self.types))


def read_sample(folder: Path, part: str) -> Sample:
    """Read ``train`` or ``val`` of the first day's sample."""
    table = folder / f"X_{part}_day1_duck1000rows.csv"
    ours = atlas.read_features(table)
    raw = pd.read_csv(table, index_col=atlas.ID).astype(np.float64)
    types = atlas.read_types(folder / f"y_{part}_day1_duck1000rows.csv", ours.index)
    return Sample(raw, ours, types)


def parts(folder: Path, judge_on: str, seeds: int) -> Iterator[tuple[Sample, Sample, list[int]]]:
    """Yield what to learn from, what to judge on, and the seeds to do it with."""
    train = read_sample(folder, "train")
    if judge_on == "validation":
        yield train, read_sample(folder, "val"), list(range(seeds))
        return
    for seed in range(seeds):
        order = np.random.default_rng(HALVES + seed).permutation(len(train.types))
        half = len(order) // 2
        yield train.take(order[:half]), train.take(order[half:]), [seed]


def compare(
    train: Sample, judged: Sample, seeds: Sequence[int], *, labels: int
) -> Iterator[pd.DataFrame]:
    """Replay each learner with each of its queries: a row for each seed and round."""
    names = np.array(train.table.index.astype(str), dtype=object)
    for side, queries in QUERIES.items():
        features = (train.table if side == OURS else train.raw).to_numpy()
        space = Views.of(features).look(features)["ranks"]
        shown = (judged.table if side == OURS else judged.raw).to_numpy()
        pool = Pool(names, names, features, space)
        for name in queries:
            run = [
                _target(
                    pool, train, shown, target, _fitter(side, target, features), name, seeds, labels
                )
                for target in TARGETS
            ]
            yield _judge(pd.merge(*run, on=["query", "seed", "round", "labels"]), judged, side)


def _fitter(side: str, target: str, background: np.ndarray) -> Fit:
    if side == PUBLISHED:
        return vra_published.fitter(target, MAP)
    return learner.fitter(target, MAP, background=background)


def _target(
    pool: Pool,
    train: Sample,
    shown: np.ndarray,
    target: str,
    fit: Fit,
    query: str,
    seeds: Sequence[int],
    labels: int,
) -> pd.DataFrame:
    """Replay one target; the column of its name holds its probabilities of the judged alerts."""
    truth = np.where(np.isfinite(train.label(target)), train.types, None)
    return replay(
        pool, truth, [Query.named(query)], fit=fit, seeds=seeds, labels=labels,
        evaluate=lambda model: {target: model.predict(shown)[:, 1]},
    )  # fmt: skip


def _judge(rounds: pd.DataFrame, judged: Sample, side: str) -> pd.DataFrame:
    figures = [
        evaluate(
            judged.wanted,
            rank(row.real, row.gal),
            {target: (judged.label(target), getattr(row, target)) for target in TARGETS},
        )
        for row in rounds.itertuples()
    ]
    facts = rounds[["query", "seed", "round", "labels"]]
    facts = facts.assign(query=side + " " + facts["query"])
    return pd.concat([facts, pd.DataFrame(figures)[list(METRICS)]], axis=1)


def tables(replayed: pd.DataFrame, score_order: float) -> dict[str, _report.Rows]:
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
    shown["aurak in the order of rb_pix, no label"] = [{"aurak": score_order}]
    return shown


def main() -> None:
    """Replay, print the tables, and draw the curves."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vra_replay", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the published tables")
    parser.add_argument("--judge-on", choices=("validation", "training"), default="validation")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--labels", type=int, default=70)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    chosen = parser.parse_args()
    if not chosen.data.is_dir():
        parser.error(f"the published tables are not at {chosen.data}")
    replayed, orders = [], []
    for train, judged, seeds in parts(chosen.data, chosen.judge_on, chosen.seeds):
        replayed += compare(train, judged, seeds, labels=chosen.labels)
        orders.append(aurak(judged.wanted, judged.raw["rb_pix"].to_numpy()))
    rounds, score_order = pd.concat(replayed, ignore_index=True), float(np.mean(orders))
    chosen.output.mkdir(parents=True, exist_ok=True)
    rounds.to_csv(chosen.output / "rounds.csv", index=False)
    draw_curves(rounds, METRICS, {"aurak": score_order}).savefig(chosen.output / "curves.png")
    for title, rows in tables(rounds, score_order).items():
        print(_report.as_markdown(title, rows))
    print(f"rounds and curves: {chosen.output}")


if __name__ == "__main__":
    main()
