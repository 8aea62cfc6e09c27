"""What may be one moving object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LinkSettings:
    """What may be one object; all of it more than 0.

    Attributes
    ----------
    fastest : float
        [arcsec/min]. Comets a few tenths of an au from the Earth are as fast.
    longest : float
        From the first detection to the last [hours].
    moved : float
        An object must have moved by this many times the error of its places: what stands still,
        like a star that was not quite subtracted, is none.
    brightness : float
        Detections of it may differ by this (mag).
    chance : float
        Links that one expects more often than this by chance, for one detection, are not made.
    tolerance : float
        Places may be off a straight and even path by this many times their errors.

    Raises
    ------
    ValueError
        Naming the one that is not more than 0.
    """

    fastest: float = 5.0
    longest: float = 5.0
    moved: float = 3.0
    brightness: float = 1.5
    chance: float = 0.05
    tolerance: float = 4.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"{name} must be more than 0 to link detections; got {value}")
