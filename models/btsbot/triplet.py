"""From stamps to the networks' ``triplet`` input; see `inputs`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

import numpy as np

from skysift.models.btsbot._pixel_loops import divide

SIDE = 63
"""Stamp side in pixels (ZTF, 1.01 arcsec a pixel)."""

FILL = 1e-9
"""What pads a short stamp, after normalisation, in the published preprocessing."""

MAX_NAN = 0.5
"""A stamp with a larger share of NaN pixels is not scored."""

MASKED = 1e30
"""ZTF's reference images hold −3.4e38, the lowest float32, where a pixel is masked."""

AT_ONCE = 32
"""Alerts whose frames, 1.5 MB, stay in a core's cache until they are normalised."""

OK, MISSING_STAMP, BAD_STAMP = "ok", "missing_stamp", "bad_stamp"

PREPROCESSINGS = ("published", "centred")
"""See `triplets`."""

Image = Sequence[np.ndarray | None]
"""``[science, template, difference]`` of one alert."""


def _middle(width: int) -> np.ndarray:
    """Return where the central pixels of a frame are."""
    places = np.arange((SIDE - width) // 2, (SIDE + width) // 2)
    return np.add.outer(places * SIDE, places).ravel()


_SOURCE, _NEAR = _middle(5), _middle(11)
"""The source, of some 2 px FWHM; and its wings: what is filled there moves a score most."""


def triplets(
    images: Sequence[Image | None], *, preprocessing: str = "published"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bring stamps to one size and each to an L2 norm of 1, filling what is not there.

    Parameters
    ----------
    images : sequence of n triples
        ``[science, template, difference]``, 2-D float32 each, of any size; or None. What is
        larger than 63 × 63 is cropped to its centre.
    preprocessing : str
        ``published``: NaN becomes 0 and, after the norm, a short stamp is padded below and to
        the right with `FILL`. ``centred``: NaN and the surroundings of a short stamp, which
        stands in the centre, become the stamp's own median, before the norm; a masked pixel
        (beyond `MASKED`) is like NaN.

    Returns
    -------
    triplet : ndarray (n, 63, 63, 3), float32
        Zero where `status` is not ``ok``.
    status : ndarray (n,), object
        ``ok``, ``missing_stamp`` (a None) or ``bad_stamp``: empty, not 2-D, infinite, all zero,
        or with more than half of its pixels NaN; ``centred`` counts the surroundings with these,
        and also refuses a NaN among the central 5 × 5, where the source is.
    damage : ndarray (n,), float32
        The share of pixels that had to be filled, of the stamp that lacks most: of all its
        pixels or of its central 11 × 11, whichever is more. It says nothing where `status` is
        not ``ok``.

    Raises
    ------
    ValueError
        If there is no such preprocessing.
    """
    if preprocessing not in PREPROCESSINGS:
        raise ValueError(
            f"preprocessing must be one of {', '.join(PREPROCESSINGS)}. Got: {preprocessing!r}"
        )
    sound = {i: image for i, image in enumerate(images) if _is_sound(image)}
    status = np.array([OK if i in sound else _reason(images[i]) for i in range(len(images))],
                      dtype=object)  # fmt: skip
    rows = np.array(list(sound), dtype=np.int64)
    triplet = np.empty((len(images), SIDE, SIDE, 3), dtype=np.float32)
    damage = np.zeros(len(images), dtype=np.float32)
    triplet[status != OK] = 0
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        stamps, outside = _framed([sound[row] for row in some.tolist()], preprocessing)
        with np.errstate(over="ignore", invalid="ignore"):
            power = _power(stamps)
        plain = _measurable(power).all(axis=1)
        _normalise(stamps, np.sqrt(power), np.flatnonzero(plain), out=triplet, places=some)
        if not plain.all():
            odd = some[~plain]
            triplet[odd], bad, damage[odd] = _repaired(
                stamps[~plain], outside[~plain], preprocessing
            )
            status[odd[bad]] = BAD_STAMP
    return triplet, status, damage


def crop(triplet: np.ndarray, side: int) -> np.ndarray:
    """Cut out the central window and bring each channel of it to an L2 norm of 1 again.

    Parameters
    ----------
    triplet : ndarray (n, 63, 63, 3), float32
    side : int
        Pixels, 1 to 63.

    Returns
    -------
    ndarray (n, side, side, 3), float32
        A channel that is zero all over the window stays so.

    Raises
    ------
    ValueError
        If there is no such window.
    """
    if not 1 <= side <= triplet.shape[1]:
        raise ValueError(f"side must be 1 to {triplet.shape[1]} px. Got: {side}")
    if side == triplet.shape[1]:
        return triplet
    margin = (triplet.shape[1] - side) // 2
    window = triplet[:, margin : margin + side, margin : margin + side]
    norm = np.sqrt(np.einsum("nijc,nijc->nc", window, window))
    return window / np.where(norm > 0, norm, 1)[:, None, None, :]


def _is_sound(image: Image | None) -> TypeGuard[Sequence[np.ndarray]]:
    """Tell whether all three stamps are there and are images."""
    return image is not None and all(
        stamp is not None and stamp.ndim == 2 and stamp.size for stamp in image
    )


def _reason(image: Image | None) -> str:
    """Say why an image is not sound."""
    missing = image is None or any(stamp is None for stamp in image)
    return MISSING_STAMP if missing else BAD_STAMP


def _framed(
    images: Sequence[Sequence[np.ndarray]], preprocessing: str
) -> tuple[np.ndarray, np.ndarray]:
    """Put n triples of images into frames of 63 × 63.

    Returns
    -------
    stamps : ndarray (n, 3, 3969), float32
        NaN around a short stamp.
    outside : ndarray (n, 3, 3969), bool
        Which pixels of the frame are no part of the stamp.
    """
    outside = np.zeros((len(images), 3, SIDE, SIDE), dtype=bool)
    frames = []
    for i, image in enumerate(images):
        for channel, stamp in enumerate(image):
            if stamp.shape == (SIDE, SIDE):
                frames.append(stamp)
                continue
            stamp = _cropped(stamp)
            place = _place(stamp.shape, preprocessing)
            frame = np.full((SIDE, SIDE), np.nan, dtype=np.float32)
            frame[place] = stamp
            frames.append(frame)
            outside[i, channel] = True
            outside[i, channel][place] = False
    flat = np.concatenate(frames).astype(np.float32, copy=False)
    return flat.reshape(-1, 3, SIDE * SIDE), outside.reshape(-1, 3, SIDE * SIDE)


def _cropped(stamp: np.ndarray) -> np.ndarray:
    """Cut the central 63 pixels of each axis that is longer."""
    top, left = (max(0, (length - SIDE) // 2) for length in stamp.shape)
    return stamp[top : top + SIDE, left : left + SIDE]


def _place(shape: tuple[int, ...], preprocessing: str) -> tuple[slice, slice]:
    """Tell where in the frame a stamp of at most 63 × 63 pixels stands."""
    starts = [(SIDE - length) // 2 if preprocessing == "centred" else 0 for length in shape]
    top, left = (slice(start, start + n) for start, n in zip(starts, shape, strict=True))
    return top, left


def _power(stamps: np.ndarray) -> np.ndarray:
    """Sum the squares of each stamp (…, pixels)."""
    return np.matmul(stamps[..., None, :], stamps[..., :, None])[..., 0, 0]


def _measurable(power: np.ndarray) -> np.ndarray:
    """Tell which sums of squares float32 could hold; NaN pixels leave NaN."""
    return np.isfinite(power) & (power > np.finfo(np.float32).tiny / np.finfo(np.float32).eps)


def _normalise(
    stamps: np.ndarray, norm: np.ndarray, rows: np.ndarray, *, out: np.ndarray, places: np.ndarray
) -> None:
    """Divide some of the stamps (m, 3, 3969) by their norms (m, 3), with the networks' axes.

    Row i goes to ``out[places[i]]``, out being (n, 63, 63, 3).
    """
    divide(stamps, norm, rows, places, out.reshape(len(out), -1, 3))


def _repaired(
    stamps: np.ndarray, outside: np.ndarray, preprocessing: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Normalise frames (n, 3, 3969) with NaN pixels or extreme values.

    Returns
    -------
    triplet : ndarray (n, 63, 63, 3), float32
        Zero where `bad`.
    bad : ndarray (n,), bool
    damage : ndarray (n,), float
    """
    centred = preprocessing == "centred"
    if centred:
        masked = np.isfinite(stamps) & (np.abs(stamps) > MASKED)
        stamps = np.where(masked, np.float32(np.nan), stamps)
    unseen = np.isnan(stamps)
    lost = unseen.sum(axis=2)
    if centred:
        bad = (lost > MAX_NAN * SIDE**2) | unseen[:, :, _SOURCE].any(axis=2)
    else:
        pad = outside.sum(axis=2)
        bad = lost - pad > MAX_NAN * (SIDE**2 - pad)
    fill = np.zeros(lost.shape, dtype=np.float32)
    if centred:
        fill[lost > 0] = _median(stamps[lost > 0], SIDE**2 - lost[lost > 0])
    whole = np.where(unseen, fill[:, :, None], stamps)
    norm = _norm(whole)
    bad |= ~np.isfinite(norm) | (norm == 0)
    sound = ~bad.any(axis=1)
    triplet = np.zeros((len(stamps), SIDE, SIDE, 3), dtype=np.float32)
    _normalise(whole, norm, np.flatnonzero(sound), out=triplet, places=np.arange(len(whole)))
    if not centred:
        padded = outside & sound[:, None, None]
        triplet[padded.transpose(0, 2, 1).reshape(triplet.shape)] = FILL
    damage = np.maximum(unseen.mean(axis=2), unseen[:, :, _NEAR].mean(axis=2)).max(axis=1)
    return triplet, ~sound, damage


def _median(stamps: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return the median of the pixels that are there (`seen` is how many); 0 where none is.

    Of stamps (k, pixels).
    """
    inorder = np.sort(stamps, axis=-1)  # NaN stands last
    middle = np.stack([np.maximum(seen - 1, 0) // 2, seen // 2], axis=-1)
    pair = np.take_along_axis(inorder, middle, axis=-1)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(seen > 0, 0.5 * pair[..., 0] + 0.5 * pair[..., 1], 0).astype(np.float32)


def _norm(stamps: np.ndarray) -> np.ndarray:
    """Return the L2 norm of each stamp (n, 3, pixels), in float64 where float32 cannot hold it."""
    with np.errstate(over="ignore", invalid="ignore"):
        power = _power(stamps)
    hard = ~_measurable(power)
    if not hard.any():
        return np.sqrt(power)
    norm = np.sqrt(power.astype(np.float64))
    norm[hard] = np.linalg.norm(stamps[hard].astype(np.float64), axis=-1)
    return norm
