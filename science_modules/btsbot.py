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
from skysift.cores import on_cores, usable_cores
from skysift.models.btsbot import Scorer, check_weights, inputs, load
from skysift.models.btsbot.swap import swapped

OUTPUTS = {"score": "float", "uncertainty": "float", "stage": "string"}
SURVEYS = ("ztf",)

OK, MISSING_STAMP, SWAPPED_STAMPS = "ok", "missing_stamp", "swapped_stamps"

GATE, NETWORK = "gate", "network"

AT_ONCE = 64
"""Alerts that one core decodes, checks and scores at a time: 3 MB of stamps."""


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
    isdiffpos: np.ndarray,
    *,
    weights: str | None = None,
    compat: bool = False,
    cascade: bool = True,
) -> dict[str, Any]:
    """Bright extragalactic transient score, from stamps and 25 features.

    Parameters
    ----------
    stamps, light_curve
        The alert's science, template and difference stamps, and its history.
    sgscore1, distpsnr1, …, isdiffpos : ndarray (n,), float64
        Fields of the alert packet's ``candidate``; NaN is null.
    weights : str, optional
        A ``.keras`` file or a folder with one. By default the network that ships with skysift,
        which was trained on simulation.
    compat : bool
        Score what the published deployment scores: ``-999`` passes as a number, a missing ``drb``
        is replaced by ``rb``, nothing is settled, checked or withheld, and all is computed in
        float32. By default such alerts get a status and no score, unless the network was trained
        to miss the feature.
    cascade : bool
        Let the features alone settle clear negatives, whose stamps are then never decoded; of
        weights that hold no such gate, all alerts go to the network.

    Returns
    -------
    dict
        ``score`` float32 (n,); ``uncertainty`` float32 (n,), the standard deviation of the
        network's heads, NaN where the gate settled or the network has one head; ``stage`` object
        (n,), who decided, ``gate`` or ``network``; ``status`` object (n,); ``version`` str.
        Outputs mean nothing where `status` is not ``ok``.
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
    metadata, status = features(
        light_curve, columns, compat=compat, may_miss=() if compat else model.may_miss
    )
    status = first_reason(np.where(stamps.is_missing, MISSING_STAMP, OK), status)
    settled, scores = _settle(model, metadata, (status == OK) & (cascade and not compat))
    uncertainty = np.full(len(status), np.nan, dtype=np.float32)
    left = np.flatnonzero((status == OK) & ~settled)

    def judge(rows: np.ndarray) -> None:
        scores[rows], uncertainty[rows], status[rows] = _judge(
            model, stamps.take(rows), metadata[rows], isdiffpos[rows], compat=compat
        )

    slices = [left[start : start + AT_ONCE] for start in range(0, len(left), AT_ONCE)]
    on_cores(judge, slices, usable_cores())
    return {
        "score": scores,
        "uncertainty": uncertainty,
        "stage": np.where(settled, GATE, NETWORK).astype(object),
        "status": status,
        "version": model.version,
    }


def prepare(*, weights: str | None, compat: bool, cascade: bool) -> None:
    """Check that the weights are there and whole, without loading them.

    Raises
    ------
    WeightsError
        If they are not.
    """
    check_weights(weights)


def _settle(
    model: Scorer, metadata: np.ndarray, where: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Let the gate look at some of the alerts; NaN scores for all that it does not settle."""
    settled = np.zeros(len(metadata), dtype=bool)
    scores = np.full(len(metadata), np.nan, dtype=np.float32)
    settled[where], scores[where] = model.settle(metadata[where])
    return settled, scores


def _judge(
    model: Scorer, stamps: Stamps, metadata: np.ndarray, isdiffpos: np.ndarray, *, compat: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Decode and check stamps, and let the network score: scores, uncertainties, statuses."""
    triplet, status, damage = inputs.triplets(stamps.images, preprocessing=model.preprocessing)
    status = first_reason(stamps.status, status)
    if not compat:
        swap = (status == OK) & swapped(triplet, isdiffpos)
        status[swap] = SWAPPED_STAMPS
    sound = status == OK
    scores, uncertainty = np.full((2, len(status)), np.nan, dtype=np.float32)
    if not sound.all():  # to pick rows is to copy them
        triplet, metadata, damage = triplet[sound], metadata[sound], damage[sound]
    answer = model.score(triplet=triplet, metadata=metadata, exact=compat)
    scores[sound], uncertainty[sound] = answer["score"], answer["uncertainty"]
    if not compat:
        status[sound] = model.withhold(scores[sound], damage, metadata)
    return scores, uncertainty, status


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
    damage : ndarray (n,), float32
        Share of the pixels that had to be filled, see `inputs.triplets`.
    """
    triplet, stamp_status, damage = inputs.triplets(stamps.images, preprocessing=preprocessing)
    metadata, feature_status = features(light_curve, columns, compat=compat, may_miss=may_miss)
    status = first_reason(stamps.status, stamp_status, feature_status)
    return triplet, metadata, status, damage


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
