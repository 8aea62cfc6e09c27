"""The camera: its detectors in the focal plane, their pixels, and how the optics bend the sky.

Numbers are ZTF's: Dekany et al. 2020 (PASP 132, 038001) for the mosaic, Bellm et al. 2019
(PASP 131, 018002) for pixels and exposure, Masci et al. 2019 (PASP 131, 018003) for the pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from numpy.typing import ArrayLike

WIDTH, HEIGHT = 3072, 3080
"""Pixels of a readout channel."""
PIXEL_SCALE = 1.012
"""Arcseconds per pixel."""
EXPOSURE = 30.0
"""Seconds."""
SATURATION = 50_000.0
"""Level [DN] at which a pixel is full: 16 bits less what bias and flat field take."""
_SPACING = 1.85
"""Degrees between the centres of neighbouring detectors, the gap included."""
_RADIAL = 2e-4
"""Distortion: an angle r [deg] from the axis is seen at r (1 + `_RADIAL` r²).

Set so that quadrants at the mosaic's rim are bent by two pixels in their corners.
"""
_ORDER = 3


@dataclass(frozen=True)
class Channel:
    """A readout channel: detector 1 to 16, and its quadrant 1 to 4."""

    ccd: int
    quadrant: int

    @property
    def place(self) -> np.ndarray:
        """Its centre in the focal plane, from the optical axis (west, north) [deg]."""
        column, row = (self.ccd - 1) % 4, (self.ccd - 1) // 4
        right, up = self.quadrant in (1, 4), self.quadrant in (1, 2)
        corner = np.array([right, up]) - 0.5
        return (np.array([column, row]) - 1.5) * _SPACING + corner * WIDTH * PIXEL_SCALE / 3600.0


def make_header(
    centre: tuple[float, float],
    shape: tuple[int, int],
    rotation: float,
    place: np.ndarray,
) -> fits.Header:
    """WCS cards (TAN-SIP) of a frame: north up and east left, but for a small rotation.

    Parameters
    ----------
    centre : (ra, dec)
        Of the sky [deg], at the frame's centre.
    shape : (height, width)
        Of the frame [px].
    rotation : float
        From north through east [deg].
    place : ndarray (2,)
        Of the channel in the focal plane [deg]; see `Channel`.
    """
    height, width = shape
    jacobian, forward, backward = _distortion(place, max(shape))
    turn = np.radians(rotation)
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = PIXEL_SCALE / 3600.0 * rotate @ np.diag([-1.0, 1.0]) @ jacobian
    header = fits.Header()
    header["NAXIS"], header["NAXIS1"], header["NAXIS2"] = 2, width, height
    header["WCSAXES"] = 2
    for axis, (kind, value) in enumerate(
        zip(("RA---TAN-SIP", "DEC--TAN-SIP"), centre, strict=True)
    ):
        header[f"CTYPE{axis + 1}"], header[f"CUNIT{axis + 1}"] = kind, "deg"
        header[f"CRVAL{axis + 1}"] = float(value)
        header[f"CRPIX{axis + 1}"] = (shape[1 - axis] + 1) / 2.0
        for other in (0, 1):
            header[f"CD{axis + 1}_{other + 1}"] = float(matrix[axis, other])
    header["RADESYS"], header["EQUINOX"] = "ICRS", 2000.0
    for name, terms in zip(("A", "B", "AP", "BP"), (*forward, *backward), strict=True):
        header[f"{name}_ORDER"] = _ORDER
        for (i, j), value in terms.items():
            header[f"{name}_{i}_{j}"] = float(value)
    return header


def world(header: fits.Header) -> WCS:
    """The WCS in a header, distortion included."""
    return WCS(header)


class PlaneMap:
    """From the pixels of one frame to those of another, by their WCS.

    Computed at every `STEP`-th pixel and interpolated: distortion bends by less than 1e-3 px over
    that distance.

    Parameters
    ----------
    source, target : astropy.io.fits.Header
        WCS of the frames.
    shape : (height, width)
        Of the first.
    margin : int
        Pixels around the first that are mapped too; a multiple of `STEP`.
    """

    STEP = 64

    def __init__(
        self, source: fits.Header, target: fits.Header, shape: tuple[int, int], margin: int = 0
    ) -> None:
        self._margin = margin
        down, across = (
            np.arange(-margin, length + margin + 2 * self.STEP, self.STEP) for length in shape
        )
        columns, rows = np.meshgrid(across, down)
        sky = world(source).all_pix2world(columns.ravel(), rows.ravel(), 0)
        places = world(target).all_world2pix(*sky, 0)
        self.x, self.y = (place.reshape(columns.shape) for place in places)

    def __call__(self, x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Places (n,) in the other frame; off the margin the nearest cell of the grid goes on."""
        column = (np.asarray(x) + self._margin) / self.STEP
        row = (np.asarray(y) + self._margin) / self.STEP
        left = np.clip(column.astype(int), 0, self.x.shape[1] - 2)
        low = np.clip(row.astype(int), 0, self.x.shape[0] - 2)
        right, up = column - left, row - low
        first, second = (
            (1 - up) * ((1 - right) * grid[low, left] + right * grid[low, left + 1])
            + up * ((1 - right) * grid[low + 1, left] + right * grid[low + 1, left + 1])
            for grid in (self.x, self.y)
        )
        return first, second

    @property
    def jacobian(self) -> np.ndarray:
        """Derivatives of the map (2, 2) at the middle of the first frame."""
        low, left = self.x.shape[0] // 2, self.x.shape[1] // 2
        steps = ((0, 1), (1, 0))
        return np.array(
            [
                [
                    (grid[low + up, left + right] - grid[low, left]) / self.STEP
                    for up, right in steps
                ]
                for grid in (self.x, self.y)
            ]
        )


