"""Bring an image onto the pixels of another one by SWarp, as Tails does; where it is installed.

SWarp is a program of its own: Bertin et al. 2002, ASPC 281, 228. It knows distortion as polynomials
of the TPV convention only, and passes over those of SIP, so these are rewritten for it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning
from astropy.wcs import WCS

from skysift.alerts.frame_file import FrameError
from skysift.cores import usable_cores

PROGRAMS = ("SWarp", "swarp")
"""Its name at Debian, and elsewhere."""

TIMEOUT = 600.0
"""Seconds after which SWarp is given up: it takes a few for a quadrant."""

ORDER = 7
"""Of the polynomials that TPV has."""

GRID = 17
"""Places along each side at which the polynomials are fitted."""

MISFIT = 0.01
"""Pixels that a distortion in TPV may be off."""

SETTINGS = {
    "SUBTRACT_BACK": "N",
    "RESAMPLING_TYPE": "LANCZOS3",
    "PROJECTION_ERR": "0.001",
    "FSCALE_KEYWORD": "NONE",
    "FSCALASTRO_TYPE": "FIXED",
    "WEIGHT_TYPE": "MAP_WEIGHT",
    "WEIGHT_IMAGE": "weights.fits",
    "WEIGHTOUT_NAME": "known.fits",
    "IMAGEOUT_NAME": "aligned.fits",
    "RESAMPLE_DIR": ".",
    "WRITE_XML": "N",
    "VERBOSE_TYPE": "QUIET",
}
"""Of SWarp's own those that matter, and the files. ``FIXED`` keeps the flux of a source."""


def align_by_swarp(
    image: np.ndarray, world: WCS, target: WCS, shape: tuple[int, int]
) -> np.ndarray:
    """Bring an image onto other pixels, by SWarp's Lanczos kernel.

    Parameters
    ----------
    image : ndarray (h0, w0), float32
        NaN where there are no data; so are pixels next to them.
    world, target : astropy.wcs.WCS
        Of the image, and of the pixels wanted.
    shape : (h, w)

    Returns
    -------
    ndarray (h, w), float32
        Flux a pixel. NaN beyond the image.

    Raises
    ------
    FrameError
        If SWarp is not installed, fails, or cannot be told the distortion.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise FrameError(
            "SWarp was asked for and is not installed: install it (Debian: apt install swarp), or "
            "let reproject align the images"
        )
    with tempfile.TemporaryDirectory(prefix="skysift-swarp-") as folder:
        return _aligned(Path(folder), program, image, world, target, shape)


def _aligned(
    folder: Path,
    program: str,
    image: np.ndarray,
    world: WCS,
    target: WCS,
    shape: tuple[int, int],
) -> np.ndarray:
    known = np.isfinite(image)
    filled = np.where(known, image, np.nanmedian(image) if known.any() else 0.0)
    header = tpv_header(world, image.shape)
    fits.writeto(folder / "image.fits", filled.astype(np.float32), header)
    fits.writeto(folder / "weights.fits", known.astype(np.float32), header)
    (folder / "aligned.head").write_text(_head(target, shape), encoding="ascii")
    settings = SETTINGS | {"NTHREADS": str(usable_cores())}
    options = [text for name, value in settings.items() for text in (f"-{name}", value)]
    _run([program, "image.fits", *options], folder)
    aligned = fits.getdata(folder / "aligned.fits").astype(np.float32)
    if aligned.shape != tuple(shape):
        raise FrameError(f"SWarp made {aligned.shape} pixels where {tuple(shape)} were asked for")
    aligned[fits.getdata(folder / "known.fits") <= 0] = np.nan
    return aligned


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise FrameError(f"SWarp did not end within {TIMEOUT:.0f} s") from None
    if done.returncode or not (folder / "aligned.fits").is_file():
        told = " ".join((done.stderr or done.stdout).split())[-300:]
        raise FrameError(f"SWarp failed ({done.returncode}): {told or 'it does not say why'}")


def _head(target: WCS, shape: tuple[int, int]) -> str:
    """What SWarp is told of the pixels wanted, in a file beside the one that it writes."""
    header = fits.Header([("NAXIS", 2), ("NAXIS1", shape[1]), ("NAXIS2", shape[0])])
    header.update(tpv_header(target, shape))
    return header.tostring(sep="\n", endcard=True, padding=False)


def tpv_header(world: WCS, shape: tuple[int, ...]) -> fits.Header:
    """Write a WCS so that SWarp understands its distortion.

    A distortion that is applied to pixels, such as that of SIP, becomes the polynomial in
    intermediate world coordinates that says the same (Shupe et al. 2012, SPIE 8451, 84511M).

    Parameters
    ----------
    world : astropy.wcs.WCS
    shape : (h, w)
        Of the image that it belongs to.

    Raises
    ------
    FrameError
        If no such polynomial says the same to `MISFIT`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AstropyWarning)
        header = WCS.to_header(world)
    if not world.has_distortion:
        return header
    y, x = np.meshgrid(*(np.linspace(0, length - 1, GRID) for length in shape), indexing="ij")
    pixels = np.stack([x.ravel(), y.ravel()], axis=1)
    origin, matrix = world.wcs.crpix - 1, world.pixel_scale_matrix
    pixel = float(np.abs(np.linalg.det(matrix)) ** 0.5)
    plain = (pixels - origin) @ matrix.T
    bent = (world.pix2foc(pixels, 0) - origin) @ matrix.T
    for axis, code in enumerate(("RA---TPV", "DEC--TPV")):
        header[f"CTYPE{axis + 1}"] = code
        along, beside = plain[:, axis], plain[:, 1 - axis]
        header.update(_polynomial(axis + 1, along, beside, bent[:, axis], pixel))
    return header


def _polynomial(
    axis: int, along: np.ndarray, beside: np.ndarray, values: np.ndarray, pixel: float
) -> dict[str, float]:
    """Cards of one axis: coefficients of TPV, which counts its terms by degree."""
    powers = [(degree - j, j) for degree in range(ORDER + 1) for j in range(degree + 1)]
    terms = np.stack([along**i * beside**j for i, j in powers], axis=1)
    scale = np.linalg.norm(terms, axis=0)
    solution = np.linalg.lstsq(terms / scale, values, rcond=None)[0]
    misfit = np.abs(terms / scale @ solution - values).max() / pixel
    if misfit > MISFIT:
        raise FrameError(
            f"SWarp cannot be told a distortion of this kind: {misfit:.2g} px are left"
        )
    return {
        f"PV{axis}_{_number(i, j)}": float(value)
        for (i, j), value in zip(powers, solution / scale, strict=True)
    }


def _number(i: int, j: int) -> int:
    """Place of a term in TPV's list, in which each odd degree is followed by a radial one.

    >>> [_number(0, 0), _number(1, 0), _number(0, 1), _number(2, 0), _number(0, 3), _number(4, 0)]
    [0, 1, 2, 4, 10, 12]
    """
    degree = i + j
    return degree * (degree + 1) // 2 + j + degree // 2
