"""BTSbot's view of an alert: the numbers that its network boils stamps and features down to.

For looking at alerts that are alike, and for what is learned on top of a network. It costs what
BTSbot costs, of every alert, so it runs only where it is named.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skysift.alerts.light_curve import LightCurve
from skysift.alerts.stamps import Stamps
from skysift.models.btsbot import check_weights, load
from skysift.science_modules.btsbot import OK, model_inputs

OUTPUTS = {"embedding": "array<float>"}
SURVEYS = ("ztf",)
DEFAULT = False


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
    drb: np.ndarray,
    ncovhist: np.ndarray,
    chinr: np.ndarray,
    sharpnr: np.ndarray,
    scorr: np.ndarray,
    sky: np.ndarray,
    *,
    weights: str | None = None,
) -> dict[str, Any]:
    """Embedding of an alert: the layer before the last of BTSbot's network.

    Parameters
    ----------
    stamps, light_curve
        The alert's science, template and difference stamps, and its history.
    sgscore1, distpsnr1, …, sky : ndarray (n,), float64
        Fields of the alert packet's ``candidate``; NaN is null.
    weights : str, optional
        A ``.keras`` file or a folder with one. By default the network that ships with skysift,
        which was trained on simulation. Embeddings of different weights cannot be compared.

    Returns
    -------
    dict
        ``embedding`` float32 (n, d), of which only the rows whose `status` is ``ok`` mean
        anything; ``status`` object (n,); ``version`` str.
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
        "drb": drb,
        "ncovhist": ncovhist,
        "chinr": chinr,
        "sharpnr": sharpnr,
        "scorr": scorr,
        "sky": sky,
    }
    model = load(weights)
    triplet, metadata, status, _ = model_inputs(
        stamps, light_curve, columns, preprocessing=model.preprocessing, may_miss=model.may_miss
    )
    sound = status == OK
    known = model.embed(triplet[sound], metadata[sound])
    embedding = np.full((len(status), known.shape[1]), np.nan, dtype=np.float32)
    embedding[sound] = known
    return {"embedding": embedding, "status": status, "version": model.version}


def prepare(*, weights: str | None) -> None:
    """Check that the weights are there and whole, without loading them.

    Raises
    ------
    WeightsError
        If they are not.
    """
    check_weights(weights)
