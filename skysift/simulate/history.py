"""The past of an object in its packets: history, forced photometry and counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from skysift.simulate.identity import reference_id
from skysift.simulate.images import PIXEL_SCALE
from skysift.simulate.life import Life
from skysift.simulate.measurements import Measurements
from skysift.simulate.observing import SURVEY_START, science_noise
from skysift.simulate.photometry import DEPTH

HISTORY = 30.0
"""Days of history in a packet."""
FAILED = -99999.0
"""Forced photometry that did not work."""


def history_records(measurements: Measurements, detected: np.ndarray) -> list[dict[str, Any]]:
    """Entries of `prv_candidates` for all visits: detections in full, others as upper limits."""
    names = [name for name in measurements.detection if name != "drb"]
    empty = dict.fromkeys(names)
    image = _rows(measurements.image)
    full = _rows({name: measurements.detection[name] for name in names})
    return [
        first | (rest if seen else empty)
        for first, rest, seen in zip(image, full, detected.tolist(), strict=True)
    ]


def window(jd: np.ndarray, visit: int) -> list[int]:
    """Visits of the 30 days before one."""
    first = int(np.searchsorted(jd, jd[visit] - HISTORY))
    return list(range(first, visit))


def forced_photometry(
    life: Life, entries: list[int], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Entries of `fp_hists`, latest first; some fail, as the survey's do."""
    if not entries:
        return []
    picked = np.array(entries[::-1])
    visits, count = life.visits, len(entries)
    error = DEPTH["true"] * visits.limit_flux[picked]
    failed = rng.random(count) < 0.1
    reference = {
        name: life.measurements.detection[name][picked]
        for name in ("ranr", "decnr", "magnr", "sigmagnr", "chinr", "sharpnr")
    }
    copied = (
        "rcid", "fid", "pid", "magzpsci", "magzpsciunc", "magzpscirms", "clrcoeff", "clrcounc",
        "diffmaglim", "programid", "jd",
    )  # fmt: skip
    image = {name: life.measurements.image[name][picked] for name in copied}
    own = {
        "field": np.full(count, life.context["field"]),
        "rfid": reference_id(life.context["field"], image["fid"], image["rcid"]),
        "sciinpseeing": visits.seeing[picked],
        "scibckgnd": visits.background[picked],
        "scisigpix": science_noise(visits.background[picked]),
        "exptime": np.full(count, 30.0),
        "adpctdif1": rng.normal(0.08, 0.008, count),
        "adpctdif2": rng.normal(0.08, 0.008, count),
        "forcediffimflux": np.where(failed, FAILED, life.photometry.flux[picked]),
        "forcediffimfluxunc": np.where(failed, FAILED, error),
        "procstatus": np.where(failed, "61", "0").astype(object),
        "distnr": life.measurements.detection["distnr"][picked] * PIXEL_SCALE,
    }
    return _rows(image | reference | own)


def history_counts(life: Life, visit: int, coverage: float) -> dict[str, Any]:
    """How often the place was seen, and how often something was there, since the survey began."""
    target, jd = life.target, life.visits.jd
    touched = life.photometry.touched[: visit + 1].copy()
    touched[-1] = True
    visits_before = coverage * max(target.first_visit - SURVEY_START, 0.0)
    detections, start = int(touched.sum()), float(jd[np.argmax(touched)])
    if np.isfinite(target.earlier_start):
        start = target.earlier_start
        earlier_visits = coverage * (target.first_visit - start)
        detections += 1 + int(target.earlier_rate * max(earlier_visits, 0.0))
    return {
        "ndethist": detections,
        "ncovhist": detections + int(visits_before) + visit,
        "jdstarthist": round(start, 7),
        "jdendhist": float(jd[visit]),
    }


def _rows(columns: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """Columns of arrays → one dictionary of plain Python values a row."""
    names = list(columns)
    values = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(names, row, strict=True)) for row in values]
