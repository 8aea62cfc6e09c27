"""What to simulate."""

from __future__ import annotations

from dataclasses import dataclass

from skysift.simulate.frames.camera import HEIGHT, WIDTH

FULL = (HEIGHT, WIDTH)
"""Shape of a whole quadrant [px]."""
COMETS = 16
"""Comets on a quadrant unless another number is asked for."""
SMALLEST = 256
"""Least side of a frame [px]: less is all rim."""


@dataclass(frozen=True)
class Settings:
    """What is simulated; a folder holds frames of one settings alone.

    Attributes
    ----------
    seed : int
        0 or more.
    shape : (height, width)
        Of the frames [px].
    comets : int
        On each field.
    visits : int
        Exposures of each field.
    night : float or None
        Julian date within the night; a night for each field is drawn if None.
    confusers : float
        Asteroids, streaks, transients and blends, as multiples of their usual numbers; 0 or more.
    """

    seed: int
    shape: tuple[int, int] = FULL
    comets: int = COMETS
    visits: int = 1
    night: float | None = None
    confusers: float = 1.0

    def __post_init__(self) -> None:
        limits = {"seed": 0, "comets": 0, "visits": 1, "confusers": 0}
        for name, least in limits.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be {least} or more, got {getattr(self, name)}")
        for length, most in zip(self.shape, FULL, strict=True):
            if not SMALLEST <= length <= most:
                raise ValueError(f"sides must be {SMALLEST} to {most} px, got {length}")
