"""Columns that only ZTF alerts have: the scalars of the packet and of its ``candidate``."""

from __future__ import annotations

from skysift.alerts import _fink_features
from skysift.alerts.column import Column, Kind

REFERENCE = ("distnr", "magnr", "sigmagnr")
"""What each point of a history tells of the nearest source of the reference image."""


def _packet(name: str, kind: Kind, doc: str) -> Column:
    return Column(name, kind, "", doc, nullable=False, paths={"ztf": (name,)})


def _candidate(
    name: str,
    kind: Kind,
    unit: str,
    doc: str,
    low: float | None = None,
    high: float | None = None,
    *,
    nullable: bool = True,
    since: str | None = None,
) -> Column:
    return Column(
        name, kind, unit, doc, nullable, low, high,
        paths={"ztf": (f"candidate.{name}",)},
        since={"ztf": since} if since else {},
    )  # fmt: skip


def _fink_features_of(band: str) -> Column:
    """Describe what Fink measured of the light curve in one band."""
    name = f"lc_features_{band}"
    paths = _fink_features.paths(name)
    return Column(
        name, "derived", "",
        f"Six features of the {band} light curve, as Fink measured them (ndarray)",
        paths={"ztf": paths}, optional=frozenset(paths),
    )  # fmt: skip


def _neighbour(rank: int, which: str) -> tuple[Column, ...]:
    """Describe one of the three nearest Pan-STARRS 1 sources within 30 arcsec."""
    source = f"the {which} PS1 source"
    return (
        _candidate(f"objectidps{rank}", "id", "", f"Identifier of {source}"),
        *(
            _candidate(f"s{band}mag{rank}", "float", "mag", f"{band} magnitude of {source}")
            for band in "griz"
        ),
        _candidate(
            f"sgscore{rank}", "float", "", f"Star-like (1) or galaxy-like (0): {source}", 0, 1
        ),
        _candidate(f"distpsnr{rank}", "float", "arcsec", f"Distance to {source}", 0, 30),
    )


