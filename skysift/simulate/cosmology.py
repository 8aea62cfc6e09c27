"""Distance and redshift in a flat universe (H0 = 70 km/s/Mpc, matter 0.3)."""

from __future__ import annotations

import numpy as np

HUBBLE_DISTANCE = 299792.458 / 70.0
"""c / H0 [Mpc]."""

_REDSHIFT = np.linspace(0.0, 2.0, 2001)
_EXPANSION = np.sqrt(0.3 * (1.0 + _REDSHIFT) ** 3 + 0.7)
_STEPS = 0.5 * (1.0 / _EXPANSION[1:] + 1.0 / _EXPANSION[:-1]) * np.diff(_REDSHIFT)
_COMOVING = HUBBLE_DISTANCE * np.concatenate([[0.0], np.cumsum(_STEPS)])
_MODULUS = 5.0 * np.log10((1.0 + _REDSHIFT[1:]) * _COMOVING[1:]) + 25.0


def redshift(modulus: float) -> float:
    """Redshift at a distance modulus [mag], between 0.001 and 2."""
    return float(np.interp(modulus, _MODULUS, _REDSHIFT[1:]))


def distance_modulus(z: float) -> float:
    """Distance modulus [mag] at a redshift between 0.001 and 2."""
    return float(np.interp(z, _REDSHIFT[1:], _MODULUS))


def arcsec_per_kpc(z: float) -> float:
    """Angle [arcsec] that one kiloparsec spans at a redshift."""
    angular_distance = float(np.interp(z, _REDSHIFT, _COMOVING)) / (1.0 + z)
    return 206.265 / angular_distance
