"""From stamps, histories and packet fields to the network's two inputs; training and serving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard

import numpy as np

SIDE = 63
"""Stamp side in pixels (ZTF, 1.01 arcsec a pixel)."""

FILL = 1e-9
"""What pads a short stamp, after normalisation, as in the published preprocessing."""

MAX_NAN = 0.5
"""A stamp with a larger share of NaN pixels is not scored."""

OK, MISSING_STAMP, BAD_STAMP = "ok", "missing_stamp", "bad_stamp"
NAN_FEATURE, OUT_OF_RANGE = "nan_feature", "out_of_range"

ANCHORS = ("corner", "centre")

_FLOAT32_MAX = float(np.finfo(np.float32).max)
_MATCH = (0.0, 300.0)
_COUNT = (0.0, 1e6)
_DAYS = (0.0, 1e5)
_MAG = (0.0, 40.0)

LIMITS: dict[str, tuple[float, float]] = {
    "sgscore1": (0.0, 1.0),
    "distpsnr1": _MATCH,
    "sgscore2": (0.0, 1.0),
    "distpsnr2": _MATCH,
    "fwhm": (0.0, 100.0),
    "magpsf": _MAG,
    "sigmapsf": (0.0, 10.0),
    "chipsf": (0.0, 1e9),
    "ra": (0.0, 360.0),
    "dec": (-90.0, 90.0),
    "diffmaglim": _MAG,
    "ndethist": _COUNT,
    "nmtchps": _COUNT,
    "age": _DAYS,
    "days_since_peak": _DAYS,
    "days_to_peak": _DAYS,
    "peakmag_so_far": _MAG,
    "drb": (0.0, 1.0),
    "ncovhist": _COUNT,
    "nnotdet": (-1e6, 1e6),
    "chinr": (0.0, 1e6),
    "sharpnr": (-90.0, 1e6),
    "scorr": (-90.0, 1e9),
    "sky": (-900.0, 1e6),
    "maxmag_so_far": _MAG,
}
"""Lowest and highest possible value of each feature, in the published order of the features.

Wide on purpose: they catch sentinels (−999, −99) and nonsense, not rarities. ``drb`` is called
``new_drb`` in the published training set, and ``nnotdet`` is ``ncovhist − ndethist``.
"""

FEATURES = tuple(LIMITS)
"""The 25 features, in the order of the networks' ``metadata`` input."""


def triplets(
    images: Sequence[Sequence[np.ndarray | None] | None], *, anchor: str = "corner"
) -> tuple[np.ndarray, np.ndarray]:
    """Normalise stamps: NaN to 0, each stamp divided by its L2 norm, short ones padded.

    Parameters
    ----------
    images : sequence of n triples
        ``[science, template, difference]``, 2-D float32 each; or None.
    anchor : str
        Where a short stamp lies in the 63 × 63 frame: ``corner`` (top left, as published) or
        ``centre``. A larger stamp is cropped to its centre.

    Returns
    -------
    triplet : ndarray (n, 63, 63, 3), float32
        Zero where `status` is not ``ok``.
    status : ndarray (n,), object
        ``ok``, ``missing_stamp`` (a None) or ``bad_stamp`` (empty, not 2-D, infinite, all zero,
        or more than half of its pixels NaN).
    """
    if anchor not in ANCHORS:
        raise ValueError(f"anchor must be one of {', '.join(ANCHORS)}. Got: {anchor!r}")
    status = np.full(len(images), OK, dtype=object)
    triplet = np.zeros((len(images), SIDE, SIDE, 3), dtype=np.float32)
    regular = {i: image for i, image in enumerate(images) if _is_regular(image)}
    easy = _normalise_regular(regular, triplet)
    for i in np.setdiff1d(np.arange(len(images)), easy, assume_unique=True):
        status[i] = _normalise_one(images[i], anchor, triplet[i])
    return triplet, status


def _is_regular(
    image: Sequence[np.ndarray | None] | None,
) -> TypeGuard[Sequence[np.ndarray]]:
    """Tell whether all three stamps are there and of the nominal size."""
    return image is not None and all(
        stamp is not None and stamp.shape == (SIDE, SIDE) for stamp in image
    )


def _normalise_regular(
    images: Mapping[int, Sequence[np.ndarray]], triplet: np.ndarray
) -> np.ndarray:
    """Normalise all stamps of nominal size at once; return the rows without any oddity."""
    rows = np.array(list(images), dtype=int)
    if not len(rows):
        return rows
    flat = np.concatenate([stamp for image in images.values() for stamp in image])
    stamps = flat.astype(np.float32, copy=False).reshape(-1, 3, SIDE * SIDE)
    with np.errstate(over="ignore", invalid="ignore"):
        power = np.matmul(stamps[:, :, None, :], stamps[:, :, :, None])[:, :, 0, 0]
    # A norm that float32 cannot hold, or a NaN pixel, is left to the careful way.
    tiny = np.finfo(np.float32).tiny / np.finfo(np.float32).eps
    plain = (np.isfinite(power) & (power > tiny)).all(axis=1)
    norm = np.sqrt(power[plain])[:, None, :]
    channels_last = stamps[plain].transpose(0, 2, 1) / norm
    triplet[rows[plain]] = channels_last.reshape(-1, SIDE, SIDE, 3)
    return rows[plain]


