"""What a service said of a place: objects, none, or nothing that can be used."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass

from skysift.frames.known.places import ARCSEC, unit

MATCHED, NONE, FAILED = "matched", "none", "failed"


class NoAnswerError(RuntimeError):
    """A service was asked and did not answer, or not so that it can be understood."""


@dataclass(frozen=True)
class Match:
    """A known object near a place, as a service has it.

    Attributes
    ----------
    name : str
    kind : str
        The service's word for what it is: a class, or how well its orbit is known.
    ra, dec : float
        Predicted, J2000 [deg].
    offset : float
        From the place asked about [arcsec].
    mag : float or None
        Predicted, V.
    error : float or None
        Of the prediction [arcsec].
    rate, rate_pa : float or None
        Motion [arcsec/min] and its direction, from north through east [deg].
    """

    name: str
    kind: str
    ra: float
    dec: float
    offset: float
    mag: float | None
    error: float | None
    rate: float | None
    rate_pa: float | None


@dataclass(frozen=True)
class Answer:
    """What a service said.

    Attributes
    ----------
    status : str
        ``matched``; ``none``, which is an answer; or ``failed``, which is the lack of one.
    matches : tuple of Match
        The nearest first.
    reason : str or None
        Why there is no answer.
    """

    status: str
    matches: tuple[Match, ...] = ()
    reason: str | None = None

    @classmethod
    def of(cls, matches: list[Match]) -> Answer:
        """Of objects that a service named, sorted by their distance here."""
        near = tuple(sorted(matches, key=lambda match: (match.offset, match.name)))
        return cls(MATCHED if near else NONE, near)

    def text(self) -> str:
        """As JSON, for the columns ``x_match_*``."""
        return json.dumps(asdict(self), allow_nan=False, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Answer:
        """What `text` has written."""
        told = json.loads(text)
        return cls(
            told["status"], tuple(Match(**match) for match in told["matches"]), told["reason"]
        )


def offset_between(ra: float, dec: float, other_ra: float, other_dec: float) -> float:
    """Angle between two places [deg] in arcseconds."""
    apart = unit(ra, dec) - unit(other_ra, other_dec)
    return float(2 * math.asin(min(1.0, math.sqrt(apart @ apart) / 2)) * ARCSEC)


def motion(east: float | None, north: float | None) -> tuple[float | None, float | None]:
    """Rate [arcsec/min] and position angle [deg] from motions in arcsec/hour; None if unknown."""
    if east is None or north is None:
        return None, None
    return math.hypot(east, north) / 60, math.degrees(math.atan2(east, north)) % 360