ZTF_COLUMNS = (
    _packet("candid", "id", "Identifier of the alert, the same as alert_id"),
    _packet("schemavsn", "text", "Version of the packet's schema"),
    _packet("publisher", "text", "Who published the packet"),
    # Where the image comes from
    _candidate("pid", "int", "", "Processing identifier of the science image", nullable=False),
    _candidate("pdiffimfilename", "text", "", "File of the difference image"),
    _candidate("programpi", "text", "", "Investigator of the observing programme"),
    _candidate(
        "programid", "int", "", "Observing programme: 1 public, 2 partnership, 3 Caltech", 0, 3,
        nullable=False,
    ),
    _candidate("tblid", "int", "", "Number of the detection in the pipeline's table"),
    _candidate("nid", "int", "", "Number of the night"),
    _candidate("rcid", "int", "", "Readout channel", 0, 63),
    _candidate("field", "int", "", "Number of the sky field"),
    _candidate("exptime", "float", "s", "Exposure time", 0),
    _candidate("tooflag", "int", "", "1 if taken as a target of opportunity, else 0", 0, 1),
    # The detection
    _candidate("diffmaglim", "float", "mag", "5-sigma limit of the difference image"),
    _candidate("xpos", "float", "px", "Column of the detection in the image"),
    _candidate("ypos", "float", "px", "Row of the detection in the image"),
    _candidate("chipsf", "float", "", "Reduced chi-square of the PSF fit", 0),
    _candidate("magap", "float", "mag", "Aperture magnitude, 14 px across"),
    _candidate("sigmagap", "float", "mag", "1-sigma error of magap", 0),
    _candidate("magapbig", "float", "mag", "Aperture magnitude, 18 px across"),
    _candidate("sigmagapbig", "float", "mag", "1-sigma error of magapbig", 0),
    _candidate("magdiff", "float", "mag", "magap - magpsf"),
    _candidate("magfromlim", "float", "mag", "diffmaglim - magap"),
    _candidate("sky", "float", "DN", "Local background"),
    _candidate("fwhm", "float", "px", "Width of the detection at half maximum, Gaussian core", 0),
    _candidate("classtar", "float", "", "SExtractor: star-like (1) or extended (0)", 0, 1),
    _candidate("mindtoedge", "float", "px", "Distance to the nearest edge of the image"),
    _candidate("seeratio", "float", "", "Width in the difference / width in the science image"),
    _candidate("aimage", "float", "px", "RMS along the major axis"),
    _candidate("bimage", "float", "px", "RMS along the minor axis"),
    _candidate("aimagerat", "float", "", "aimage / fwhm"),
    _candidate("bimagerat", "float", "", "bimage / fwhm"),
    _candidate("elong", "float", "", "aimage / bimage"),
    _candidate("nneg", "int", "", "Negative pixels among the central 5 x 5", 0, 25),
    _candidate("nbad", "int", "", "Bad pixels among the central 5 x 5", 0, 25),
    _candidate("sumrat", "float", "", "Sum / sum of absolutes of the central 5 x 5", -1, 1),
    _candidate("dsnrms", "float", "", "Difference / its standard deviation, at the detection"),
    _candidate("ssnrms", "float", "", "dsnrms after matched filtering"),
    _candidate("dsdiff", "float", "", "dsnrms - ssnrms"),
    _candidate("scorr", "float", "", "Peak signal-to-noise of the matched-filtered difference"),
    # Real or bogus
    _candidate("rb", "float", "", "Real (1) or bogus (0), random forest", 0, 1),
    _candidate("rbversion", "text", "", "Version of the classifier behind rb", nullable=False),
    _candidate("drb", "float", "", "Real (1) or bogus (0), deep network", 0, 1, since="3.3"),
    _candidate("drbversion", "text", "", "Version of the network behind drb", since="3.3"),
    # Earlier detections at the place
    _candidate(
        "ndethist", "int", "", "Detections within 1.5 arcsec since the survey began, this one too",
        0, nullable=False,
    ),
    _candidate("ncovhist", "int", "", "Times the place was observed", 0, nullable=False),
    _candidate("jdstarthist", "float", "d", "Julian date of the first of ndethist", 2400000.5),
    _candidate("jdendhist", "float", "d", "Julian date of the last of ndethist", 2400000.5),
    # Nearest source of the reference image
    _candidate("ranr", "float", "deg", "RA of the reference source", 0, 360, nullable=False),
    _candidate("decnr", "float", "deg", "Dec of the reference source", -90, 90, nullable=False),
    _candidate("distnr", "float", "px", "Distance to the nearest reference source", 0),
    _candidate("magnr", "float", "mag", "Magnitude of the reference source"),
    _candidate("sigmagnr", "float", "mag", "1-sigma error of magnr", 0),
    Column(
        "cdsxmatch", "text", "",
        "Type of what SIMBAD has within 1 arcsec, as Fink tells it; Unknown for nothing",
        paths={"ztf": ("cdsxmatch",)}, optional=frozenset({"cdsxmatch"}),
    ),
    _fink_features_of("g"),
    _fink_features_of("r"),
    Column(
        "reference_sources", "derived", "",
        "distnr, magnr and sigmagnr of each point of the light curve (ReferenceSources)",
        nullable=False,
        paths={
            "ztf": tuple(
                f"{group}.{name}" for group in ("prv_candidates", "candidate") for name in REFERENCE
            )
        },
    ),
    _candidate("chinr", "float", "", "DAOPhot chi of the reference source"),
    _candidate("sharpnr", "float", "", "DAOPhot sharpness of the reference source"),
    _candidate("rfid", "int", "", "Processing identifier of the reference", nullable=False),
    _candidate("jdstartref", "float", "d", "First exposure of the reference", nullable=False),
    _candidate("jdendref", "float", "d", "Last exposure of the reference", nullable=False),
    _candidate("nframesref", "int", "", "Exposures in the reference", 0, nullable=False),
    # Nearest known solar-system object, within 30 arcsec
    _candidate("ssdistnr", "float", "arcsec", "Distance to the nearest known asteroid", 0, 30),
    _candidate("ssmagnr", "float", "mag", "Predicted magnitude of that asteroid"),
    _candidate("ssnamenr", "text", "", "Name of that asteroid"),
    # Nearest Pan-STARRS 1 sources, within 30 arcsec
    _candidate("nmtchps", "int", "", "PS1 sources within 30 arcsec", 0, nullable=False),
    *_neighbour(1, "nearest"),
    *_neighbour(2, "second nearest"),
    *_neighbour(3, "third nearest"),
    # Nearest Gaia sources, within 90 arcsec
    _candidate("neargaia", "float", "arcsec", "Distance to the nearest Gaia source", 0, 90),
    _candidate("maggaia", "float", "mag", "G magnitude of the nearest Gaia source"),
    _candidate("neargaiabright", "float", "arcsec", "Distance to a Gaia star of < 14 mag", 0, 90),
    _candidate("maggaiabright", "float", "mag", "G magnitude of that Gaia star"),
    # Photometric calibration of the science image
    _candidate("nmatches", "int", "", "PS1 stars used for the calibration", 0, nullable=False),
    _candidate("magzpsci", "float", "mag", "Photometric zero point of the science image"),
    _candidate("magzpsciunc", "float", "mag", "1-sigma error of magzpsci"),
    _candidate("magzpscirms", "float", "mag", "Scatter of the stars about the calibration"),
    _candidate("zpmed", "float", "mag", "Zero point as the median over the stars"),
    _candidate("clrcoeff", "float", "", "Colour coefficient"),
    _candidate("clrcounc", "float", "", "1-sigma error of clrcoeff"),
    _candidate("zpclrcov", "float", "mag2", "Covariance of magzpsci and clrcoeff"),
    _candidate("clrmed", "float", "mag", "Median colour of the stars: g-r for g and r, r-i for i"),
    _candidate("clrrms", "float", "mag", "Scatter of that colour"),
)  # fmt: skip
