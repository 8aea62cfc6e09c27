"""Survey frames: science, reference and difference of one exposure, on the same pixels."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from skysift.alerts.frame_align import align
from skysift.alerts.frame_file import FrameError, number_of, read_image, world_of
from skysift.alerts.frame_swarp import align_by_swarp

__all__ = ["ALIGNERS", "FrameError", "FrameImages", "read_frame"]

ALIGNERS: dict[str, Callable[..., np.ndarray]] = {"reproject": align, "swarp": align_by_swarp}
"""What can bring a reference onto the science frame's pixels."""

SAME = {"FILTERID": "filter", "FIELDID": "field", "CCDID": "detector", "QID": "quadrant"}
"""Cards in which the frames of one exposure and their reference agree, where they have them."""

SAME_EXPOSURE = 1e-5
"""Days by which the ``OBSJD`` of a science frame and its difference may differ."""


@dataclass(frozen=True, eq=False)
class FrameImages:
    """The images of one exposure.

    Attributes
    ----------
    images : ndarray (h, w, 3), float32
        Science, reference and difference in DN; NaN where there are no data. Without a difference
        there are two.
    header : astropy.io.fits.Header
        Of the science frame.
    world : astropy.wcs.WCS
        Of the science frame, distortion included.
    zeropoint : float
        Magnitude of one DN, from ``MAGZP``; NaN if the header has none.
    """

    images: np.ndarray
    header: fits.Header
    world: WCS
    zeropoint: float


def read_frame(
    science: str | os.PathLike[str],
    reference: str | os.PathLike[str],
    difference: str | os.PathLike[str] | None,
    *,
    aligner: str = "reproject",
) -> FrameImages:
    """Read a frame; its reference is brought onto its pixels.

    Parameters
    ----------
    science, reference, difference : path-like
        FITS files as ZTF lays them out: the image is in the first HDU that has one, packed or not.
        The difference may be None.
    aligner : str
        One of `ALIGNERS`.

    Raises
    ------
    FrameError
        Naming the file, and what is wrong with it: missing, empty, cut off, no FITS, without an
        image, without a number or without a WCS; of another filter, field, detector, quadrant or
        exposure than the science frame, of another shape, or elsewhere on the sky.
    ValueError
        If there is no such aligner.
    """
    if aligner not in ALIGNERS:
        raise ValueError(f"aligner must be one of {', '.join(ALIGNERS)}. Got: {aligner!r}")
    science, reference = Path(science), Path(reference)
    seen, header = read_image(science)
    world = world_of(header, science)
    channels = [seen, _reference(reference, science, header, world, seen.shape, aligner)]
    if difference is not None:
        channels.append(_difference(Path(difference), science, header, seen.shape))
    zeropoint = number_of(header, "MAGZP")
    return FrameImages(np.stack(channels, axis=-1), header, world, zeropoint)


def _reference(
    path: Path, science: Path, header: fits.Header, world: WCS, shape: tuple, aligner: str
) -> np.ndarray:
    """The reference on the pixels of the science frame."""
    deep, own = read_image(path)
    _check_same(own, path, header, science)
    matched = ALIGNERS[aligner](deep, world_of(own, path), world, shape)
    if not np.isfinite(matched).any():
        raise FrameError(f"{path} shows another part of the sky than {science}")
    return matched


def _difference(path: Path, science: Path, header: fits.Header, shape: tuple) -> np.ndarray:
    change, own = read_image(path)
    if change.shape != shape:
        raise FrameError(
            f"{path} has {change.shape[0]} × {change.shape[1]} pixels; its science frame "
            f"{science} has {shape[0]} × {shape[1]}"
        )
    _check_same(own, path, header, science)
    apart = abs(number_of(own, "OBSJD") - number_of(header, "OBSJD"))
    if apart > SAME_EXPOSURE:
        raise FrameError(f"{path} is of another exposure than {science}: {apart:.5f} days apart")
    return change


def _check_same(header: fits.Header, path: Path, science: fits.Header, beside: Path) -> None:
    """Refuse a file that does not belong to its science frame, as far as the headers say."""
    for card, what in SAME.items():
        found, wanted = number_of(header, card), number_of(science, card)
        if abs(found - wanted) > 0:  # no comparison with NaN is true
            raise FrameError(
                f"{path} is of another {what} than {beside}: {card} {found:.0f}, not {wanted:.0f}"
            )
