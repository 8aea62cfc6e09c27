"""Columns that mean the same in every survey, under ZTF's names."""

from __future__ import annotations

from skysift.alerts.column import Column

# What the points of a light curve are made from, for the history and for the alert itself.
ZTF_POINT = ("jd", "fid", "magpsf", "sigmapsf", "diffmaglim", "isdiffpos")
LSST_POINT = ("midpointMjdTai", "band", "psfFlux", "psfFluxErr")


def _paths(prefix: str, fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{prefix}.{name}" for name in fields)


SHARED_COLUMNS = (
    Column(
        "alert_id", "id", "", "Identifier of the alert in its survey", nullable=False,
        paths={"ztf": ("candid",), "lsst": ("diaSource.diaSourceId",)},
    ),
    Column(
        "objectId", "text", "",
        "Name of the object; for LSST the number of the diaObject, else of the ssObject",
        paths={"ztf": ("objectId",), "lsst": ("diaSource.diaObjectId", "diaSource.ssObjectId")},
    ),
    Column(
        "jd", "float", "d", "Julian date, UTC: start of the ZTF exposure, middle of the LSST visit",
        nullable=False, low=2400000.5,
        paths={"ztf": ("candidate.jd",), "lsst": ("diaSource.midpointMjdTai",)},
    ),
    Column(
        "ra", "float", "deg", "Right ascension, ICRS", nullable=False, low=0, high=360,
        paths={"ztf": ("candidate.ra",), "lsst": ("diaSource.ra",)},
    ),
    Column(
        "dec", "float", "deg", "Declination, ICRS", nullable=False, low=-90, high=90,
        paths={"ztf": ("candidate.dec",), "lsst": ("diaSource.dec",)},
    ),
    Column(
        "band", "text", "", "Name of the filter: u, g, r, i, z or y",
        paths={"ztf": ("candidate.fid",), "lsst": ("diaSource.band",)},
    ),
    Column(
        "fid", "int", "", "Number of the filter: u 0, g 1, r 2, i 3, z 4, y 5", low=0, high=5,
        paths={"ztf": ("candidate.fid",), "lsst": ("diaSource.band",)},
    ),
    Column(
        "magpsf", "float", "mag",
        "AB magnitude of the difference, PSF fit; null for a negative LSST flux",
        paths={"ztf": ("candidate.magpsf",), "lsst": ("diaSource.psfFlux",)},
    ),
    Column(
        "sigmapsf", "float", "mag", "1-sigma error of magpsf", low=0,
        paths={
            "ztf": ("candidate.sigmapsf",),
            "lsst": ("diaSource.psfFlux", "diaSource.psfFluxErr"),
        },
    ),
    Column(
        "snr", "float", "", "Signal-to-noise ratio of the detection; for ZTF of magpsf",
        paths={"ztf": ("candidate.sigmapsf",), "lsst": ("diaSource.snr",)},
    ),
    Column(
        "isdiffpos", "bool", "", "Whether science minus template is positive", low=0, high=1,
        paths={"ztf": ("candidate.isdiffpos",), "lsst": ("diaSource.psfFlux",)},
    ),
    Column(
        "light_curve", "derived", "", "The history with the alert as its last point (LightCurve)",
        nullable=False,
        paths={
            "ztf": _paths("prv_candidates", ZTF_POINT) + _paths("candidate", ZTF_POINT),
            "lsst": _paths("prvDiaSources", LSST_POINT) + _paths("diaSource", LSST_POINT),
        },
        # Brokers' history columns often leave the limits out.
        optional=frozenset({"prv_candidates.diffmaglim", "candidate.diffmaglim"}),
    ),
    Column(
        "stamps", "derived", "", "Science, template and difference images (Stamps)",
        nullable=False,
        paths={
            "ztf": (
                "cutoutScience.stampData", "cutoutTemplate.stampData", "cutoutDifference.stampData"
            ),
            "lsst": ("cutoutScience", "cutoutTemplate", "cutoutDifference"),
        },
    ),
)  # fmt: skip
