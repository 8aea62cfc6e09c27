"""How good scores are, source by source: policies replayed over each source's alerts in turn."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from skysift.models._bootstrap import Bootstrap
from skysift.models._metrics import VERDICTS, verdict_columns
from skysift.models.btsbot.evaluation.policies import Policy

BRIGHT = 18.5
"""A positive source counts only if one of its alerts is at least so bright [mag]."""

PEAK_EDGES = np.linspace(17.0, 18.5, 7)
"""Of the bins of peak magnitude [mag]."""

REFERENCES = {"save": (2459215.5, 1e10), "trigger": (2459215.5, 1e10)}
"""What people did that a policy's time is compared with, and which of those times are real: from
2021-01-01 on, and below a placeholder of the published table [JD]."""


def replay(
    alerts: pd.DataFrame, policies: Mapping[str, Policy], *, junk: Collection[str] = ()
) -> pd.DataFrame:
    """Apply policies to every source as its alerts come in.

    Parameters
    ----------
    alerts : DataFrame
        ``objectId``, ``candid``, ``jd``, ``label``, ``class``, ``source_set``, ``magpsf``,
        ``score``, ``uncertainty``, ``save_jd`` and ``trigger_jd``; one row or more, in any order.
        An alert without a score counts for no policy.
    policies : mapping of str to Policy
        By name.
    junk : collection of str
        Sources that are left out of the metrics.

    Returns
    -------
    DataFrame
        A row a source, by objectId: what it is, ``alerts``, ``scored``, ``peak_mag``,
        ``max_score``, ``left_out`` (why it is in no metric: ``junk``, ``one_alert``,
        ``faint_positive``, or empty), and for each policy P ``P.fired`` (by the last alert),
        ``P.jd`` and ``P.mag`` of the alert at which it fired, ``P.save_dt`` and ``P.trigger_dt``
        [days]; NaN where there is none.

    Raises
    ------
    ValueError
        If a source has alerts of both labels.
    """
    ordered = alerts.sort_values(["objectId", "jd", "candid"], kind="stable", ignore_index=True)
    names = ordered["objectId"].to_numpy()
    starts = np.flatnonzero(np.append(True, names[1:] != names[:-1]))
    sources = _describe(ordered, starts, junk)
    first = np.repeat(starts, sources["alerts"])
    for name, policy in policies.items():
        outcome = _outcome(policy, ordered, starts, first)
        sources = sources.assign(**{f"{name}.{key}": values for key, values in outcome.items()})
        for reference in REFERENCES:
            delay = outcome["jd"] - _real_times(sources, reference)
            sources[f"{name}.{reference}_dt"] = delay
    return sources


def _real_times(sources: pd.DataFrame, reference: str) -> pd.Series:
    """Return the times at which people saved or triggered, NaN for those that cannot be."""
    time, (earliest, latest) = sources[f"{reference}_jd"], REFERENCES[reference]
    return time.where((time >= earliest) & (time < latest))


def _describe(ordered: pd.DataFrame, starts: np.ndarray, junk: Collection[str]) -> pd.DataFrame:
    """Tell what each source is, and why it is left out of the metrics."""
    described = ["objectId", "label", "class", "source_set", "save_jd", "trigger_jd"]
    sources = ordered.iloc[starts][described].reset_index(drop=True)
    grouped = ordered.groupby("objectId", sort=True)
    _check_one_label(grouped["label"].nunique())
    summary = grouped.agg(
        alerts=("score", "size"), scored=("score", "count"), peak_mag=("magpsf", "min"),
        max_score=("score", "max"),
    )  # fmt: skip
    sources = sources.join(summary.reset_index(drop=True))
    faint = sources["label"].astype(bool) & ~(sources["peak_mag"] <= BRIGHT)
    reasons = [sources["objectId"].isin(junk), sources["alerts"] < 2, faint]
    left_out = np.select(reasons, ["junk", "one_alert", "faint_positive"], default="")
    return sources.assign(left_out=left_out)


def _check_one_label(labels: pd.Series) -> None:
    mixed = labels.index[labels > 1]
    if len(mixed):
        raise ValueError(f"all alerts of a source must have one label; {mixed[0]} has both")


def _outcome(
    policy: Policy, ordered: pd.DataFrame, starts: np.ndarray, first: np.ndarray
) -> dict[str, np.ndarray]:
    """Find where a policy fires, source by source."""
    score, uncertainty, mag, jd = (
        ordered[name].to_numpy(np.float64) for name in ("score", "uncertainty", "magpsf", "jd")
    )
    fired = policy.fired(score, uncertainty, mag, first)
    row = np.minimum.reduceat(np.where(fired, np.arange(len(fired)), len(fired)), starts)
    return {
        "fired": row < len(fired),
        "jd": np.append(jd, np.nan)[row],
        "mag": np.append(mag, np.nan)[row],
    }


def source_report(sources: pd.DataFrame, policies: Collection[str]) -> dict[str, Any]:
    """Judge policies source by source, with 95 % intervals.

    Parameters
    ----------
    sources : DataFrame
        From `replay`.
    policies : collection of str
        Names of the policies that were replayed.

    Returns
    -------
    dict
        See docs/evaluation.md; what is not defined is NaN.

    Raises
    ------
    ValueError
        If no positive source is left.
    """
    left_out = sources["left_out"].value_counts().drop("", errors="ignore")
    kept = sources[sources["left_out"] == ""].reset_index(drop=True)
    label = kept["label"].to_numpy(bool)
    if not label.any():
        raise ValueError(
            f"no positive source with 2 alerts or more that reaches {BRIGHT} mag: "
            f"{int(sources['label'].sum())} positive of {len(sources)} sources, left out: "
            f"{left_out.to_dict()}"
        )
    draws = Bootstrap(kept["objectId"].to_numpy())
    return {
        "sources": len(kept),
        "positive": int(label.sum()),
        "left_out": {name: int(count) for name, count in left_out.items()},
        "policies": {name: _judge(kept, label, name, draws) for name in policies},
    }


def _judge(kept: pd.DataFrame, label: np.ndarray, policy: str, draws: Bootstrap) -> dict[str, Any]:
    """Judge one policy: all sources, bins of peak magnitude, delays."""
    fired = kept[f"{policy}.fired"].to_numpy(bool)
    found = kept[label & fired]
    everywhere = np.ones(len(kept), dtype=bool)
    return {
        **_completeness_and_purity(label, fired, everywhere, draws),
        "by_peak_magnitude": [
            {"low": low, "high": high, **_completeness_and_purity(label, fired, inside, draws)}
            for low, high, inside in _peak_bins(kept["peak_mag"].to_numpy())
        ],
        **{
            f"{name}_delay_days": _delay(found[f"{policy}.{name}_dt"].to_numpy())
            for name in REFERENCES
        },
    }


def _completeness_and_purity(
    label: np.ndarray, fired: np.ndarray, where: np.ndarray, draws: Bootstrap
) -> dict[str, Any]:
    label, fired, taken = label & where, fired & where, label & fired & where
    part, whole = np.stack([taken, taken], axis=1), np.stack([label, fired], axis=1)
    shares = np.stack(draws.share(part, whole), axis=1).tolist()
    counts = verdict_columns(label, fired)[where].sum(axis=0).tolist()
    keys = ("value", "low", "high")
    return {
        **dict(zip(VERDICTS, counts, strict=True)),
        "completeness": dict(zip(keys, shares[0], strict=True)),
        "purity": dict(zip(keys, shares[1], strict=True)),
    }


def _peak_bins(peak: np.ndarray) -> list[tuple[float, float, np.ndarray]]:
    """Part sources by peak magnitude; the last bin includes its faint edge."""
    bins = []
    for low, high in zip(PEAK_EDGES[:-1].tolist(), PEAK_EDGES[1:].tolist(), strict=True):
        last = high == PEAK_EDGES[-1]
        bins.append((low, high, (peak >= low) & ((peak < high) | (last & (peak == high)))))
    return bins


def _delay(days: np.ndarray) -> dict[str, Any]:
    """Give the median of the true positives' delays, negative if the policy was sooner."""
    known = days[np.isfinite(days)]
    return {"sources": len(known), "median": float(np.median(known)) if len(known) else np.nan}
