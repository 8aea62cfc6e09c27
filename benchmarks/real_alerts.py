"""``python -m benchmarks.real_alerts``: our network and the published one, on the same real alerts.

There is no truth here and no claim: the alerts at hand were chosen by others for other reasons.
What is shown is how the scores of the two are distributed, and every alert on which they disagree.
Our network was trained on simulation.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks import _alerts, _report
from skysift.alerts.batch import AlertBatch
from skysift.alerts.decode import decode
from skysift.alerts.payloads import iter_payloads
from skysift.models.btsbot.evaluation.misclassified import BANDS, draw_triplet
from skysift.models.btsbot.importing import import_published
from skysift.models.btsbot.inputs import triplets
from skysift.science_modules import get

REAL = _alerts.SHARED / "ztf"
OUTPUT = _alerts.ROOT / "out" / "real_alerts"
THRESHOLD = 0.5
SIDES = ("ours", "published")
BINS = np.linspace(0, 1, 21)
COLUMNS = 3
"""Alerts in a row of the sheet of disagreements."""

MODULE = get("btsbot")
WHAT = ("candid", "objectId", "fid", "magpsf")


def run(path: Path, ours: str | None, output: Path) -> dict[str, _report.Rows]:
    """Score all alerts of a folder with both networks, and draw what there is to see.

    Parameters
    ----------
    path : Path
        Alerts of ZTF, in anything that skysift reads; repeated candids count once.
    ours : str or None
        Weights; None is what ships.
    output : Path
        Gets ``scores.parquet``, ``scores.png`` and ``disagreements.png``.

    Returns
    -------
    dict of str to list of dict
        Tables: a row a network, and where they agree.
    """
    with tempfile.TemporaryDirectory() as folder:
        weights = {"ours": ours, "published": str(import_published(_alerts.PUBLISHED, folder))}
        parts = [(_scored(batch, weights), batch) for batch in _batches(path)]
    scored = pd.concat([table for table, _ in parts], ignore_index=True)
    images = [image for _, batch in parts for image in batch.column("stamps").images]
    first = ~scored.duplicated("candid")
    scored = scored[first]
    output.mkdir(parents=True, exist_ok=True)
    scored.to_parquet(output / "scores.parquet")
    _draw_scores(scored).savefig(output / "scores.png")
    apart = _disagreements(scored)
    if len(apart):
        _draw_sheet(apart, [images[row] for row in apart.index]).savefig(
            output / "disagreements.png"
        )
    return {
        "real alerts": [_row(scored, side) for side in SIDES],
        "where both score": [_agreement(scored, apart)],
    }


def _batches(path: Path) -> Iterator[AlertBatch]:
    for alerts in decode(list(iter_payloads(path)), (*MODULE.columns, *WHAT)).alerts:
        yield alerts.batch


def _scored(batch: AlertBatch, weights: dict[str, str | None]) -> pd.DataFrame:
    """Tell what both networks say of a batch, as the broker would see it: no cascade, no compat."""
    table = pd.DataFrame({name: batch.column(name) for name in WHAT})
    for side, path in weights.items():
        answer = MODULE.annotate(batch, weights=path, cascade=False)
        table[side], table[f"{side}_status"] = answer["score"], answer["status"]
    return table


def _disagreements(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the alerts that both score, one as positive and one not; the farthest apart first."""
    both = scored.dropna(subset=list(SIDES))
    apart = both[(both["ours"] >= THRESHOLD) != (both["published"] >= THRESHOLD)]
    distance = (apart["ours"] - apart["published"]).abs()
    return apart.loc[distance.sort_values(ascending=False).index]


def _row(scored: pd.DataFrame, side: str) -> dict[str, object]:
    score = scored[side].dropna()
    statuses = Counter(scored[f"{side}_status"])
    statuses.pop("ok", None)
    return {
        "network": side,
        "alerts": len(scored),
        "scored": len(score),
        "score ≥ 0.5": int((score >= THRESHOLD).sum()),
        "score 0.1 – 0.9": int(score.between(0.1, 0.9).sum()),
        "median": float(score.median()),
        "not scored": ", ".join(f"{name} {count}" for name, count in statuses.most_common()),
    }


def _agreement(scored: pd.DataFrame, apart: pd.DataFrame) -> dict[str, object]:
    both = scored.dropna(subset=list(SIDES))
    agreed = (both[list(SIDES)] >= THRESHOLD).all(axis=1)
    return {
        "alerts": len(both),
        "same verdict": len(both) - len(apart),
        "both ≥ 0.5": int(agreed.sum()),
        "only ours ≥ 0.5": int((apart["ours"] >= THRESHOLD).sum()),
        "only published ≥ 0.5": int((apart["published"] >= THRESHOLD).sum()),
    }


def _draw_scores(scored: pd.DataFrame) -> Figure:
    """Draw both distributions, and one score against the other."""
    figure = Figure(figsize=(9, 4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    for side, colour in zip(SIDES, ("#0072b2", "#d55e00"), strict=True):
        left.hist(
            scored[side].dropna(), BINS, histtype="step", lw=1.8, color=colour,
            label=f"{side} ({scored[side].count()} scored)",
        )  # fmt: skip
    left.set(xlabel="score", ylabel="alerts", yscale="log", title="real alerts at hand")
    left.legend(frameon=False)
    right.plot(scored["published"], scored["ours"], "o", ms=4, alpha=0.5, color="#333333", mew=0)
    right.axhline(THRESHOLD, lw=0.8, ls="--", color="#999999")
    right.axvline(THRESHOLD, lw=0.8, ls="--", color="#999999")
    right.set(xlabel="published v1.0.1", ylabel="ours (trained on simulation)", aspect="equal")
    return figure


def _draw_sheet(alerts: pd.DataFrame, images: list[tuple[np.ndarray, ...]]) -> Figure:
    """Draw the stamps of some alerts with both scores."""
    rows = -(-len(alerts) // COLUMNS)
    figure = Figure(figsize=(4.6 * COLUMNS, 2.0 * rows), dpi=90, layout="constrained")
    FigureCanvasAgg(figure)
    cells = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    shown, _, _ = triplets(images, preprocessing="centred")
    for cell in cells[len(alerts) :]:
        cell.remove()
    for cell, triplet, alert in zip(cells, shown, alerts.itertuples(), strict=False):
        draw_triplet(cell, triplet)
        cell.set_title(
            f"{alert.objectId}  {BANDS.get(int(alert.fid), '?')} = {alert.magpsf:.2f}\n"
            f"ours {alert.ours:.3f}   published {alert.published:.3f}",
            loc="left", fontsize=8,
        )  # fmt: skip
    return figure


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_alerts", description=__doc__)
    parser.add_argument("--weights", help="a .keras file or a folder; default: what ships")
    parser.add_argument("--alerts", type=Path, default=REAL, help="folder of real alerts of ZTF")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    chosen = parser.parse_args()
    if not chosen.alerts.is_dir() or not _alerts.PUBLISHED.is_dir():
        parser.error(f"the real alerts and the published weights are not at {_alerts.SHARED}")
    for title, rows in run(chosen.alerts, chosen.weights, chosen.output).items():
        print(_report.as_markdown(title, rows))
    print(f"pictures: {chosen.output}")


if __name__ == "__main__":
    main()
