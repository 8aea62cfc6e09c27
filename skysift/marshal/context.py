"""What the packet says of the surroundings: columns in groups, each with its unit and meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skysift.alerts.columns import Column, column
from skysift.marshal.open_alert import OpenAlert

GROUPS = {
    "ztf": {
        "Detection": (
            "drb", "rb", "fwhm", "elong", "classtar", "scorr", "nbad", "nneg", "diffmaglim",
        ),
        "Reference source": ("distnr", "magnr", "sigmagnr", "chinr", "sharpnr"),
        "Gaia": ("neargaia", "maggaia", "neargaiabright", "maggaiabright"),
        "History": ("ndethist", "ncovhist", "jdstarthist"),
        "Solar system": ("ssnamenr", "ssdistnr", "ssmagnr"),
        "Catalogues": ("cdsxmatch",),
    },
    "lsst": {
        "Detection": (
            "reliability", "snr", "extendedness", "isDipole", "isNegative", "pixelFlags",
            "trailLength", "trailAngle",
        ),
        "Fluxes": (
            "psfFlux", "psfFluxErr", "apFlux", "apFluxErr", "scienceFlux", "templateFlux",
        ),
        "History": ("nDiaSources", "firstDiaSourceMjdTai", "lastDiaSourceMjdTai"),
    },
}  # fmt: skip

PS1 = ("distpsnr", "sgscore", "sgmag", "srmag", "simag", "szmag")
"""What a ZTF packet says of each of the three nearest Pan-STARRS 1 sources."""

NEIGHBOURS = 3


NO_VALUE = -999.0
"""What ZTF writes where there is nothing."""

NO_TEXT = ("", "null", "None")

MANY_DIGITS = 1e4
"""From here on a number is shown without decimals."""


@dataclass(frozen=True)
class Fact:
    """A column's name, its value as it is shown, its unit, what it means.

    A value of None is shown as missing: null, or a number that means none, such as −999.
    """

    name: str
    value: str | None
    unit: str
    meaning: str


def groups_of(alert: OpenAlert) -> dict[str, list[Fact]]:
    """Tell the surroundings; columns that the alert's survey does not have are left out."""
    groups = {
        title: [fact_of(alert, name) for name in names if alert.batch.has(name)]
        for title, names in GROUPS[alert.survey].items()
    }
    return {title: facts for title, facts in groups.items() if facts}


def neighbours_of(alert: OpenAlert) -> tuple[Sequence[str], list[list[Fact]]]:
    """Tabulate the Pan-STARRS 1 neighbours, if the alert says anything of them.

    Returns
    -------
    names : sequence of str
        Of the columns, without the neighbour's number.
    rows : list of list of Fact
        One a neighbour; those of which nothing is known are left out.
    """
    rows = [
        [fact_of(alert, f"{name}{rank}") for name in PS1]
        for rank in range(1, NEIGHBOURS + 1)
        if alert.batch.has(f"{PS1[0]}{rank}")
    ]
    return PS1, [row for row in rows if any(fact.value is not None for fact in row)]


def fact_of(alert: OpenAlert, name: str) -> Fact:
    """Tell one column."""
    about = column(name)
    value = alert.value(name) if alert.batch.has(name) else None
    if isinstance(value, float):
        low = about.low is not None and value < about.low
        high = about.high is not None and value > about.high
        none = low or high or value == NO_VALUE
        told = None if none else _told(alert, value, about)
    else:
        told = None if value is None or value in NO_TEXT else str(value)
    return Fact(name, told, about.unit, about.doc)


def _told(alert: OpenAlert, value: float, about: Column) -> str:
    if about.kind == "bool":
        return "yes" if value else "no"
    if about.unit == "d":  # a date: what matters is how long ago
        now = alert.value("jd" if about.low else "midpointMjdTai")
        return f"{value:.3f}" if now is None else f"{now - value:.1f} d ago"
    if value == int(value) or abs(value) >= MANY_DIGITS:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"
