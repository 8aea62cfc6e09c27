"""What the VRA looks at beside the published features: the table of them, and how they are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from skysift.models.vra.history import History
from skysift.models.vra.sky import centre_distance, ecliptic_latitude, galactic

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Context:
    """A feature.

    Attributes
    ----------
    unit, source, doc : str
        For people; `source` tells where the number comes from.
    make : callable
        ``make(history, columns) -> ndarray (n,)``.
    """

    unit: str
    source: str
    doc: str
    make: Callable[[History, Columns], np.ndarray]


def _copied(name: str, unit: str, doc: str, low: float) -> Context:
    """Declare a field of the packet, null where it lies below what it can be: ZTF's sentinels."""

    def make(history: History, columns: Columns) -> np.ndarray:
        values = _column(columns, name, history)
        return np.where(values >= low, values, np.nan)

    return Context(unit, f"packet, {name}", doc, make)


def _column(columns: Columns, name: str, history: History) -> np.ndarray:
    """Return a column, null where the survey has none."""
    return columns[name] if name in columns else np.full(len(history), np.nan)


def _now(history: History) -> np.ndarray:
    """Return the place of each alert's own point."""
    return history.offsets[1:] - 1


def _galactic_latitude(history: History, columns: Columns) -> np.ndarray:
    return np.abs(galactic(columns["ra"], columns["dec"])[1])


def _centre_distance(history: History, columns: Columns) -> np.ndarray:
    return centre_distance(columns["ra"], columns["dec"])


def _ecliptic_latitude(history: History, columns: Columns) -> np.ndarray:
    return np.abs(ecliptic_latitude(columns["ra"], columns["dec"]))


def _previous(history: History) -> np.ndarray:
    """Find each alert's latest earlier detection of its band and sign; −1 where there is none."""
    now = _now(history)
    alike = np.isfinite(history.magpsf)
    for values in (history.fid, history.isdiffpos):
        alike &= values == values[now][history.owner]
    alike &= history.jd < history.jd[now][history.owner]
    places = np.flatnonzero(alike)
    places = places[np.argsort(history.jd[places], kind="stable")]
    previous = np.full(len(history), -1)
    previous[history.owner[places]] = places
    return previous


def _rise_rate(history: History, columns: Columns) -> np.ndarray:
    now, previous = _now(history), _previous(history)
    days = history.jd[now] - history.jd[previous]
    brighter = history.magpsf[previous] - history.magpsf[now]
    return np.where(previous >= 0, brighter / np.where(days > 0, days, np.nan), np.nan)


def _colour(history: History, columns: Columns) -> np.ndarray:
    """Take the last detection in each band, of light that was added."""
    last = []
    for band in (1, 2):
        places = np.flatnonzero(history.positive & (history.fid == band))
        places = places[np.argsort(history.jd[places], kind="stable")]
        latest = np.full(len(history), np.nan)
        latest[history.owner[places]] = history.magpsf[places]
        last.append(latest)
    return last[0] - last[1]


def _negative_share(history: History, columns: Columns) -> np.ndarray:
    seen = np.isfinite(history.magpsf)
    count = np.bincount(history.owner[seen], minlength=len(history))
    negative = np.bincount(history.owner[seen & (history.isdiffpos == 0)], minlength=len(history))
    return negative / np.where(count > 0, count, np.nan)


def _age(history: History, columns: Columns) -> np.ndarray:
    return history.jd[_now(history)] - _column(columns, "jdstarthist", history)


def _detected_share(history: History, columns: Columns) -> np.ndarray:
    covered = _column(columns, "ncovhist", history)
    detected = _column(columns, "ndethist", history)
    return detected / np.where(covered > 0, covered, np.nan)


def _contrast(history: History, columns: Columns) -> np.ndarray:
    reference = _column(columns, "magnr", history)
    return history.magpsf[_now(history)] - np.where(reference > 0, reference, np.nan)


CONTEXT: dict[str, Context] = {
    "galactic_latitude": Context("deg", "ra, dec", "Distance from the plane", _galactic_latitude),
    "centre_distance": Context("deg", "ra, dec", "From the Galactic centre", _centre_distance),
    "ecliptic_latitude": Context("deg", "ra, dec", "From the ecliptic", _ecliptic_latitude),
    "colour": Context("mag", "history", "Last g − last r, positive differences", _colour),
    "rise_rate": Context(
        "mag/day", "history", "Brightening since the last detection of this band and sign",
        _rise_rate,
    ),
    "negative_share": Context("0–1", "history", "Detections that are negative", _negative_share),
    "age": Context("d", "packet, jdstarthist", "Since the first detection at all", _age),
    "detected_share": Context(
        "0–1", "packet, ndethist / ncovhist", "Visits that saw it", _detected_share
    ),
    "contrast": Context("mag", "packet, magpsf − magnr", "Against the reference", _contrast),
    "distnr": _copied("distnr", "px", "Distance to the nearest reference source", 0),
    "sgscore1": _copied("sgscore1", "0–1", "Nearest PS1 source: galaxy 0, star 1", 0),
    "distpsnr1": _copied("distpsnr1", "arcsec", "Distance to the nearest PS1 source", 0),
    "neargaia": _copied("neargaia", "arcsec", "Distance to the nearest Gaia source", 0),
    "maggaia": _copied("maggaia", "mag", "G magnitude of that Gaia source", 0),
    "neargaiabright": _copied("neargaiabright", "arcsec", "To a Gaia star of < 14 mag", 0),
    "ssdistnr": _copied("ssdistnr", "arcsec", "Distance to a known asteroid", 0),
    "nmtchps": _copied("nmtchps", "count", "PS1 sources within 30 arcsec", 0),
    "rb": _copied("rb", "0–1", "Real–bogus, random forest", 0),
    "classtar": _copied("classtar", "0–1", "SExtractor: extended 0, star-like 1", 0),
    "fwhm": _copied("fwhm", "px", "Width at half maximum", 0),
    "elong": _copied("elong", "", "Major over minor axis", 0),
}  # fmt: skip
"""The features, in their order."""

COLUMNS = (
    "ra", "dec", "jdstarthist", "ndethist", "ncovhist", "magnr", "distnr", "sgscore1",
    "distpsnr1", "neargaia", "maggaia", "neargaiabright", "ssdistnr", "nmtchps", "rb", "classtar",
    "fwhm", "elong",
)  # fmt: skip
"""Columns of an alert that they are made from; all but the position may be absent."""


def context(history: History, columns: Columns) -> dict[str, np.ndarray]:
    """Make the context features of n alerts.

    Parameters
    ----------
    history : History
    columns : mapping of str to ndarray (n,), float64
        Of `COLUMNS`, what there is; NaN is null.

    Returns
    -------
    dict of str to ndarray (n,), float64
        In the order of `CONTEXT`; NaN is null.
    """
    return {name: feature.make(history, columns) for name, feature in CONTEXT.items()}
