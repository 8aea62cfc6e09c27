"""Assemble the packet of one alert: candidate, history, forced photometry and stamps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import fastavro
import numpy as np

from skysift.simulate.fits import encode_stamp
from skysift.simulate.identity import Identity
from skysift.simulate.measurements import Measurements
from skysift.simulate.observing import SURVEY_START, Visits, science_noise
from skysift.simulate.photometry import Photometry
from skysift.simulate.scene import Scene
from skysift.simulate.stamps import Exposure, make_stamps
from skysift.simulate.surroundings import gaia_fields, ps1_fields
from skysift.simulate.target import Target

SCHEMA_FILE = Path(__file__).with_name("ztf_alert.avsc")
SCHEMA_VERSION = "4.02"
PUBLISHER = "skysift (simulated)"
"""Who made the packet: nobody shall mistake it for the survey's."""
HISTORY = 30.0
"""Days of history in a packet."""
FAILED = -99999.0
"""Forced photometry that did not work."""


@cache
def load_schema() -> dict[str, Any]:
    """The Avro schema of the packets, parsed: ZTF's field names, types and nulls, own words."""
    return cast("dict[str, Any]", fastavro.parse_schema(json.loads(schema_json())))


@cache
def schema_json() -> str:
    """The same schema as one line of JSON."""
    return json.dumps(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


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


def make_packet(life: Life, visit: int, *, rng: np.random.Generator) -> dict[str, Any]:
    """Packet of the alert at one visit.

    Parameters
    ----------
    life : Life
        The object.
    visit : int
        Which visit; it must be a detection.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    dict
        As `load_schema` has it.
    """
    candid = int(life.measurements.detection["candid"][visit])
    window = _window(life.visits.jd, visit)
    return {
        "schemavsn": SCHEMA_VERSION,
        "publisher": PUBLISHER,
        "objectId": life.object_id,
        "candid": candid,
        "candidate": _candidate(life, visit, rng),
        "prv_candidates": [life.records[entry] for entry in window] or None,
        "fp_hists": _forced_photometry(life, window, rng) or None,
        **_cutouts(life, visit, candid, rng),
    }


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


def _window(jd: np.ndarray, visit: int) -> list[int]:
    """Visits of the 30 days before one."""
    first = int(np.searchsorted(jd, jd[visit] - HISTORY))
    return list(range(first, visit))


def _candidate(life: Life, visit: int, rng: np.random.Generator) -> dict[str, Any]:
    measured = life.measurements
    east, north = float(measured.east[visit]), float(measured.north[visit])
    context = dict(life.context)
    coverage = context.pop("coverage")
    values = life.records[visit] | context
    values |= ps1_fields(life.target.catalogue, east, north, life.target.position)
    values |= gaia_fields(life.target.catalogue, east, north)
    values |= _history_counts(life, visit, coverage)
    values |= _noise_ratios(life, visit)
    values["drb"] = float(measured.detection["drb"][visit])
    values["rfid"] = context["field"] * 10**6 + values["fid"] * 10**5 + 20_100 + values["rcid"]
    values["zpmed"] = values["magzpsci"] + rng.normal(0.0, 0.03)
    values["zpclrcov"] = -0.8 * values["clrcounc"]
    return values


def _history_counts(life: Life, visit: int, coverage: float) -> dict[str, Any]:
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


def _noise_ratios(life: Life, visit: int) -> dict[str, float]:
    """Peak over noise in the difference and in the science image."""
    visits, seeing = life.visits, life.visits.seeing[visit]
    peak = abs(life.photometry.flux[visit]) * 0.75 / (1.133 * seeing**2)
    difference = float(peak / visits.pixel_noise[visit])
    science = float(1.3 * difference + 9.0)
    return {"dsnrms": difference, "ssnrms": science, "dsdiff": difference - science}


def _forced_photometry(
    life: Life, window: list[int], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Entries of `fp_hists`, latest first; some fail, as the survey's do."""
    if not window:
        return []
    picked = np.array(window[::-1])
    visits, count = life.visits, len(window)
    error = 0.45 * visits.limit_flux[picked]
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
        "rfid": life.context["field"] * 10**6 + image["fid"] * 10**5 + 20_100 + image["rcid"],
        "sciinpseeing": visits.seeing[picked],
        "scibckgnd": visits.background[picked],
        "scisigpix": science_noise(visits.background[picked]),
        "exptime": np.full(count, 30.0),
        "adpctdif1": rng.normal(0.08, 0.008, count),
        "adpctdif2": rng.normal(0.08, 0.008, count),
        "forcediffimflux": np.where(failed, FAILED, life.photometry.flux[picked]),
        "forcediffimfluxunc": np.where(failed, FAILED, error),
        "procstatus": np.where(failed, "61", "0").astype(object),
        "distnr": life.measurements.detection["distnr"][picked] * 1.012,
    }
    return _rows(image | reference | own)


def _cutouts(
    life: Life, visit: int, candid: int, rng: np.random.Generator
) -> dict[str, dict[str, Any]]:
    """The three stamps, named as ZTF names them: reference minus science where that is positive."""
    visits, flux = life.visits, float(life.photometry.flux[visit])
    exposure = Exposure(
        fid=int(visits.fid[visit]),
        zeropoint=float(visits.zeropoint[visit]),
        seeing=float(visits.seeing[visit]),
        reference_seeing=float(np.clip(rng.normal(2.3, 0.2), 1.8, 3.2)),
        background=float(visits.background[visit]),
    )
    images = make_stamps(life.scene, exposure, flux, life.target.artefact, rng=rng)
    image = f"candid{candid}_pid{life.measurements.image['pid'][visit]}_targ"
    names = (
        f"{image}_sci.fits.gz",
        f"candid{candid}_ref.fits.gz",
        f"{image}_{'scimref' if flux > 0 else 'refmsci'}.fits.gz",
    )
    kinds = ("cutoutScience", "cutoutTemplate", "cutoutDifference")
    return {
        kind: {"fileName": name, "stampData": encode_stamp(stamp)}
        for kind, name, stamp in zip(kinds, names, images, strict=True)
    }


def _rows(columns: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """Columns of arrays → one dictionary of plain Python values a row."""
    names = list(columns)
    values = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(names, row, strict=True)) for row in values]
