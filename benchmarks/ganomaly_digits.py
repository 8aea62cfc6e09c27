"""``python -m benchmarks.ganomaly_digits``: does GANomaly find the digit that it was not shown?

The protocol of GANomaly on scikit-learn's digits (8 × 8 px, made 32 × 32): one digit is abnormal,
the others are normal; of all normal images 80 % are learned from, the others and all abnormal ones
are judged. Compared are the published network trained as published and scored as published, ours
with its combined score, and an isolation forest on principal components of the same pixels. Each
figure is the area under the ROC curve, mean ± sd over seeds, which part the images and begin the
networks. Both networks are narrower than published (``--width``), so that it takes minutes.
``runs.csv`` grows with each run; what is interrupted goes on where it was.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest

from benchmarks import _alerts, _report
from skysift.models import _backend
from skysift.models._metrics import Ranking
from skysift.models.ganomaly.config import Config, read_config
from skysift.models.ganomaly.inputs import prepare
from skysift.models.ganomaly.training_set import KEPT_AS, ImageSet

OUTPUT = _alerts.ROOT / "out" / "ganomaly_digits"
RUNS, WEIGHTS = "runs.csv", "weights"
DIGITS = range(10)
SIDE, CODES, COMPONENTS = 32, 100, 32
WHITEST = 16.0
"""Of scikit-learn's pixels."""

SHARE = 0.8
"""Of the normal images, to learn from."""

PARITY, OURS, FOREST = "parity", "ours", "isolation forest on PCA"
MAIN = {PARITY: "latent", OURS: "combined"}
"""The score that counts, of each network."""


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the images, prepared (n, 32, 32, 1), and what they show."""
    pixels, shown = load_digits(return_X_y=True)
    images = (pixels.reshape(-1, 8, 8) / WHITEST).astype(np.float32)
    ready = [prepare(image, side=SIDE, channels=1, scale="range") for image in images]
    return np.stack(ready), shown


def parted(shown: np.ndarray, abnormal: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows to learn from, and rows to judge on."""
    normal = np.random.default_rng(seed).permutation(np.flatnonzero(shown != abnormal))
    count = int(SHARE * len(normal))
    return normal[:count], np.concatenate([normal[count:], np.flatnonzero(shown == abnormal)])


def config_of(name: str, *, width: int, epochs: int, seed: int) -> Config:
    """Return a ready-made config, for digits: they are not the same turned."""
    tables = read_config(name).as_dict
    tables["network"].update(width=width, codes=CODES)
    tables["inputs"].update(side=SIDE, channels=1)
    tables["training"].update(epochs=epochs, patience=epochs, seed=seed, augment=False)
    return read_config(tables)


def by_network(name: str, output: Path, *, width: int, epochs: int) -> Callable[..., dict]:
    """Return what trains a network and scores images."""

    def scores(learned: np.ndarray, judged: np.ndarray, seed: int) -> dict[str, np.ndarray]:
        from skysift.models import ganomaly
        from skysift.models.ganomaly.training import train

        shutil.rmtree(output, ignore_errors=True)
        names = np.array([f"digit {row}" for row in range(len(learned))])
        images = ImageSet(learned.astype(KEPT_AS), names, {}, 0)
        train(
            images, config_of(name, width=width, epochs=epochs, seed=seed), output,
            name="digits", trained_on="scikit-learn's digits, but one",
        )  # fmt: skip
        told = ganomaly.load(output).score_prepared(judged)
        return {score: told[score] for score in ("combined", "latent", "image", "distance")}

    return scores


def by_forest(learned: np.ndarray, judged: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Score by an isolation forest on principal components of the pixels."""
    flat = [images.reshape(len(images), -1) for images in (learned, judged)]
    components = PCA(COMPONENTS, random_state=seed).fit(flat[0])
    forest = IsolationForest(random_state=seed).fit(components.transform(flat[0]))
    return {FOREST: -forest.score_samples(components.transform(flat[1]))}


def play(
    learners: Mapping[str, Callable[..., dict]], seeds: int, chosen: list[int], table: Path
) -> pd.DataFrame:
    """Run all that is not in the table yet; return the table."""
    images, shown = digits()
    rows: list[dict[str, Any]] = pd.read_csv(table).to_dict("records") if table.is_file() else []
    done = {(row["learner"], row["digit"], row["seed"]) for row in rows}
    for seed in range(seeds):
        for digit in chosen:
            learn, judge = parted(shown, digit, seed)
            for name, scores in learners.items():
                if (name, digit, seed) in done:
                    continue
                for score, values in scores(images[learn], images[judge], seed).items():
                    auc = Ranking(shown[judge] == digit, values).auc()
                    rows.append({"learner": name, "digit": digit, "seed": seed, "score": score,
                                 "auc": auc})  # fmt: skip
                pd.DataFrame(rows).to_csv(table, index=False)
                print(f"seed {seed}, digit {digit}, {name}: "
                      + ", ".join(f"{row['score']} {row['auc']:.3f}" for row in rows
                                  if (row["learner"], row["digit"], row["seed"])
                                  == (name, digit, seed)), flush=True)  # fmt: skip
    return pd.DataFrame(rows)


def tables(runs: pd.DataFrame) -> dict[str, _report.Rows]:
    """Make a table of the scores that count, digit by digit, and one of all scores."""
    counts = runs[runs["score"] == runs["learner"].map(MAIN).fillna(FOREST)]
    by_digit = []
    for learner, its in counts.groupby("learner", sort=False):
        row: dict[str, object] = {"": learner, "mean": _spread(its.groupby("seed")["auc"].mean())}
        row |= {str(digit): _spread(some["auc"]) for digit, some in its.groupby("digit")}
        by_digit.append(row)
    every = [
        {"": learner, "score": score, "mean": _spread(its.groupby("seed")["auc"].mean())}
        for (learner, score), its in runs.groupby(["learner", "score"], sort=False)
    ]
    return {"AUC, by the abnormal digit": by_digit, "AUC of each score, mean over digits": every}


def _spread(values: pd.Series) -> str:
    """Write mean ± standard deviation over seeds."""
    if len(values) == 1:
        return f"{values.iloc[0]:.3f}"
    return f"{values.mean():.3f} ± {values.std():.3f}"


def main() -> None:
    """Train, score, print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ganomaly_digits", description=__doc__
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--digits", type=int, nargs="+", default=list(DIGITS), choices=DIGITS)
    parser.add_argument("--width", type=int, default=16, help="of both networks; published: 64")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--save", metavar="NAME", help="write results/NAME.md and .json too")
    chosen = parser.parse_args()
    folder = chosen.output / f"width{chosen.width}-epochs{chosen.epochs}"
    folder.mkdir(parents=True, exist_ok=True)
    _backend.start()
    sizes = {"width": chosen.width, "epochs": chosen.epochs}
    learners = {
        FOREST: by_forest,
        **{name: by_network(name, folder / WEIGHTS, **sizes) for name in (PARITY, OURS)},
    }
    runs = play(learners, chosen.seeds, chosen.digits, folder / RUNS)
    shown = tables(runs)
    for title, rows in shown.items():
        print(_report.as_markdown(title, rows))
    if chosen.save:
        command = (
            f"{parser.prog} --seeds {chosen.seeds} --width {chosen.width} --epochs {chosen.epochs}"
        )
        print(_report.save(chosen.save, command, _report.machine(), shown))


if __name__ == "__main__":
    main()
