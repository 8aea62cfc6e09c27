"""Who, when, where and how bright: what stands above the stamps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from astropy import units
from astropy.coordinates import SkyCoord

from skysift.marshal.open_alert import OpenAlert

J2000 = 2451545.0
"""Julian date of 2000-01-01 12:00."""

JD_KNOWN = (2400000.0, 2600000.0)
"""Julian dates that are shown as dates; others are no night of ours."""


@dataclass(frozen=True)
class Headline:
    """What is shown of an alert before anything else; texts are empty where nothing is known."""

    object: str
    alert_id: int
    survey: str
    time: str
    brightness: str
    negative: bool
    degrees: str
    sexagesimal: str
    galactic: str


def headline_of(alert: OpenAlert) -> Headline:
    """Tell it of an alert."""
    degrees, sexagesimal, galactic = _place(alert.value("ra"), alert.value("dec"))
    return Headline(
        object=alert.entry.object,
        alert_id=alert.entry.alert_id,
        survey=alert.survey.upper(),
        time=utc(alert.value("jd")),
        brightness=_brightness(alert),
        negative=alert.value("isdiffpos") == 0,
        degrees=degrees,
        sexagesimal=sexagesimal,
        galactic=galactic,
    )


def utc(jd: float | None) -> str:
    """Tell a Julian date as date and time."""
    if jd is None or not JD_KNOWN[0] < jd < JD_KNOWN[1]:
        return ""
    return f"{datetime(2000, 1, 1, 12) + timedelta(days=jd - J2000):%Y-%m-%d %H:%M} UTC"


def _brightness(alert: OpenAlert) -> str:
    band, mag, sigma = (alert.value(name) for name in ("band", "magpsf", "sigmapsf"))
    if mag is None:
        return f"{band or '?'}, no magnitude"
    error = "" if sigma is None else f" ± {sigma:.2f}"
    return f"{band or '?'} = {mag:.2f}{error}"


def _place(ra: float | None, dec: float | None) -> tuple[str, str, str]:
    if ra is None or dec is None or abs(dec) > 90:
        return "", "", ""
    where = SkyCoord(ra * units.deg, dec * units.deg)
    return (
        f"{ra:.5f} {dec:+.5f}",
        str(where.to_string("hmsdms", sep=":", precision=1)),
        f"l {where.galactic.l.deg:.1f}°, b {where.galactic.b.deg:+.1f}°",
    )
