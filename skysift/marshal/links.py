"""Where else an object can be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from skysift.marshal.open_alert import OpenAlert

BROKERS = {
    "ztf": {
        "Lasair": "https://lasair-ztf.lsst.ac.uk/objects/{name}/",
        "Fink": "https://ztf.fink-portal.org/{name}",
        "ALeRCE": "https://alerce.online/object/{name}",
    },
    "lsst": {
        "Lasair": "https://lasair.lsst.ac.uk/objects/{name}/",
        "Fink": "https://lsst.fink-portal.org/{name}",
        "ALeRCE": "https://lsst.alerce.online/object/{name}?survey=lsst",
    },
}

SIMBAD = "https://simbad.cds.unistra.fr/simbad/sim-coo"
SIMBAD_RADIUS = 30
"""Of the search about the place [arcsec]."""

ALADIN = "https://aladin.cds.unistra.fr/AladinLite/"
ALADIN_FIELD = 0.05
"""Width of what is shown [deg]."""


@dataclass(frozen=True)
class Link:
    """A page elsewhere."""

    name: str
    address: str


def links_of(alert: OpenAlert) -> list[Link]:
    """List the pages of brokers about an alert's object, and of catalogues about its place."""
    return [*_brokers(alert), *_places(alert.value("ra"), alert.value("dec"))]


def _brokers(alert: OpenAlert) -> list[Link]:
    # LSST's orphans and solar-system sources belong to no object that brokers have a page of.
    name = alert.value("objectId") if alert.survey == "ztf" else alert.value("diaObjectId")
    if not name:
        return []
    safe = quote(str(name), safe="")
    return [Link(k, url.format(name=safe)) for k, url in BROKERS[alert.survey].items()]


def _places(ra: float | None, dec: float | None) -> list[Link]:
    if ra is None or dec is None:
        return []
    where = f"{ra:.6f} {dec:+.6f}"
    simbad = {"Coord": where, "Radius": SIMBAD_RADIUS, "Radius.unit": "arcsec"}
    aladin = {"target": where, "fov": ALADIN_FIELD}
    return [
        Link("SIMBAD", f"{SIMBAD}?{urlencode(simbad)}"),
        Link("Aladin", f"{ALADIN}?{urlencode(aladin)}"),
    ]
