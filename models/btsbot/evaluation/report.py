"""The report on disk: JSON for machines, tables for everybody; NaN becomes null or empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.models._json import plain, write_json
from skysift.models._metrics import VERDICTS, verdict_columns
from skysift.models.btsbot.evaluation.alerts import THRESHOLD, alert_report
from skysift.models.btsbot.evaluation.policies import Policy
from skysift.models.btsbot.evaluation.sources import source_report

SCHEMA = 1
"""Of ``report.json``; goes up when a name in it changes its meaning or goes away."""

REPORT, METRICS, ALERTS, SOURCES = "report.json", "metrics.csv", "alerts.parquet", "sources.csv"

METRIC_COLUMNS = ("level", "of", "from", "to", "metric", "value", "low", "high")


def make_report(
    scored: pd.DataFrame,
    sources: pd.DataFrame,
    policies: Mapping[str, Policy],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """Judge alerts and sources.

    Parameters
    ----------
    scored : DataFrame
        From `scores.score_set`.
    sources : DataFrame
        From `sources.replay`.
    policies : mapping of str to Policy
    about : mapping
        What was judged on what, as JSON can hold it.

    Returns
    -------
    dict
        See docs/evaluation.md; None where a number is not defined.
    """
    report = {
        "schema": SCHEMA,
        "model": "btsbot",
        **about,
        "alerts": alert_report(scored),
        "sources": source_report(sources, policies),
        "policies": {name: asdict(policy) for name, policy in policies.items()},
    }
    return plain(report)


def with_verdicts(scored: pd.DataFrame) -> pd.DataFrame:
    """Add the column ``verdict``: one of `VERDICTS`, None where there is no score."""
    columns = verdict_columns(scored["label"].to_numpy(bool), scored["score"] >= THRESHOLD)
    verdict = np.array(VERDICTS, dtype=object)[np.argmax(columns, axis=1)]
    return scored.assign(verdict=np.where(scored["score"].notna(), verdict, None))


def write_tables(
    report: Mapping[str, Any], scored: pd.DataFrame, sources: pd.DataFrame, folder: Path
) -> None:
    """Write `REPORT`, `METRICS`, `ALERTS` and `SOURCES` into a folder that is there."""
    write_json(folder / REPORT, report)
    metrics = pd.DataFrame(_metric_rows(report), columns=METRIC_COLUMNS)
    metrics.to_csv(folder / METRICS, index=False)
    with_verdicts(scored).to_parquet(folder / ALERTS, index=False)
    sources.to_csv(folder / SOURCES, index=False)


def _metric_rows(report: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield every number that has an interval, as a row of `METRIC_COLUMNS`."""
    alerts = report["alerts"]
    for name, number in alerts["metrics"].items():
        yield "alert", "all", None, None, name, *_numbers(number)
    for column, kinds in alerts["called_positive"].items():
        for kind in kinds:
            of = f"{column}={kind['name']}"
            yield "alert", of, None, None, "called_positive", *_numbers(kind)
    for name, policy in report["sources"]["policies"].items():
        for part in [policy, *policy["by_peak_magnitude"]]:
            for metric in ("completeness", "purity"):
                edges = part.get("low"), part.get("high")
                yield "source", name, *edges, metric, *_numbers(part[metric])


def _numbers(number: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return number["value"], number["low"], number["high"]
