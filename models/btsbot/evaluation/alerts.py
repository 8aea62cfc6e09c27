"""How good scores are, alert by alert."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from skysift.models._bootstrap import Bootstrap, interval
from skysift.models._metrics import (
    BINS,
    VERDICTS,
    Ranking,
    brier,
    calibration_curve,
    calibration_error,
    calibration_excess,
    confusion,
    rates,
    score_bin,
    verdict_columns,
)

THRESHOLD = 0.5
"""Score from which an alert is called a bright transient."""

MAG_EDGES = np.linspace(15.0, 21.0, 13)
"""Of the bins in which verdicts are counted [mag]."""

QUARTERS = 4


def check_both_classes(label: np.ndarray) -> None:
    """Refuse alerts of one class.

    Raises
    ------
    ValueError
        If all alerts, or none, are positive.
    """
    positives = np.count_nonzero(label)
    if positives in (0, len(label)):
        raise ValueError(
            f"alerts of both classes are needed. Got: {positives} positive of {len(label)}"
        )


def alert_report(alerts: pd.DataFrame) -> dict[str, Any]:
    """Judge scores alert by alert, with 95 % intervals by object.

    Parameters
    ----------
    alerts : DataFrame
        ``objectId``, ``label``, ``class``, ``source_set``, ``magpsf``, ``score`` and
        ``uncertainty``. Alerts whose score is NaN are counted and left out.

    Returns
    -------
    dict
        See docs/evaluation.md; what is not defined is NaN.

    Raises
    ------
    ValueError
        If no alert has a score, or those that have are of one class.
    """
    scored = alerts[alerts["score"].notna()]
    if scored.empty:
        raise ValueError(f"none of the {len(alerts)} alerts has a score")
    label, score = scored["label"].to_numpy(bool), scored["score"].to_numpy(np.float64)
    check_both_classes(label)
    verdict = score >= THRESHOLD
    draws = Bootstrap(scored["objectId"].to_numpy())
    return {
        "alerts": len(scored),
        "unscored": len(alerts) - len(scored),
        "positive": int(label.sum()),
        "objects": draws.objects,
        "threshold": THRESHOLD,
        "confusion": confusion(label, verdict),
        "metrics": {**_rates(label, verdict, draws), **_ranking(label, score, draws)},
        "calibration": _calibration(label, score, draws),
        "called_positive": {
            column: _called_positive(scored[column], scored["objectId"], verdict, draws)
            for column in ("class", "source_set")
        },
        "by_magnitude": _by_magnitude(scored["magpsf"].to_numpy(), label, verdict),
        "uncertainty": _uncertainty(scored["uncertainty"].to_numpy(), label != verdict, draws),
    }


def estimate(value: float, draws: np.ndarray) -> dict[str, float]:
    """Give a number with its 95 % interval."""
    low, high = interval(draws)
    return {"value": float(value), "low": float(low), "high": float(high)}


def _rates(label: np.ndarray, verdict: np.ndarray, draws: Bootstrap) -> dict[str, Any]:
    columns = verdict_columns(label, verdict)
    drawn = rates(draws.totals(columns))
    return {
        name: estimate(float(value), drawn[name])
        for name, value in rates(columns.sum(axis=0)).items()
    }


def _ranking(label: np.ndarray, score: np.ndarray, draws: Bootstrap) -> dict[str, Any]:
    """Judge the scores themselves, whatever the threshold."""
    ranking = Ranking(label, score)
    excess = draws.totals(calibration_excess(label, score))
    error = draws.totals(np.stack([(score - label) ** 2, np.ones(len(label))], axis=1))
    alerts = error[:, 1]
    areas = draws.each(ranking.areas)
    return {
        "auc": estimate(ranking.auc(), areas[:, 0]),
        "average_precision": estimate(ranking.average_precision(), areas[:, 1]),
        "ece": estimate(calibration_error(label, score), np.abs(excess).sum(axis=1) / alerts),
        "brier": estimate(brier(label, score), error[:, 0] / alerts),
    }


def _calibration(label: np.ndarray, score: np.ndarray, draws: Bootstrap) -> list[dict[str, Any]]:
    """Tabulate the calibration curve, with the interval of each bin's share of positives."""
    place = score_bin(score)[:, None] == np.arange(BINS)
    _, low, high = draws.share(label[:, None] & place, place)
    curve = {**calibration_curve(label, score), "positive_low": low, "positive_high": high}
    return pd.DataFrame(curve).to_dict("records")


def _called_positive(
    kind: pd.Series, group: pd.Series, verdict: np.ndarray, draws: Bootstrap
) -> list[dict[str, Any]]:
    """Give the share called positive of each kind."""
    names = np.unique(kind.astype(str))
    member = kind.astype(str).to_numpy()[:, None] == names
    value, low, high = draws.share(member & verdict[:, None], member)
    table = {
        "name": names,
        "alerts": member.sum(axis=0),
        "objects": [group[own].nunique() for own in member.T],
        "value": value,
        "low": low,
        "high": high,
    }
    return pd.DataFrame(table).to_dict("records")


def _by_magnitude(mag: np.ndarray, label: np.ndarray, verdict: np.ndarray) -> list[dict[str, Any]]:
    """Count verdicts in bins of magnitude; the last row is of alerts outside all bins."""
    bins = len(MAG_EDGES) - 1
    inside = (mag >= MAG_EDGES[0]) & (mag <= MAG_EDGES[-1])
    place = np.where(inside, np.digitize(mag, MAG_EDGES[1:-1]), bins)
    counts = {
        name: np.bincount(place[own], minlength=bins + 1)
        for name, own in zip(VERDICTS, verdict_columns(label, verdict).T, strict=True)
    }
    edges = {"low": np.append(MAG_EDGES[:-1], np.nan), "high": np.append(MAG_EDGES[1:], np.nan)}
    return pd.DataFrame({**edges, **counts}).to_dict("records")


def _uncertainty(
    uncertainty: np.ndarray, wrong: np.ndarray, draws: Bootstrap
) -> dict[str, Any] | None:
    """Tell whether the uncertainty ranks the errors; None where no alert has one."""
    known = np.isfinite(uncertainty)
    if not known.any():
        return None
    edges = np.quantile(uncertainty[known], np.linspace(0, 1, QUARTERS + 1))
    place = np.where(known, np.digitize(uncertainty, edges[1:-1]), -1)
    member = place[:, None] == np.arange(QUARTERS)
    errors = member & wrong[:, None]
    value, low, high = draws.share(errors, member)
    quarters = {
        "from": edges[:-1], "to": edges[1:], "alerts": member.sum(axis=0),
        "errors": errors.sum(axis=0), "value": value, "low": low, "high": high,
    }  # fmt: skip
    return {
        "alerts": int(known.sum()),
        "auc_of_errors": Ranking(wrong[known], uncertainty[known]).auc(),
        "quarters": pd.DataFrame(quarters).to_dict("records"),
    }
