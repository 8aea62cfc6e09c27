"""The numbers that the pipeline writes down for each visit of a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.simulate.extended import Extended
from skysift.simulate.identity import Identity
from skysift.simulate.observing import BANDS, Visits
from skysift.simulate.photometry import POG, Photometry
from skysift.simulate.sky import offset_position
from skysift.simulate.surroundings import ABSENT, reference_columns
from skysift.simulate.target import Target

IMAGE_WIDTH, IMAGE_HEIGHT = 3072, 3080
"""Pixels of one readout channel."""
BAD_SHAPES = ("cosmic_ray", "edge", "noise")
"""Defects that do not look like a star."""

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Measurements:
    """Columns of all visits of a target.

    Attributes
    ----------
    image : dict of ndarray (n,)
        Fields of the exposure; upper limits have these alone.
    detection : dict of ndarray (n,)
        Fields of what was detected; meaningless where nothing was.
    east, north : ndarray (n,)
        Measured place relative to the target [arcsec].
    """

    image: Columns
    detection: Columns
    east: np.ndarray
    north: np.ndarray


def measure(
    target: Target,
    identity: Identity,
    visits: Visits,
    photometry: Photometry,
    *,
    rng: np.random.Generator,
) -> Measurements:
    """Fill in every per-visit field of a packet's history."""
    count = len(visits)
    scatter = 0.04 + 0.4 / np.maximum(photometry.scorr, 3.0)
    east, north = rng.normal(0.0, 1.0, (2, count)) * scatter
    image = _image_columns(identity, visits, rng)
    detection = _identity_columns(target, identity, visits, photometry, east, north, rng)
    detection |= _brightness_columns(visits, photometry, rng)
    detection |= _shape_columns(target, visits, photometry, rng)
    detection |= _score_columns(target, photometry, rng)
    detection |= _body_columns(target, detection["magpsf"], rng)
    detection |= reference_columns(
        target.catalogue, east, north, visits.fid, target.position, rng=rng
    )
    if target.extended is not None:
        _widen(detection, target.extended)
    detection["magfromlim"] = visits.diffmaglim - detection["magap"]
    return Measurements(image, detection, east, north)


def _image_columns(identity: Identity, visits: Visits, rng: np.random.Generator) -> Columns:
    count = len(visits)
    colour = np.array([-0.06, 0.09, 0.0])[visits.fid - 1]
    return {
        "jd": visits.jd,
        "fid": visits.fid,
        "pid": identity.image_ids(visits),
        "diffmaglim": visits.diffmaglim,
        "pdiffimfilename": _file_names(identity, visits),
        "programpi": np.full(count, "Kulkarni", dtype=object),
        "programid": np.where(visits.fid == 3, 2, 1),
        "nid": visits.night,
        "rcid": np.full(count, identity.channel),
        "magzpsci": visits.zeropoint,
        "magzpsciunc": 10.0 ** rng.uniform(-5.3, -4.2, count),
        "magzpscirms": rng.normal(0.04, 0.005, count),
        "clrcoeff": colour + rng.normal(0.0, 0.015, count),
        "clrcounc": 10.0 ** rng.uniform(-5.2, -4.1, count),
        "rbversion": np.full(count, "t17_f5_c3", dtype=object),
    }


def _file_names(identity: Identity, visits: Visits) -> np.ndarray:
    channel = f"c{identity.channel // 4 + 1:02d}_o_q{identity.channel % 4 + 1}"
    names = [
        f"ztf_{night:04d}{step:05d}_z{BANDS[fid - 1]}_{channel}_scimrefdiffimg.fits"
        for night, step, fid in zip(
            visits.night.tolist(), visits.step.tolist(), visits.fid.tolist(), strict=True
        )
    ]
    return np.array(names, dtype=object)


def _identity_columns(
    target: Target,
    identity: Identity,
    visits: Visits,
    photometry: Photometry,
    east: np.ndarray,
    north: np.ndarray,
    rng: np.random.Generator,
) -> Columns:
    positive = photometry.flux > 0
    count = len(visits)
    cosine = np.cos(np.radians(target.position.dec))
    ra, dec = offset_position(target.position, 0.0, 0.0)
    near_edge = target.artefact == "edge"
    home = rng.uniform(20.0, [IMAGE_WIDTH - 20.0, IMAGE_HEIGHT - 20.0])
    if near_edge:
        home[0] = rng.uniform(10.0, 30.0)
    x = np.clip(home[0] + rng.normal(0.0, 2.0 if near_edge else 12.0, count), 6.0, 3066.0)
    y = np.clip(home[1] + rng.normal(0.0, 12.0, count), 6.0, 3074.0)
    margins = np.stack([x, IMAGE_WIDTH - x, y, IMAGE_HEIGHT - y])
    return {
        "candid": identity.alert_ids(visits, positive),
        "isdiffpos": np.where(positive, "t", "f").astype(object),
        "tblid": np.full(count, identity.row),
        "xpos": x,
        "ypos": y,
        "mindtoedge": margins.min(axis=0),
        "ra": (ra + east / 3600.0 / cosine) % 360.0,
        "dec": dec + north / 3600.0,
    }


