"""Live through one object and send its alerts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from skysift.simulate.history import history_records
from skysift.simulate.identity import Identity
from skysift.simulate.kinds import KINDS, is_bright_transient
from skysift.simulate.life import Life, make_context
from skysift.simulate.measurements import measure
from skysift.simulate.observing import FIRST_NIGHT, Visits, make_visits
from skysift.simulate.packets import make_packet
from skysift.simulate.photometry import Photometry, photometry
from skysift.simulate.scene import Scene
from skysift.simulate.target import Target

ATTEMPTS = 1000
"""Objects of a kind tried before giving up on one that the night's visits detect."""

Alert = tuple[dict[str, Any], dict[str, Any]]
"""A packet, and its row of truth."""


def make_object(
    number: int,
    mix: Mapping[str, float],
    night: int,
    alerts: int,
    *,
    rng: np.random.Generator,
) -> list[Alert]:
    """Draw one object and the packets of its alerts, in time order.

    Parameters
    ----------
    number : int
        The object's number; see `Identity`.
    mix : mapping of str to float
        Kinds and their shares, which need not add up to one.
    night : int
        Number of the night of its last alert.
    alerts : int
        Most alerts that it sends; the others are drawn from its earlier detections.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    list of (packet, truth)
        At least one. A row of truth has candid, objectId, jd, fid, class, subclass, label,
        peak_mag, redshift, magpsf, ra, dec.
    """
    shares = np.array(list(mix.values()), dtype=float)
    kind = list(mix)[rng.choice(len(mix), p=shares / shares.sum())]
    identity = Identity(number)
    for _ in range(ATTEMPTS):
        target = KINDS[kind](night + FIRST_NIGHT, rng=rng)
        visits = make_visits(target.first_visit, night, identity.phase, rng=rng)
        seen = photometry(target, visits, rng=rng)
        if np.any(seen.detected & (visits.night == night)):
            life = _live(target, identity, visits, seen, rng)
            return _send(life, alerts, rng)
    raise RuntimeError(f"no {kind!r} was detected on night {night} in {ATTEMPTS} attempts")


def _live(
    target: Target,
    identity: Identity,
    visits: Visits,
    seen: Photometry,
    rng: np.random.Generator,
) -> Life:
    measurements = measure(target, identity, visits, seen, rng=rng)
    context = make_context(rng)
    first = target.earlier_start
    if not np.isfinite(first):
        first = visits.jd[np.argmax(seen.touched)]
    records = history_records(measurements, seen.detected)
    for record in records:
        record["field"] = context["field"]
    return Life(
        target=target,
        identity=identity,
        object_id=identity.object_id(_year(float(first))),
        visits=visits,
        photometry=seen,
        measurements=measurements,
        records=records,
        scene=Scene(target),
        context=context,
    )


def _send(life: Life, alerts: int, rng: np.random.Generator) -> list[Alert]:
    """The latest detection, and as many random earlier ones as are wanted and there."""
    detections = np.flatnonzero(life.photometry.detected)
    earlier = rng.permutation(detections[:-1])[: alerts - 1]
    chosen = np.sort(np.append(earlier, detections[-1]))
    return [(make_packet(life, int(visit), rng=rng), _truth(life, int(visit))) for visit in chosen]


def _truth(life: Life, visit: int) -> dict[str, Any]:
    target, detection = life.target, life.measurements.detection
    return {
        "candid": int(detection["candid"][visit]),
        "objectId": life.object_id,
        "jd": float(life.visits.jd[visit]),
        "fid": int(life.visits.fid[visit]),
        "class": target.kind,
        "subclass": target.subclass,
        "label": int(is_bright_transient(target)),
        "peak_mag": target.peak_mag,
        "redshift": target.redshift,
        "magpsf": float(detection["magpsf"][visit]),
        "ra": target.position.ra,
        "dec": target.position.dec,
    }


def _year(jd: float) -> int:
    """Calendar year of a Julian date, good to a day."""
    return int(2000.0 + (jd - 2451544.5) / 365.25)
