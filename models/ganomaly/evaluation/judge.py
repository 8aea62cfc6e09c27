"""The whole evaluation of one network on labelled images: numbers, a table, a figure."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.models._json import plain, write_json
from skysift.models.ganomaly.evaluation.detection import (
    PUBLISHED_THRESHOLD,
    detection,
    verdicts,
)
from skysift.models.ganomaly.evaluation.figure import write_figure
from skysift.models.ganomaly.sources import is_normal

SCHEMA = 1
"""Of ``report.json``; goes up when a name in it changes its meaning or goes away."""

REPORT, SCORES = "report.json", "scores.parquet"

JUDGED = ("combined", "raw", "L1", "feature", "distance")
"""Columns that are judged, the one that counts first."""

BEYOND = 99.0
"""Percentile above which an image is called strange: chosen without a label."""


def judge(
    table: pd.DataFrame, output: str | os.PathLike[str], *, about: Mapping[str, Any]
) -> dict[str, Any]:
    """Write how well images of other classes are told from normal ones.

    Parameters
    ----------
    table : DataFrame
        From `predictions.table_of`.
    output : path-like
        Folder; gets ``report.json``, ``scores.parquet``, ``evaluation.png`` and ``.pdf``.
    about : mapping
        What was judged on what, as JSON can hold it; it goes into the report as it is.

    Returns
    -------
    dict
        What ``report.json`` holds; None where a number is not defined. ``scores``: of each of
        `JUDGED`, all other classes together against the normal ones (`detection`); ``classes``: of
        ``combined``, each other class alone; ``beyond`` and ``published``: verdicts by the
        percentile, and by the published threshold on the published scale.

    Raises
    ------
    ValueError
        If there is no image of either kind with a score.
    """
    scored = table[table["status"] == "ok"]
    abnormal = ~is_normal(scored["label"].to_numpy(object))
    for kind, some in (("normal image", ~abnormal), ("image of another class", abnormal)):
        if not some.any():
            raise ValueError(
                f"there is no {kind} with a score among {len(table):,}: the folder needs images in "
                "test/0.normal and in test/1.abnormal, or classes of other names"
            )
    report = plain(
        {
            "schema": SCHEMA,
            "model": "ganomaly",
            **about,
            "images": {
                "normal": int((~abnormal).sum()), "abnormal": int(abnormal.sum()),
                "unscored": (table["status"] != "ok").sum(),
                "artefacts": (scored["artefact"] != "").sum(),
            },
            "scores": {
                name: detection(abnormal, scored[name].to_numpy(np.float64)) for name in JUDGED
            },
            "classes": _classes(scored, abnormal),
            "beyond": {
                "percentile": BEYOND,
                **verdicts(abnormal, scored["percentile"].to_numpy() >= BEYOND),
            },
            "published": {
                "threshold": PUBLISHED_THRESHOLD,
                **verdicts(abnormal, scored["published"].to_numpy() >= PUBLISHED_THRESHOLD),
            },
        }
    )  # fmt: skip
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    write_json(output / REPORT, report)
    table.to_parquet(output / SCORES, index=False)
    write_figure(report, scored, abnormal, output)
    return report


def _classes(scored: pd.DataFrame, abnormal: np.ndarray) -> dict[str, Any]:
    """Judge each class that is not normal against the normal images."""
    names = sorted(set(scored["label"][abnormal]))
    answer = {}
    for name in names:
        rows = ~abnormal | (scored["label"] == name).to_numpy()
        answer[name] = {
            "images": int((scored["label"] == name).sum()),
            **detection(abnormal[rows], scored["combined"].to_numpy(np.float64)[rows]),
        }
    return answer
