"""Columns that only LSST alerts have: what filters use of ``diaSource`` and ``diaObject``."""

from __future__ import annotations

from skysift.alerts.column import Column, Kind


def _source(
    name: str,
    kind: Kind,
    unit: str,
    doc: str,
    low: float | None = None,
    high: float | None = None,
) -> Column:
    return Column(name, kind, unit, doc, True, low, high, paths={"lsst": (f"diaSource.{name}",)})


def _object(name: str, kind: Kind, unit: str, doc: str) -> Column:
    return Column(name, kind, unit, doc, paths={"lsst": (f"diaObject.{name}",)})


LSST_COLUMNS = (
    # Where it comes from
    _source("diaObjectId", "id", "", "Object that the detection belongs to"),
    _source("ssObjectId", "id", "", "Solar-system object that the detection belongs to"),
    _source("visit", "int", "", "Number of the visit"),
    _source("detector", "int", "", "Number of the detector", 0),
    _source("midpointMjdTai", "float", "d", "Modified Julian date of the middle, TAI"),
    # Brightness
    _source("psfFlux", "float", "nJy", "Flux of the difference, PSF fit"),
    _source("psfFluxErr", "float", "nJy", "1-sigma error of psfFlux", 0),
    _source("apFlux", "float", "nJy", "Flux of the difference in an aperture"),
    _source("apFluxErr", "float", "nJy", "1-sigma error of apFlux", 0),
    _source("scienceFlux", "float", "nJy", "Flux in the science image, forced PSF"),
    _source("scienceFluxErr", "float", "nJy", "1-sigma error of scienceFlux", 0),
    _source("templateFlux", "float", "nJy", "Flux in the template, forced PSF"),
    _source("templateFluxErr", "float", "nJy", "1-sigma error of templateFlux", 0),
    _source("isNegative", "bool", "", "Whether it was detected as negative", 0, 1),
    # Shape
    _source("reliability", "float", "", "Real (1) or bogus (0)", 0, 1),
    _source("extendedness", "float", "", "Extended (1) or point-like (0)", 0, 1),
    _source("isDipole", "bool", "", "Whether a dipole fits better than a point", 0, 1),
    _source("trailLength", "float", "arcsec", "Length of the fitted trail", 0),
    _source("trailAngle", "float", "deg", "Position angle of the fitted trail"),
    _source("trailFlux", "float", "nJy", "Flux of the fitted trail"),
    _source("pixelFlags", "bool", "", "Whether any flag of the pixels is set", 0, 1),
    # History of the object
    _object("nDiaSources", "int", "", "Detections of the object"),
    _object("firstDiaSourceMjdTai", "float", "d", "Its first detection, modified JD, TAI"),
    _object("lastDiaSourceMjdTai", "float", "d", "Its last detection, modified JD, TAI"),
)
