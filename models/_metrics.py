"""How good scores of two classes are: ranking, calibration, verdicts. Arrays in, numbers out.

Weights may be given everywhere; a bootstrap is nothing but weights that count how often each
alert was drawn. What is not defined, such as the precision of no verdict, is NaN.
"""

from __future__ import annotations

import numpy as np

BINS = 15
"""Of equal width in score, for the calibration curve and its error."""

VERDICTS = ("tp", "fp", "tn", "fn")


class Ranking:
    """Alerts in order of falling score, ready to be weighed again and again.

    Parameters
    ----------
    label : ndarray (n,), bool
    score : ndarray (n,), float
        Not NaN.

    Attributes
    ----------
    threshold : ndarray (t,), float
        The distinct scores, falling.
    """

    def __init__(self, label: np.ndarray, score: np.ndarray) -> None:
        self._order = np.argsort(-score, kind="stable")
        self._positive = label[self._order].astype(np.float64)
        falling = score[self._order]
        self._ends = np.flatnonzero(np.append(falling[1:] != falling[:-1], len(falling) > 0))
        self.threshold = falling[self._ends]

    def counts(self, weight: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Count what lies at or above each threshold.

        Parameters
        ----------
        weight : ndarray (n,), float, optional
            Of the alerts in the order in which they were given; by default 1.

        Returns
        -------
        tp, fp : ndarray (t,), float64
            Weight of the positives and of the negatives.
        """
        if weight is None:
            tp = np.cumsum(self._positive)[self._ends]
            return tp, self._ends + 1.0 - tp
        sorted_weight = np.asarray(weight, dtype=np.float64)[self._order]
        tp = np.cumsum(sorted_weight * self._positive)[self._ends]
        return tp, np.cumsum(sorted_weight)[self._ends] - tp

    def auc(self, weight: np.ndarray | None = None) -> float:
        """Return the area under the ROC curve; NaN if a class is absent.

        The chance that a positive scores above a negative, a tie counting half (Mann & Whitney
        1947).
        """
        return self.areas(weight)[0]

    def average_precision(self, weight: np.ndarray | None = None) -> float:
        """Return the precision, averaged over the steps of recall; NaN without a positive."""
        return self.areas(weight)[1]

    def areas(self, weight: np.ndarray | None = None) -> tuple[float, float]:
        """Return `auc` and `average_precision`, for less than the price of both."""
        tp, fp = self.counts(weight)
        if not len(tp):
            return np.nan, np.nan
        new_tp, new_fp = np.diff(tp, prepend=0.0), np.diff(fp, prepend=0.0)
        below_roc = new_fp @ (tp - new_tp / 2)
        below_precision = new_tp @ (tp / np.maximum(tp + fp, 1e-300))
        auc, precision = _share(below_roc, tp[-1] * fp[-1]), _share(below_precision, tp[-1])
        return float(auc), float(precision)

    def roc(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the ROC curve, from (0, 0) to (1, 1).

        Returns
        -------
        fpr, tpr : ndarray (t + 1,)
            Shares of the negatives and of the positives at or above each threshold.
        """
        tp, fp = (np.append(0.0, count) for count in self.counts())
        return _share(fp, fp[-1]), _share(tp, tp[-1])

    def precision_recall(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the precision-recall curve, recall rising.

        Returns
        -------
        recall, precision : ndarray (t,)
            Of the verdict "at or above" each threshold.
        """
        tp, fp = self.counts()
        return _share(tp, tp[-1:]), _share(tp, tp + fp)


def score_bin(score: np.ndarray, *, bins: int = BINS) -> np.ndarray:
    """Return the bin of each score, [0, 1/bins) to [1 − 1/bins, 1], as int64."""
    return np.minimum((score * bins).astype(np.int64), bins - 1)


def calibration_curve(
    label: np.ndarray, score: np.ndarray, *, bins: int = BINS
) -> dict[str, np.ndarray]:
    """Compare scores with the share of positives among alerts of about that score.

    Returns
    -------
    dict of ndarray (bins,)
        ``low`` and ``high`` edge, ``count``, ``score`` (mean) and ``positive`` (share); NaN in
        an empty bin.
    """
    place = score_bin(score, bins=bins)
    count = np.bincount(place, minlength=bins)
    edges = np.linspace(0.0, 1.0, bins + 1)
    return {
        "low": edges[:-1],
        "high": edges[1:],
        "count": count,
        "score": _share(np.bincount(place, weights=score, minlength=bins), count),
        "positive": _share(np.bincount(place, weights=label, minlength=bins), count),
    }


def calibration_excess(label: np.ndarray, score: np.ndarray, *, bins: int = BINS) -> np.ndarray:
    """Return label − score of each alert in the column of its bin, (n, bins); 0 in the others."""
    excess = np.zeros((len(label), bins))
    excess[np.arange(len(label)), score_bin(score, bins=bins)] = label - score.astype(np.float64)
    return excess


def calibration_error(label: np.ndarray, score: np.ndarray, *, bins: int = BINS) -> float:
    """Return the expected calibration error over bins of equal width.

    The mean over alerts of |share of positives − mean score| of the alert's bin (Guo et al. 2017,
    arXiv 1706.04599).
    """
    excess = calibration_excess(label, score, bins=bins).sum(axis=0)
    return float(_share(np.abs(excess).sum(), len(score)))


def brier(label: np.ndarray, score: np.ndarray) -> float:
    """Return the mean of (score − label)² (Brier 1950); NaN of no alert."""
    error = score.astype(np.float64) - label
    return float(_share(error @ error, len(error)))


def verdict_columns(label: np.ndarray, verdict: np.ndarray) -> np.ndarray:
    """Tell which of `VERDICTS` each alert is: bool (n, 4), one True a row."""
    return np.stack([label & verdict, ~label & verdict, ~label & ~verdict, label & ~verdict], 1)


def confusion(label: np.ndarray, verdict: np.ndarray) -> dict[str, int]:
    """Count true and false positives and negatives."""
    counts = verdict_columns(label, verdict).sum(axis=0)
    return dict(zip(VERDICTS, counts.tolist(), strict=True))


def rates(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Turn counts of verdicts into the usual shares.

    Parameters
    ----------
    counts : ndarray (…, 4)
        In the order of `VERDICTS`.

    Returns
    -------
    dict of ndarray (…)
        ``accuracy``, ``tpr`` (recall, completeness), ``tnr``, ``balanced_accuracy``,
        ``precision`` (purity) and ``f1``; NaN where the denominator is 0.
    """
    tp, fp, tn, fn = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    tpr, tnr = _share(tp, tp + fn), _share(tn, tn + fp)
    return {
        "accuracy": _share(tp + tn, tp + fp + tn + fn),
        "tpr": tpr,
        "tnr": tnr,
        "balanced_accuracy": (tpr + tnr) / 2,
        "precision": _share(tp, tp + fp),
        "f1": _share(2 * tp, 2 * tp + fp + fn),
    }


def _share(part: np.ndarray | float, whole: np.ndarray | float) -> np.ndarray:
    """Divide; what is divided by 0 is NaN."""
    whole = np.asarray(whole, dtype=np.float64)
    return np.asarray(part) / np.where(whole == 0, np.nan, whole)