def _brightness_columns(
    visits: Visits, photometry: Photometry, rng: np.random.Generator
) -> Columns:
    flux = np.maximum(np.abs(photometry.flux), 1e-3)
    magnitude = visits.zeropoint - 2.5 * np.log10(flux)
    relative = np.minimum(photometry.flux_error / flux, 5.0)
    aperture_error = np.minimum(3.0 * visits.pixel_noise * np.sqrt(154.0) / flux / 3.0, 1.0)
    small = rng.normal(0.0, 1.0, len(visits)) * np.minimum(0.6 * aperture_error + 0.02, 0.3)
    big = small + rng.normal(0.0, 1.0, len(visits)) * np.minimum(0.4 * aperture_error, 0.3)
    return {
        "magpsf": magnitude,
        "sigmapsf": POG * relative,
        "magap": magnitude + small,
        "sigmagap": POG * aperture_error + 0.004,
        "magdiff": small,
        "magapbig": magnitude + big,
        "sigmagapbig": 1.25 * POG * aperture_error + 0.005,
        "scorr": photometry.scorr,
        "sky": rng.normal(0.0, 0.4, len(visits)) + rng.standard_t(2.0, len(visits)) * 0.2,
    }


def _shape_columns(
    target: Target, visits: Visits, photometry: Photometry, rng: np.random.Generator
) -> Columns:
    count = len(visits)
    signal = np.maximum(photometry.scorr, 1.0)
    sharp = target.artefact in BAD_SHAPES
    fwhm = 1.06 * visits.seeing * rng.lognormal(0.0, 0.12, count)
    fwhm *= np.where(rng.random(count) < 0.12, rng.choice([0.55, 1.7], count), 1.0)
    if sharp:
        fwhm = rng.uniform(1.0, 1.8, count)
    major = visits.seeing * 0.36 * rng.lognormal(0.0, 0.08 + 0.4 / signal) * (0.8 if sharp else 1)
    stretch = 1.0 + np.abs(rng.normal(0.0, 0.35 if target.artefact else 0.08, count))
    negative_mean = np.clip(2.5 + 15.0 / signal - 1.6 * (visits.seeing - 2.0), 0.1, 9.0)
    negatives = np.minimum(rng.poisson(negative_mean + (3.0 if target.artefact else 0.0)), 20)
    misfit = (np.abs(photometry.flux) / 900.0 / (visits.seeing / 2.4) ** 2) ** 1.6
    misfit = np.minimum(misfit, 300.0)
    chi = rng.lognormal(0.35, 0.35, count) * (1.0 + misfit) * (4.0 if target.artefact else 1.0)
    return {
        "chipsf": chi,
        "fwhm": fwhm,
        "classtar": np.clip(1.0 - rng.exponential(0.25 / np.sqrt(signal)), 0.0, 1.0),
        "seeratio": np.minimum(visits.seeing / fwhm, 2.0),
        "aimage": major,
        "bimage": major / stretch,
        "aimagerat": major / fwhm,
        "bimagerat": major / stretch / fwhm,
        "elong": stretch,
        "nneg": negatives,
        "nbad": np.zeros(count, dtype=int),
        "sumrat": np.clip(1.0 - 0.02 * negatives * rng.random(count), 0.2, 1.0),
    }


def _widen(detection: Columns, extended: Extended) -> None:
    """Change what photometry made for stars says of an extended source."""
    detection["magap"] += extended.aperture
    detection["magdiff"] += extended.aperture
    detection["magapbig"] += extended.large_aperture
    for name in ("fwhm", "aimage", "bimage"):
        detection[name] *= extended.broadening
    detection["seeratio"] /= extended.broadening
    detection["classtar"] /= extended.broadening**2
    detection["chipsf"] *= extended.broadening


def _score_columns(target: Target, photometry: Photometry, rng: np.random.Generator) -> Columns:
    """Real-bogus scores: `rb` of the forest, and `drb` of the network, which knows better."""
    count = len(photometry.scorr)
    if target.artefact:
        rb, logit = rng.beta(4.5, 6.0, count), rng.normal(-2.0, 2.5, count)
    else:
        clarity = np.clip(photometry.scorr / 10.0, 0.5, 2.0)
        rb = rng.beta(4.0 + 3.0 * clarity, 2.0, count)
        logit = rng.normal(4.0 + 2.5 * clarity, 2.2, count)
    return {"rb": np.round(rb * 70.0) / 70.0, "drb": 1.0 / (1.0 + np.exp(-logit))}


def _body_columns(target: Target, magnitude: np.ndarray, rng: np.random.Generator) -> Columns:
    """The nearest known solar-system object: the target, or now and then one passing by."""
    count = len(magnitude)
    near = np.full(count, target.known_body) | (rng.random(count) < 0.01)
    distance = rng.exponential(0.8, count) if target.known_body else rng.uniform(5, 30, count)
    predicted = magnitude + rng.normal(0.0, 0.3, count) if target.known_body else np.full(count, 20)
    number = int(rng.integers(1000, 400_000))
    return {
        "ssdistnr": np.where(near, np.floor(distance), ABSENT),
        "ssmagnr": np.where(near, np.round(predicted, 1), ABSENT),
        "ssnamenr": np.where(near, str(number), "null").astype(object),
    }
