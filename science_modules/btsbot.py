"""BTSbot: is this alert a bright extragalactic transient, worth a spectrum?

The score of Rehemtulla et al. (2024, ApJ 972, 7): from the three stamps and 25 numbers of the
alert packet, the probability-like score in [0, 1] that the source is a real extragalactic
transient that peaks at 18.5 mag or brighter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skysift.alerts.light_curve import LightCurve
from skysift.alerts.stamps import Stamps
from skysift.models.btsbot import check_weights, inputs, load

OUTPUTS = {"score": "float"}
SURVEYS = ("ztf",)

OK = "ok"


def score(
    stamps: Stamps,
    light_curve: LightCurve,
    sgscore1: np.ndarray,
    distpsnr1: np.ndarray,
    sgscore2: np.ndarray,
    distpsnr2: np.ndarray,
    fwhm: np.ndarray,
    magpsf: np.ndarray,
    sigmapsf: np.ndarray,
    chipsf: np.ndarray,
    ra: np.ndarray,
    dec: np.ndarray,
    diffmaglim: np.ndarray,
    ndethist: np.ndarray,
    nmtchps: np.ndarray,
    jdstarthist: np.ndarray,
    rb: np.ndarray,
    drb: np.ndarray,
    ncovhist: np.ndarray,
    chinr: np.ndarray,
    sharpnr: np.ndarray,
    scorr: np.ndarray,
    sky: np.ndarray,
    *,
    weights: str | None = None,
    compat: bool = False,
) -> dict[str, Any]:
    """Bright extragalactic transient score, from stamps and 25 features.

    Parameters
    ----------
    stamps, light_curve
        The alert's science, template and difference stamps, and its history.
    sgscore1, distpsnr1, …, sky : ndarray (n,), float64
        Fields of the alert packet's ``candidate``; NaN is null.
    weights : str, optional
        A ``.keras`` file or a folder with one. By default the network that ships with skysift,
        which was trained on simulation.
    compat : bool
        Score what the published deployment scores: ``-999`` passes as a number and a missing
        ``drb`` is replaced by ``rb``. By default such alerts get a status and no score.

    Returns
    -------
    dict
        ``score`` float32 (n,), NaN where `status` is not ``ok``; ``status`` object (n,);
        ``version`` str.
    """
    columns = {
        "sgscore1": sgscore1,
        "distpsnr1": distpsnr1,
        "sgscore2": sgscore2,
        "distpsnr2": distpsnr2,
        "fwhm": fwhm,
        "magpsf": magpsf,
        "sigmapsf": sigmapsf,
        "chipsf": chipsf,
        "ra": ra,
        "dec": dec,
        "diffmaglim": diffmaglim,
        "ndethist": ndethist,
        "nmtchps": nmtchps,
        "jdstarthist": jdstarthist,
        "rb": rb,
        "drb": drb,
        "ncovhist": ncovhist,
        "chinr": chinr,
        "sharpnr": sharpnr,
        "scorr": scorr,
        "sky": sky,
    }
    model = load(weights)
    triplet, metadata, status, _ = model_inputs(
        stamps, light_curve, columns, preprocessing=model.preprocessing, compat=compat
    )
    scorable = np.flatnonzero(status == OK)
    scores = np.full(len(status), np.nan, dtype=np.float32)
    if len(scorable):
        answer = model.score(triplet=triplet[scorable], metadata=metadata[scorable])
        scores[scorable] = answer["score"]
    return {"score": scores, "status": status, "version": model.version}


def prepare(*, weights: str | None, compat: bool) -> None:
    """Check that the weights are there and whole, without loading them.

    Raises
    ------
    WeightsError
        If they are not.
    """
    check_weights(weights)


def model_inputs(
    stamps: Stamps,
    light_curve: LightCurve,
    columns: Mapping[str, np.ndarray],
    *,
    preprocessing: str,
    compat: bool = False,
    may_miss: Sequence[str] = (),
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Build the network's inputs, the same for training and for serving.

    Parameters
    ----------
    stamps, light_curve
        Of n alerts.
    columns : mapping of str to ndarray (n,)
        The other columns that `score` takes.
    preprocessing : str
        See `inputs.triplets`.
    compat : bool
        The published treatment of missing values, see `score`.
    may_miss : sequence of str
        Features in which −999 passes even without `compat`, for networks that mask it.

    Returns
    -------
    triplet : ndarray (n, 63, 63, 3), float32
    metadata : ndarray (n, 25), float32
    status : ndarray (n,), object
        ``ok`` or the first reason why the row cannot be scored.
    damaged : ndarray (n,), bool
        Pixels had to be filled.
    """
    triplet, stamp_status, damaged = inputs.triplets(stamps.images, preprocessing=preprocessing)
    metadata, feature_status = features(light_curve, columns, compat=compat, may_miss=may_miss)
    status = first_reason(stamps.status, stamp_status, feature_status)
    return triplet, metadata, status, damaged


def features(
    light_curve: LightCurve,
    columns: Mapping[str, np.ndarray],
    *,
    compat: bool = False,
    may_miss: Sequence[str] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """Build the 25 features from the packet alone; see `model_inputs`.

    An alert without a history, null or empty, although it was detected before (``ndethist`` > 1)
    gets ``no_history``: its age and peak would be wrong (measured on the published network, a
    missing history moves a supernova's score from 0.99 to 0.33).
    """
    history = inputs.history_features(
        light_curve.offsets, light_curve.jd, light_curve.magpsf, columns["jdstarthist"]
    )
    metadata, status = inputs.metadata({**columns, **history}, compat=compat, may_miss=may_miss)
    if compat:
        return metadata, status
    alone = np.diff(light_curve.offsets) == 1
    lost = alone & (columns["ndethist"] > 1)
    return metadata, first_reason(np.where(lost, "no_history", OK), status)


def first_reason(*statuses: np.ndarray) -> np.ndarray:
    """Merge statuses: the first that is not ``ok`` stands, for each alert."""
    merged = np.array(statuses[-1], dtype=object)
    for status in reversed(statuses[:-1]):
        merged = np.where(status != OK, status, merged)
    return merged