def per_arcsec(header: fits.Header) -> np.ndarray:
    """Pixels per arcsecond east and north at a frame's centre, (2, 2)."""
    matrix = np.array([[header[f"CD{i}_{j}"] for j in (1, 2)] for i in (1, 2)])
    return np.linalg.inv(matrix) / 3600.0


def shifted(header: fits.Header, x: float, y: float) -> fits.Header:
    """The same WCS wrong by (x, y) [px]."""
    copy = header.copy()
    copy["CRPIX1"], copy["CRPIX2"] = header["CRPIX1"] + x, header["CRPIX2"] + y
    return copy


Terms = dict[tuple[int, int], float]


def _distortion(
    place: np.ndarray, side: int
) -> tuple[np.ndarray, tuple[Terms, Terms], tuple[Terms, Terms]]:
    """Linear part of the map from pixels to the sky, and SIP's polynomials there and back.

    The sky is the undistorted plane: the inverse of the radial law, less what it does to the centre
    of the channel, fitted by polynomials over the frame (Shupe et al. 2005, ASPC 347, 491).
    """
    scale = PIXEL_SCALE / 3600.0
    steps = np.linspace(-0.55, 0.55, 15) * side
    u, v = (grid.ravel() for grid in np.meshgrid(steps, steps))
    sky = _undistorted(place + scale * np.stack([u, v], axis=1)) - _undistorted(place[None])
    sky /= scale
    powers = [(i, j) for i in range(_ORDER + 1) for j in range(_ORDER + 1 - i) if i + j > 0]
    fit = _polynomials(u, v, sky, powers)
    linear = np.array([[fit[axis][1, 0], fit[axis][0, 1]] for axis in (0, 1)])
    flat = np.linalg.solve(linear, sky.T).T
    bent = [(i, j) for i, j in powers if i + j > 1]
    forward = _polynomials(u, v, flat - np.stack([u, v], axis=1), bent)
    backward = _polynomials(flat[:, 0], flat[:, 1], np.stack([u, v], axis=1) - flat, powers)
    return linear, forward, backward


def _undistorted(seen: np.ndarray) -> np.ndarray:
    """Angles on the sky of places (n, 2) in the focal plane [deg]."""
    angle = seen
    for _ in range(4):
        angle = seen / (1.0 + _RADIAL * np.sum(angle**2, axis=1, keepdims=True))
    return angle


def _polynomials(
    u: np.ndarray, v: np.ndarray, wanted: np.ndarray, powers: list[tuple[int, int]]
) -> tuple[Terms, Terms]:
    """Coefficients of the best polynomials in u and v for both columns of `wanted`."""
    size = np.abs(u).max()
    basis = np.stack([(u / size) ** i * (v / size) ** j for i, j in powers], axis=1)
    solution = np.linalg.lstsq(basis, wanted, rcond=None)[0]
    scales = [size ** (i + j) for i, j in powers]
    first, second = (
        {power: value / scale for power, value, scale in zip(powers, column, scales, strict=True)}
        for column in solution.T
    )
    return first, second
