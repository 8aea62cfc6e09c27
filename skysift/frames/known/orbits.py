"""Orbits of many bodies, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np


class OrbitError(ValueError):
    """A file of orbits cannot be read, or says nothing that can be used."""


@dataclass(frozen=True, eq=False)
class Orbits:
    """Heliocentric orbits, ecliptic and equinox J2000; all arrays are of shape (n,).

    Attributes
    ----------
    name : ndarray of bytes
        As the file has it: ``(1) Ceres``, ``C/1995 O1 (Hale-Bopp)``.
    source : ndarray of bytes
        Name of the file.
    comet : ndarray of bool
        The magnitude follows the law of comets.
    perihelion : ndarray, float64
        Distance [au], more than 0.
    eccentricity : ndarray, float64
        0 or more; 1 is a parabola.
    inclination, node, argument : ndarray, float64
        Of the orbit's plane, of its ascending node, and from there to perihelion [rad].
    passage : ndarray, float64
        Time of perihelion, Julian date TT.
    epoch : ndarray, float64
        When the elements touch the true orbit, Julian date TT; NaN: computed without planets.
    magnitude : ndarray, float64
        Absolute; NaN if the file has none.
    slope : ndarray, float64
        For comets, the change with log r is 2.5 times this; for asteroids, the G of H and G.
    """

    name: np.ndarray
    source: np.ndarray
    comet: np.ndarray
    perihelion: np.ndarray
    eccentricity: np.ndarray
    inclination: np.ndarray
    node: np.ndarray
    argument: np.ndarray
    passage: np.ndarray
    epoch: np.ndarray
    magnitude: np.ndarray
    slope: np.ndarray

    def __len__(self) -> int:
        return len(self.name)

    def __getitem__(self, chosen: np.ndarray | slice) -> Orbits:
        return Orbits(*(getattr(self, field.name)[chosen] for field in fields(self)))


def joined(parts: Sequence[Orbits]) -> Orbits:
    """Orbits of several files, one after the other."""
    return Orbits(
        *(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Orbits))
    )
