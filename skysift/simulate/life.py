"""One object with all that the survey knows of it: what its packets are cut from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skysift.simulate.identity import Identity
from skysift.simulate.measurements import Measurements
from skysift.simulate.observing import Visits
from skysift.simulate.photometry import Photometry
from skysift.simulate.scene import Scene
from skysift.simulate.target import Target


@dataclass(frozen=True)
class Life:
    """Everything about one object that its packets are cut from.

    Attributes
    ----------
    target : Target
        The object.
    identity : Identity
        Its number.
    object_id : str
        Its name.
    visits, photometry, measurements
        What the survey did, saw and wrote down, with one entry a visit.
    records : list of dict
        The visits as entries of a history.
    scene : Scene
        What its stamps show.
    context : dict
        Candidate fields that stay the same: reference image, calibration.
    """

    target: Target
    identity: Identity
    object_id: str
    visits: Visits
    photometry: Photometry
    measurements: Measurements
    records: list[dict[str, Any]]
    scene: Scene
    context: dict[str, Any]


def make_context(rng: np.random.Generator) -> dict[str, Any]:
    """Draw the candidate fields that an object keeps: its reference image and calibrators."""
    start = rng.uniform(2458150.0, 2458330.0)
    return {
        "tooflag": 0,
        "jdstartref": start,
        "jdendref": start + rng.uniform(20.0, 150.0),
        "nframesref": int(rng.choice([15, 15, 15, 16, 18, 20, 25, 40])),
        "nmatches": int(rng.lognormal(np.log(450.0), 0.6)),
        "clrmed": rng.normal(0.75, 0.1),
        "clrrms": rng.normal(0.28, 0.04),
        "exptime": 30.0,
        "drbversion": "d6_m7",
        "coverage": rng.lognormal(np.log(0.42), 0.5),
        "field": int(rng.integers(245, 880)),
    }
