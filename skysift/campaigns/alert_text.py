"""An alert in a few lines of text: where to look at it, and how its light changed."""

from __future__ import annotations

import numpy as np

from skysift.alerts.batch import AlertBatch
from skysift.alerts.photometry import BANDS
from skysift.marshal.links import BROKERS

SHOWN = ("Lasair", "Fink")
HEIGHTS = "▁▂▃▄▅▆▇█"
MOST = 24
"""Points that are drawn of a band, the latest."""


def describe(alert: AlertBatch) -> str:
    """Describe one alert.

    Parameters
    ----------
    alert : AlertBatch
        Of one row.

    Returns
    -------
    str
        Links to Lasair and Fink, a line of facts, and a line for each band of the light curve:
        brightest above, ``·`` between detections where there was a limit, ``-`` where the
        difference was negative.
    """
    name = str(alert.column("objectId")[0])
    lines = [BROKERS[alert.survey][broker].format(name=name) for broker in SHOWN]
    lines.append(_facts(alert))
    if alert.has("light_curve"):
        lines += _curve_lines(alert)
    return "\n".join(f"  {line}" for line in lines if line)


def _facts(alert: AlertBatch) -> str:
    """Tell what is known in one number each."""
    units = {"magpsf": "mag", "drb": "", "rb": "", "sgscore1": "", "distpsnr1": "″", "ndethist": ""}
    known = []
    for name, unit in units.items():
        value = float(alert.column(name)[0]) if alert.has(name) else np.nan
        if np.isfinite(value):
            known.append(f"{name} {value:.4g}{unit and ' ' + unit}")
    return ", ".join(known)


def _curve_lines(alert: AlertBatch) -> list[str]:
    points = alert.column("light_curve").one(0)
    now = points["jd"][-1]
    lines = []
    for fid, band in enumerate(BANDS):
        of_band = points["fid"] == fid
        if of_band.any():
            order = np.argsort(points["jd"][of_band], kind="stable")
            curve = {key: values[of_band][order] for key, values in points.items()}
            lines.append(f"{band} {_curve_line(curve, now)}")
    return lines


def _curve_line(curve: dict[str, np.ndarray], now: float) -> str:
    seen = np.isfinite(curve["magpsf"])
    added = seen & (curve["isdiffpos"] == 1)
    first = np.flatnonzero(seen)[:1]
    begin = max(int(first[0]) - 2 if len(first) else 0, len(seen) - MOST)
    drawn = "".join(_marks(curve["magpsf"], seen, added)[max(begin, 0) :])
    counted = (
        f"{_count(int(added.sum()), 'detection')}, {int((seen & ~added).sum())} negative, "
        f"{_count(int((~seen).sum()), 'limit')}"
    )
    if not added.any():
        return f"{drawn}  {counted}"
    magnitudes, days = curve["magpsf"][added], now - curve["jd"][added]
    return (
        f"{drawn}  {magnitudes[0]:.2f} → {magnitudes[-1]:.2f} mag in {days[0] - days[-1]:.1f} d, "
        f"last {days[-1]:.1f} d ago; {counted}"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _marks(magnitude: np.ndarray, seen: np.ndarray, added: np.ndarray) -> list[str]:
    """Give each point of a band its character."""
    marks = np.where(seen, "-", "·").astype(object)
    if added.any():
        bright, faint = magnitude[added].min(), magnitude[added].max()
        step = (faint - magnitude[added]) / max(faint - bright, 0.1)
        marks[added] = [HEIGHTS[int(height)] for height in np.round(step * (len(HEIGHTS) - 1))]
    return list(marks)
