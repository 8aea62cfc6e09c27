"""The virtual research assistant: Galactic or not, real or not, transient or not; and a rank.

Learned from the labels of a few dozen alerts, and learned anew whenever people have labelled more:
the weights of a committed round are given by their path, and a job that runs takes new ones with
its next batch.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from skysift.alerts.light_curve import LightCurve, ReferenceSources
from skysift.models.vra import Scorer, check_weights, inputs, load
from skysift.models.vra.dust import DustMap
from skysift.models.vra.history import History
from skysift.science_modules._in_service import InService

log = logging.getLogger(__name__)

OUTPUTS = {"galactic": "float", "real": "float", "transient": "float", "rank": "float"}
SURVEYS = ("ztf",)

FINK_FEATURES = {"": "lc_features_g", "r_": "lc_features_r"}
"""By the suffixes of `inputs.BANDS`, the columns with what Fink has measured already."""

OK, NO_DETECTION, NAN_FEATURE, NO_HISTORY = "ok", "no_detection", "nan_feature", "no_history"


def score(
    light_curve: LightCurve,
    reference_sources: ReferenceSources,
    ra: np.ndarray,
    dec: np.ndarray,
    drb: np.ndarray,
    jdstarthist: np.ndarray,
    ndethist: np.ndarray,
    ncovhist: np.ndarray,
    magnr: np.ndarray,
    distnr: np.ndarray,
    sgscore1: np.ndarray,
    distpsnr1: np.ndarray,
    neargaia: np.ndarray,
    maggaia: np.ndarray,
    neargaiabright: np.ndarray,
    ssdistnr: np.ndarray,
    nmtchps: np.ndarray,
    rb: np.ndarray,
    classtar: np.ndarray,
    fwhm: np.ndarray,
    elong: np.ndarray,
    lc_features_g: np.ndarray,
    lc_features_r: np.ndarray,
    *,
    weights: str | None = None,
    dust: str | None = None,
    min_detections: int = 1,
) -> dict[str, Any]:
    """Probabilities of being Galactic, real and transient, learned from few labels; and a rank.

    Parameters
    ----------
    light_curve, reference_sources
        The alert's history, and the reference sources at its points.
    ra, dec, …, elong : ndarray (n,), float64
        Fields of the alert packet's ``candidate``; NaN is null, and null is no obstacle but in
        the position.
    lc_features_g, lc_features_r : ndarray (n, 6), float64
        What Fink measured of the light curves, where the alert comes from Fink; else we do, with
        the same result.
    weights : str, optional
        A ``.skops`` file or a folder with one: what a round of labelling has left. By default
        what ships with skysift, which learned from simulated alerts.
    dust : str, optional
        Folder with the maps of Schlegel et al. (1998), for the reddening E(B−V); see
        `skysift.models.vra.dust`. Without it this feature is null.
    min_detections : int
        Positive detections that an alert must have, itself included. The published assistant
        looks at none that has only faded below its reference.

    Returns
    -------
    dict
        ``galactic``, ``real``, ``transient``, ``rank`` float32 (n,): probabilities as if yes and
        no were equally common, and the rank from 0 to 10, real and extragalactic first; NaN where
        the weights never learned it. ``status`` object (n,); ``version`` str. Outputs mean nothing
        where `status` is not ``ok``.
    """
    columns = {
        "ra": ra,
        "dec": dec,
        "drb": drb,
        "jdstarthist": jdstarthist,
        "ndethist": ndethist,
        "ncovhist": ncovhist,
        "magnr": magnr,
        "distnr": distnr,
        "sgscore1": sgscore1,
        "distpsnr1": distpsnr1,
        "neargaia": neargaia,
        "maggaia": maggaia,
        "neargaiabright": neargaiabright,
        "ssdistnr": ssdistnr,
        "nmtchps": nmtchps,
        "rb": rb,
        "classtar": classtar,
        "fwhm": fwhm,
        "elong": elong,
        "lc_features_g": lc_features_g,
        "lc_features_r": lc_features_r,
    }
    model, places = _in_service(weights)
    table, status = features(
        light_curve, reference_sources, columns, dust=dust, min_detections=min_detections
    )
    scores = {name: np.full(len(table), np.nan, dtype=np.float32) for name in OUTPUTS}
    sound = status == OK
    for name, values in model.score(table[np.ix_(sound, places)]).items():
        scores[name][sound] = values
    return {**scores, "status": status, "version": model.version}


def prepare(*, weights: str | None, dust: str | None, min_detections: int) -> None:
    """Check that weights and dust maps are there and whole.

    What weights have learned from and alerts do not bring is told in the log: a feature that is
    null here meant something where they learned.

    Raises
    ------
    WeightsError
        If the weights are not.
    ValueError
        If they want features that we do not make, or there are no dust maps.
    """
    check_weights(weights)
    model, _ = _load(weights)
    if dust is not None:
        try:
            _dust_map(dust)
        except FileNotFoundError as error:
            raise ValueError(str(error)) from None
    elif "ebv" in model.seen:
        log.warning("weights %s learned from ebv; without dust maps it is null", model.version)
    if "sep_arcsec" in model.seen:
        log.warning(
            "weights %s learned from sep_arcsec, which no stream has: they may take every alert "
            "for an orphan. Score a table with it, or learn without",
            model.version,
        )


def features(
    light_curve: LightCurve,
    reference_sources: ReferenceSources,
    columns: Mapping[str, np.ndarray],
    *,
    dust: str | None = None,
    min_detections: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Make the table of features, the same for learning and for serving.

    Parameters
    ----------
    light_curve, reference_sources
        Of n alerts.
    columns : mapping of str to ndarray
        The other columns that `score` takes; those of Fink may be absent.
    dust, min_detections
        As in `score`.

    Returns
    -------
    table : ndarray (n, d), float64
        In the order of `skysift.models.vra.inputs.FEATURES`; NaN is null.
    status : ndarray (n,), object
        ``ok``; ``nan_feature`` if the alert has no place or time; ``no_history`` if its history
        is lost, although it was detected before; ``no_detection`` if it has too few positive
        detections.
    """
    history = history_of(light_curve, reference_sources)
    ebv = None if dust is None else _dust_map(dust).ebv(columns["ra"], columns["dec"])
    measured = {s: columns[name] for s, name in FINK_FEATURES.items() if name in columns}
    table = inputs.features(history, columns, ebv=ebv, measured=measured)
    detections = table[:, inputs.FEATURES.index("ndets")]
    now = light_curve.jd[light_curve.offsets[1:] - 1]
    placed = np.isfinite(columns["ra"]) & (np.abs(columns["dec"]) <= 90) & np.isfinite(now)
    lost = light_curve.is_null & (columns["ndethist"] > 1)
    status = np.where(detections >= min_detections, OK, NO_DETECTION).astype(object)
    status[lost] = NO_HISTORY
    status[~placed] = NAN_FEATURE
    return table, status


