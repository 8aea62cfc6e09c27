"""The whole evaluation of one set of scores: numbers, tables, figure, mistakes."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from skysift.models.btsbot.evaluation.policies import Policy, read_policies
from skysift.models.btsbot.evaluation.report import make_report, write_tables
from skysift.models.btsbot.evaluation.sources import replay
from skysift.models.btsbot.training_set import TrainingSet


def judge(
    alerts: TrainingSet,
    scored: pd.DataFrame,
    output: str | os.PathLike[str],
    *,
    about: Mapping[str, Any],
    policies: Mapping[str, Policy] | None = None,
    junk: Collection[str] = (),
    history: Mapping[str, Sequence[float]] | None = None,
) -> dict[str, Any]:
    """Judge scores of labelled alerts and write the report.

    Parameters
    ----------
    alerts : TrainingSet
        The alerts, for the pictures of what was misclassified.
    scored : DataFrame
        The same alerts in the same order with their scores: `scores.score_set` or
        `scores.read_scores`.
    output : path-like
        Folder to write to; made if needed.
    about : mapping
        What was judged on what: ``weights`` (``version``, ``trained_on``) and ``set`` (``part``,
        …). It goes into the report as it is.
    policies : mapping of str to Policy, optional
        By default the published ones.
    junk : collection of str
        Sources that are left out of the source metrics.
    history : mapping of str to sequence of float, optional
        Of the training, a number an epoch: ``loss``, ``val_loss``, ``accuracy``, ….

    Returns
    -------
    dict
        What ``report.json`` holds; see docs/evaluation.md.

    Raises
    ------
    ValueError
        If there is nothing to judge: no alert, no score, one class only, or no positive source
        with two alerts.
    """
    from skysift.models.btsbot.evaluation.figure import Shown, write_figure
    from skysift.models.btsbot.evaluation.misclassified import write_misclassified

    if not len(alerts):
        raise ValueError("there is no alert to judge")
    policies = read_policies() if policies is None else policies
    sources = replay(scored, policies, junk=junk)
    report = make_report(scored, sources, policies, about)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    write_tables(report, scored, sources, output)
    write_misclassified(alerts, scored, output)
    write_figure(Shown(report, scored, sources, history), output)
    return report
