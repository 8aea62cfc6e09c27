"""``python -m benchmarks.networks FOLDER``: networks trained with several seeds, side by side.

FOLDER/runs holds what ``models/btsbot/compare.sh FOLDER`` made: a folder CONFIG-SEED for each
training, with the report of ``skysift evaluate`` in it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _report


def run(folder: Path) -> _report.Rows:
    """Read the reports of all trainings.

    Parameters
    ----------
    folder : Path
        With ``runs/CONFIG-SEED/report/report.json``.

    Returns
    -------
    list of dict
        A row a config: alerts and sources judged, seeds, and of each figure the mean and, with
        more than one seed, the standard deviation over seeds.

    Raises
    ------
    FileNotFoundError
        If there is no report.
    ValueError
        If the reports are not of the same alerts.
    """
    reports: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(folder.glob("runs/*/report/report.json")):
        config = path.parents[1].name.rsplit("-", 1)[0]
        reports.setdefault(config, []).append(json.loads(path.read_text(encoding="utf-8")))
    if not reports:
        raise FileNotFoundError(f"no runs/*/report/report.json in {folder}: run compare.sh first")
    judged = {_judged(report) for of_config in reports.values() for report in of_config}
    if len(judged) > 1:
        raise ValueError(f"the reports are of different alerts: {sorted(judged)}")
    (alerts, sources), *_ = judged
    return [
        {"network": config, "alerts": alerts, "sources": sources, "seeds": len(found)}
        | {name: _spread([figures[name] for figures in map(_figures, found)]) for name in FIGURES}
        for config, found in reports.items()
    ]


FIGURES = ("AUC", "ECE", "bts_p2 completeness", "bts_p2 purity")


def _judged(report: Mapping[str, Any]) -> tuple[int, int]:
    return report["alerts"]["alerts"], report["alerts"]["objects"]


def _figures(report: Mapping[str, Any]) -> dict[str, float]:
    metrics, policy = report["alerts"]["metrics"], report["sources"]["policies"]["bts_p2"]
    values = metrics["auc"], metrics["ece"], policy["completeness"], policy["purity"]
    return dict(zip(FIGURES, (value["value"] for value in values), strict=True))


def _spread(values: list[float]) -> str:
    mean = f"{np.mean(values):.4f}"
    return f"{mean} ± {np.std(values, ddof=1):.4f}" if len(values) > 1 else mean


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.networks", description=__doc__)
    parser.add_argument("folder", type=Path, help="what compare.sh was given")
    print(_report.as_markdown("networks on the test part", run(parser.parse_args().folder)))


if __name__ == "__main__":
    main()