def history_of(light_curve: LightCurve, reference_sources: ReferenceSources) -> History:
    """Put points and the reference sources behind them together."""
    return History(
        offsets=light_curve.offsets,
        jd=light_curve.jd,
        fid=light_curve.fid,
        magpsf=light_curve.magpsf,
        sigmapsf=light_curve.sigmapsf,
        isdiffpos=light_curve.isdiffpos,
        distnr=reference_sources.distnr,
        magnr=reference_sources.magnr,
        sigmagnr=reference_sources.sigmagnr,
    )


def _load(weights: str | None) -> tuple[Scorer, np.ndarray]:
    """Load weights, with the columns of our table that they look at."""
    model = load(weights)
    return model, _places(model)


_in_service = InService(_load)


def _places(model: Scorer) -> np.ndarray:
    """Find the columns of our table that the weights look at, in their order."""
    unknown = sorted(set(model.features) - set(inputs.FEATURES))
    if unknown:
        raise ValueError(
            f"weights {model.version} look at features that alerts do not have: "
            f"{', '.join(unknown)}. There are: {', '.join(inputs.FEATURES)}"
        )
    return np.array([inputs.FEATURES.index(name) for name in model.features], dtype=np.int64)


@lru_cache(maxsize=2)
def _dust_map(folder: str) -> DustMap:
    return DustMap(folder)
