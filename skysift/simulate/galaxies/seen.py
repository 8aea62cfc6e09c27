"""How much of a galaxy its picture shows: what is small, faint or turned away goes unseen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from skysift.simulate.galaxies.camera import View
from skysift.simulate.galaxies.light import squash_of
from skysift.simulate.galaxies.structure import Structure

MTF = 2.0 * math.pi**2 / 2.355**2
"""A wave of length L keeps ``exp(-MTF (w / L)²)`` of its contrast in a Gaussian seeing of width w:
the Gaussian's Fourier transform."""
TRAIL_SEEN = 10.0
"""Contrast with the sky's noise at which half of the people notice a trail."""


@dataclass(frozen=True)
class Seen:
    """What people can see. All run from 0, nothing, to 1, unmistakable, but for `pitch` [deg].

    Attributes
    ----------
    arms, bar, ring, clumps, tidal, companion : float
        Strength, times how far each is resolved, above the noise and turned to us.
    edge : float
        Looks like a disc from its edge.
    axis_ratio : float
        After the seeing.
    bulge : float
        Root of the share of the light that is in a bulge.
    boxiness : float
    pitch : float
    arm_count : float
    raggedness : float
    disc : float
        Share of the light in the disc, above the noise.
    artefact : float
        Share of people to whom it is none.
    """

    arms: float
    bar: float
    ring: float
    clumps: float
    tidal: float
    companion: float
    edge: float
    axis_ratio: float
    bulge: float
    boxiness: float
    pitch: float
    arm_count: float
    raggedness: float
    disc: float
    artefact: float

    @property
    def featured(self) -> float:
        """Anything that tells a disc from a smooth galaxy."""
        plain = (1.0 - self.arms) * (1.0 - 0.8 * self.bar) * (1.0 - 0.8 * self.ring)
        plain *= (1.0 - 0.8 * self.clumps) * (1.0 - 0.6 * self.tidal) * (1.0 - 0.8 * self.edge)
        return 1.0 - plain * (1.0 - 0.15 * self.disc)

    @property
    def odd(self) -> float:
        """Anything that is odd."""
        usual = (1.0 - 0.8 * self.ring) * (1.0 - self.tidal) * (1.0 - 0.9 * self.companion)
        return 1.0 - usual * (1.0 - 0.25 * self.clumps)

    @property
    def merging(self) -> float:
        """From undisturbed to two in one."""
        return 0.5 * self.tidal + 0.5 * self.companion


def see(galaxy: Structure, view: View) -> Seen:
    """Tell what a picture shows of a galaxy.

    A feature is taken for a wave, arms from one to the next at two scale lengths, others twice as
    long as they are; it keeps what a Gaussian seeing leaves of it (`MTF`), whose width is that of
    seeing and two pixels together. Of signal to noise `s` in a circle of that width (mean within
    the half-light radius), ``s / (s + s₀)`` is noticed, `s₀` 2, or 8 for faint tails.
    """
    blur = math.hypot(view.fwhm, 2.0 * view.pixel)

    def resolved(wave: float) -> float:
        return math.exp(-MTF * (blur / (wave + 1e-9)) ** 2)

    signal = _signal_to_noise(galaxy, view, blur)
    clear, faint = signal / (signal + 2.0), signal / (signal + 8.0)
    ratio = _axis_ratio(galaxy, blur)
    disc = 1.0 - galaxy.spheroid
    has_disc = disc / (disc + 0.1)
    face = clear * _logistic((squash_of(galaxy) - 0.30) / 0.04) * has_disc
    scale = galaxy.scale_length
    spacing = 4.0 * math.pi * scale * math.tan(math.radians(galaxy.pitch)) / max(galaxy.arms, 1)
    inside = _logistic((0.5 * view.side * view.pixel - galaxy.companion_distance) / (2.0 * blur))
    return Seen(
        arms=min(galaxy.arms, 1) * galaxy.arm_strength * resolved(spacing) * face,
        bar=galaxy.bar_strength * resolved(2.0 * galaxy.bar_length) * face
        * (1.0 - 0.5 * galaxy.spheroid),
        ring=galaxy.ring_strength * resolved(2.0 * galaxy.ring_radius) * face,
        clumps=galaxy.clumps * galaxy.young * resolved(1.5 * scale) * clear,
        tidal=galaxy.tidal**1.5 * resolved(2.0 * galaxy.r50) * faint,
        companion=galaxy.companion**0.4 * resolved(2.0 * galaxy.companion_distance)
        * clear * inside,
        edge=_logistic((0.32 - ratio) / 0.035) * has_disc,
        axis_ratio=ratio,
        bulge=math.sqrt(galaxy.spheroid),
        boxiness=galaxy.boxiness * resolved(2.0 * galaxy.spheroid_radius),
        pitch=galaxy.pitch,
        arm_count=float(galaxy.arms),
        raggedness=galaxy.raggedness,
        disc=disc * clear,
        artefact=_artefact(galaxy),
    )  # fmt: skip


def _signal_to_noise(galaxy: Structure, view: View, blur: float) -> float:
    """Of the mean brightness within the half-light radius, in a circle of the seeing's width."""
    flux = 10.0 ** (-0.4 * (galaxy.r_mag - 22.5))
    brightness = 0.5 * flux / (math.pi * galaxy.r50**2)
    noise = float(view.survey.sky_noise[1]) / view.survey.pixel
    return brightness * math.sqrt(math.pi / 4.0) * blur / noise


def _axis_ratio(galaxy: Structure, blur: float) -> float:
    """Of the whole galaxy as the seeing rounds it."""
    disc = 1.0 - galaxy.spheroid
    ratio = disc * squash_of(galaxy) + galaxy.spheroid * galaxy.spheroid_ratio
    sigma = blur / 2.355
    return math.sqrt(((ratio * galaxy.r50) ** 2 + sigma**2) / (galaxy.r50**2 + sigma**2))


def _artefact(galaxy: Structure) -> float:
    if galaxy.kind == "star":
        return 0.95 * _logistic((15.0 - galaxy.r_mag) / 1.0)
    if galaxy.kind == "blank":
        return 0.95
    return 0.95 * galaxy.trail / (galaxy.trail + TRAIL_SEEN)


def _logistic(x: float) -> float:
    return float(0.5 * (1.0 + np.tanh(0.5 * x)))
