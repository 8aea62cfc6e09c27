"""Assemble the packet of one alert: candidate, history, forced photometry and stamps."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

import fastavro
import numpy as np

from skysift.simulate.fits import encode_stamp
from skysift.simulate.history import forced_photometry, history_counts, window
from skysift.simulate.identity import reference_id
from skysift.simulate.images import PIXEL_SCALE
from skysift.simulate.life import Life
from skysift.simulate.oddities import with_oddity
from skysift.simulate.scene import CENTRE
from skysift.simulate.stamps import Exposure, make_stamps
from skysift.simulate.surroundings import gaia_fields, ps1_fields

SCHEMA_FILE = Path(__file__).with_name("ztf_alert.avsc")
SCHEMA_VERSION = "4.02"
PUBLISHER = "skysift (simulated)"
"""Who made the packet: nobody shall mistake it for the survey's."""


@cache
def load_schema() -> dict[str, Any]:
    """The Avro schema of the packets, parsed: ZTF's field names, types and nulls, own words."""
    return cast("dict[str, Any]", fastavro.parse_schema(json.loads(schema_json())))


@cache
def schema_json() -> str:
    """The same schema as one line of JSON."""
    return json.dumps(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


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
    entries = window(life.visits.jd, visit)
    return {
        "schemavsn": SCHEMA_VERSION,
        "publisher": PUBLISHER,
        "objectId": life.object_id,
        "candid": candid,
        "candidate": _candidate(life, visit, rng),
        "prv_candidates": [life.records[entry] for entry in entries] or None,
        "fp_hists": forced_photometry(life, entries, rng) or None,
        **_cutouts(life, visit, candid, rng),
    }


def _candidate(life: Life, visit: int, rng: np.random.Generator) -> dict[str, Any]:
    measured = life.measurements
    east, north = float(measured.east[visit]), float(measured.north[visit])
    context = dict(life.context)
    coverage = context.pop("coverage")
    values = life.records[visit] | context
    values |= ps1_fields(life.target.catalogue, east, north, life.target.position)
    values |= gaia_fields(life.target.catalogue, east, north)
    values |= history_counts(life, visit, coverage)
    values |= _noise_ratios(life, visit)
    values["drb"] = float(measured.detection["drb"][visit])
    values["rfid"] = reference_id(context["field"], values["fid"], values["rcid"])
    values["zpmed"] = values["magzpsci"] + rng.normal(0.0, 0.03)
    values["zpclrcov"] = -0.8 * values["clrcounc"]
    return values


def _noise_ratios(life: Life, visit: int) -> dict[str, float]:
    """Peak over noise in the difference and in the science image."""
    visits, seeing = life.visits, life.visits.seeing[visit]
    peak = abs(life.photometry.flux[visit]) * 0.75 / (1.133 * seeing**2)
    difference = float(peak / visits.pixel_noise[visit])
    science = float(1.3 * difference + 9.0)
    return {"dsnrms": difference, "ssnrms": science, "dsdiff": difference - science}


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
    images = make_stamps(
        life.scene, exposure, flux, _place(life, visit), life.target.artefact, rng=rng
    )
    images = with_oddity(images, life.target.oddity, rng=rng)
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


def _place(life: Life, visit: int) -> tuple[float, float]:
    """Where the target lies in its stamps [px].

    The pixel in which it was measured is the middle one; the error of that measurement is what it
    lies beside the measured place.
    """
    measured = life.measurements
    x, y = (
        CENTRE + float(place - np.rint(place)) + float(error) / PIXEL_SCALE
        for place, error in (
            (measured.detection["xpos"][visit], measured.east[visit]),
            (measured.detection["ypos"][visit], measured.north[visit]),
        )
    )
    return x, y