def _normalise_one(image: Sequence[np.ndarray | None] | None, anchor: str, out: np.ndarray) -> str:
    """Normalise one alert's stamps of any size into `out`; return its status."""
    if image is None or any(stamp is None for stamp in image):
        return MISSING_STAMP
    normalised = [_normalise_stamp(stamp) for stamp in image if stamp is not None]
    if any(stamp is None for stamp in normalised):
        return BAD_STAMP
    for channel, stamp in enumerate(normalised):
        out[:, :, channel] = _padded(stamp, anchor)  # type: ignore[arg-type]
    return OK


def _normalise_stamp(stamp: np.ndarray) -> np.ndarray | None:
    """Crop, clean and normalise one stamp in float64; None if it cannot be."""
    if stamp.ndim != 2 or stamp.size == 0:
        return None
    stamp = _cropped(stamp).astype(np.float64)
    if np.isinf(stamp).any() or np.isnan(stamp).mean() > MAX_NAN:
        return None
    stamp = np.nan_to_num(stamp)
    norm = np.linalg.norm(stamp)
    return stamp / norm if norm > 0 else None


def _cropped(stamp: np.ndarray) -> np.ndarray:
    """Cut the central 63 pixels of each axis that is longer."""
    top, left = (max(0, (length - SIDE) // 2) for length in stamp.shape)
    return stamp[top : top + SIDE, left : left + SIDE]


def _padded(stamp: np.ndarray, anchor: str) -> np.ndarray:
    """Place a stamp of at most 63 × 63 pixels in the frame."""
    frame = np.full((SIDE, SIDE), FILL)
    height, width = stamp.shape
    top, left = (0, 0) if anchor == "corner" else ((SIDE - height) // 2, (SIDE - width) // 2)
    frame[top : top + height, left : left + width] = stamp
    return frame


def history_features(
    offsets: np.ndarray, jd: np.ndarray, magpsf: np.ndarray, jdstarthist: np.ndarray
) -> dict[str, np.ndarray]:
    """Compute the features that need a history, of n alerts at once.

    Only detections (finite ``magpsf``) not later than the alert itself count, of any band and
    sign. Of equal peaks the earliest is meant. ``age = days_since_peak + days_to_peak`` exactly.

    Parameters
    ----------
    offsets : ndarray (n + 1,), int64
        The points of alert ``i`` are ``offsets[i]:offsets[i + 1]``, in any order but that the
        last is the alert itself.
    jd, magpsf : ndarray (total,), float64
        Julian dates in days; magnitudes, NaN for a limit.
    jdstarthist : ndarray (n,), float64
        The packet's first detection, days. NaN makes the times NaN.

    Returns
    -------
    dict of str to ndarray (n,), float64
        ``age``, ``days_since_peak``, ``days_to_peak`` (days), ``peakmag_so_far``,
        ``maxmag_so_far`` (mag). NaN without a detection.

    Raises
    ------
    ValueError
        If an alert has no point at all: then its own time is unknown.
    """
    starts, lengths = offsets[:-1], np.diff(offsets)
    if not len(starts):
        names = ("age", "days_since_peak", "days_to_peak", "peakmag_so_far", "maxmag_so_far")
        return {name: np.empty(0) for name in names}
    if lengths.min() < 1:
        raise ValueError("every history must hold the alert itself as its last point")
    now = jd[offsets[1:] - 1]
    counts = np.isfinite(magpsf) & (jd <= np.repeat(now, lengths))

    def lowest(values: np.ndarray, where: np.ndarray) -> np.ndarray:
        """Return the smallest value of each history; infinity where there is none."""
        return np.minimum.reduceat(np.where(where, values, np.inf), starts)

    peak = lowest(magpsf, counts)
    faintest = -lowest(-magpsf, counts)
    peak_jd = lowest(jd, counts & (magpsf == np.repeat(peak, lengths)))
    first_jd = np.minimum(jdstarthist, lowest(jd, counts))
    seen = np.isfinite(peak)
    since_peak = np.where(seen, now - peak_jd, np.nan)
    to_peak = np.where(seen, peak_jd - first_jd, np.nan)
    return {
        "age": since_peak + to_peak,
        "days_since_peak": since_peak,
        "days_to_peak": to_peak,
        "peakmag_so_far": np.where(seen, peak, np.nan),
        "maxmag_so_far": np.where(seen, faintest, np.nan),
    }


def metadata(
    columns: Mapping[str, np.ndarray], *, compat: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Put the 25 features in the published order and say which rows can be scored.

    Parameters
    ----------
    columns : mapping of str to ndarray (n,)
        Every feature but ``nnotdet``, which is computed; with `compat` also ``rb``. Others are
        ignored. NaN is null.
    compat : bool
        The published treatment: sentinels such as −999 pass as numbers, and ``rb`` stands in for
        a missing ``drb``. NaN passes in neither.

    Returns
    -------
    metadata : ndarray (n, 25), float32
        As given, NaN included, where `status` is not ``ok``.
    status : ndarray (n,), object
        ``ok``, ``nan_feature`` or ``out_of_range`` (see `LIMITS`), in this order of precedence.
    """
    values = {**columns, "nnotdet": columns["ncovhist"] - columns["ndethist"]}
    if compat:
        values["drb"] = np.where(np.isnan(columns["drb"]), columns["rb"], columns["drb"])
    table = np.column_stack([values[name] for name in FEATURES]).astype(np.float64)
    low, high = (-_FLOAT32_MAX, _FLOAT32_MAX) if compat else np.transpose(list(LIMITS.values()))
    missing = np.isnan(table).any(axis=1)
    outside = ((table < low) | (table > high)).any(axis=1)
    status = np.full(len(table), OK, dtype=object)
    status[outside] = OUT_OF_RANGE
    status[missing] = NAN_FEATURE
    with np.errstate(over="ignore"):
        return table.astype(np.float32), status
