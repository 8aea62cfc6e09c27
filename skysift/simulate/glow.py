"""Light that is no point: comets, galaxies and trails as sums of Gaussians."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache

import numpy as np
from scipy.optimize import nnls

COMA_STEP = 1.6
"""Ratio of the widths of neighbouring Gaussians in a coma."""
COMA_START = 0.15
"""Width of a coma's narrowest Gaussian [arcsec]: no seeing is as good."""

_RADII = np.sqrt(-2.0 * np.log(1.0 - (np.arange(256) + 0.5) / 256))
_TURNS = np.arange(256) * np.pi * (3.0 - np.sqrt(5.0))
_SAMPLES = (_RADII * np.cos(_TURNS), _RADII * np.sin(_TURNS))
"""Places of equal weight in a round Gaussian of unit width, spread like the seeds of a flower."""


@dataclass(frozen=True)
class Glow:
    """A sum of elliptical Gaussians; all arrays have shape (n,).

    Attributes
    ----------
    x, y : ndarray
        Centres.
    flux : ndarray
        Flux of each.
    xx, xy, yy : ndarray
        Covariances, in the square of the unit of `x` and `y`; all 0 for a point.
    """

    x: np.ndarray
    y: np.ndarray
    flux: np.ndarray
    xx: np.ndarray
    xy: np.ndarray
    yy: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def scaled(self, factor: float) -> Glow:
        """The same with all fluxes times `factor`."""
        return Glow(self.x, self.y, self.flux * factor, self.xx, self.xy, self.yy)

    def moved(self, x: float, y: float) -> Glow:
        """The same elsewhere."""
        return Glow(self.x + x, self.y + y, self.flux, self.xx, self.xy, self.yy)

    def mapped(self, matrix: np.ndarray) -> Glow:
        """The same seen through a linear map (2, 2) of the plane; fluxes stay."""
        (a, b), (c, d) = matrix
        return Glow(
            a * self.x + b * self.y,
            c * self.x + d * self.y,
            self.flux,
            a * a * self.xx + 2.0 * a * b * self.xy + b * b * self.yy,
            a * c * self.xx + (a * d + b * c) * self.xy + b * d * self.yy,
            c * c * self.xx + 2.0 * c * d * self.xy + d * d * self.yy,
        )

    def blurred(self, width: float) -> Glow:
        """The same convolved with a round Gaussian of a width."""
        square = width**2
        return Glow(self.x, self.y, self.flux, self.xx + square, self.xy, self.yy + square)

    def trailed(self, x: float, y: float, spacing: float) -> Glow:
        """The same drawn out along a vector (x, y), with its centre where it was.

        Parameters
        ----------
        x, y : float
            The way it goes while the shutter is open.
        spacing : float
            Longest step; finer than what is seen of the image.
        """
        count = int(np.ceil(np.hypot(x, y) / spacing))
        if count < 1:
            return self
        steps = (np.arange(count) + 0.5) / count - 0.5
        return join(self.scaled(1.0 / count).moved(x * step, y * step) for step in steps)

    def within(self, radius: float) -> float:
        """Flux within a radius about the origin."""
        return float(self.flux @ (self._radii() < radius).mean(axis=1))

    def half_light(self) -> float:
        """Radius about the origin that holds half of the flux."""
        radii = self._radii()
        order = np.argsort(radii, axis=None)
        share = np.cumsum(np.repeat(self.flux / _SAMPLES[0].size, _SAMPLES[0].size)[order])
        return float(radii.ravel()[order][np.searchsorted(share, 0.5 * share[-1])])

    def _radii(self) -> np.ndarray:
        """Distances from the origin of places of equal weight in each Gaussian."""
        return np.hypot(self.x[:, None] + self._spread(0), self.y[:, None] + self._spread(1))

    def _spread(self, axis: int) -> np.ndarray:
        """Offsets of `_SAMPLES` from the centres, by Cholesky's root of the covariance."""
        across, down = (sample[None, :] for sample in _SAMPLES)
        root = np.sqrt(self.xx)[:, None]
        if axis == 0:
            return root * across
        lean = np.divide(self.xy[:, None], root, out=np.zeros_like(root), where=root > 0)
        return lean * across + np.sqrt(np.maximum(self.yy[:, None] - lean**2, 0.0)) * down


def join(parts: Iterable[Glow]) -> Glow:
    """Several in one."""
    listed = list(parts)
    return Glow(*(np.concatenate([getattr(p, f.name) for p in listed]) for f in fields(Glow)))


def round_glow(flux: np.ndarray, width: np.ndarray) -> Glow:
    """Round Gaussians about the origin, of given fluxes and widths (n,)."""
    nothing = np.zeros(len(flux))
    return Glow(nothing, nothing, np.asarray(flux, float), width**2, nothing, width**2)


def coma_glow(radius: float, slope: float) -> Glow:
    """A coma of unit flux whose brightness falls as ``1 / rho ** slope`` out to about `radius`.

    ``1 / rho`` is what dust that leaves a nucleus at constant speed makes; observed slopes are 1 to
    1.5 (Jewitt & Meech 1987, ApJ 317, 992). As a mixture of Gaussians it comes from
    ``∫ exp(-rho² u² / 2) du ∝ 1 / rho``; without widths above the radius that is
    ``erfc(rho / (√2 radius)) / rho``, of which half the light is within 0.495 radii.

    Parameters
    ----------
    radius : float
        Where brightness is a third of the uncut law's [arcsec]; at twice of it, a twentieth.
    slope : float
        1 for a steady coma.
    """
    count = int(np.ceil(np.log(radius / COMA_START) / np.log(COMA_STEP)))
    edges = np.geomspace(COMA_START, radius, count + 1)
    width = np.sqrt(edges[1:] * edges[:-1])
    edges[0] = 0.0  # the narrowest stands for all that are narrower
    flux = np.diff(edges ** (2.0 - slope))
    return round_glow(flux / flux.sum(), width)


@cache
def sersic_glow(index: float) -> Glow:
    """A galaxy's profile of unit flux and unit half-light radius, seen face-on.

    Fitted to ``exp(-b r^(1/index))`` from a fiftieth of the half-light radius to eight of them,
    where it ends; Hogg & Lang (2013, PASP 125, 719) approximate galaxies so.

    Parameters
    ----------
    index : float
        Sérsic index: 1 a disc, 4 an elliptical or a bulge.
    """
    radius = np.geomspace(0.02, 8.0, 200)
    steepness = 2.0 * index - 1.0 / 3.0 + 0.009876 / index  # Prugniel & Simien 1997, A&A 321, 111
    wanted = np.exp(-steepness * radius ** (1.0 / index))
    width = np.geomspace(0.02, 5.0, 14)
    shapes = np.exp(-0.5 * (radius[:, None] / width) ** 2)
    weight = radius[:, None]  # as light is spread over a disc
    amplitude, _ = nnls(shapes * weight, wanted * weight[:, 0])
    flux = amplitude * width**2
    used = flux > 1e-4 * flux.sum()
    return round_glow(flux[used] / flux[used].sum(), width[used])
