"""What can be posted about one object, checked against what SkyPortal takes."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KINDS = ("new", "ref", "sub")
"""Thumbnails that people make of a detection: the frame, its reference, their difference."""

SMALLEST, LARGEST = 100, 500
"""Sides of a thumbnail, pixels, that every SkyPortal takes; newer ones begin at 16."""

PNG = b"\x89PNG\r\n\x1a\n"
OBJECT_ID = re.compile(r"[A-Za-z0-9_.+-]{1,64}")


@dataclass(frozen=True)
class Candidate:
    """An object that passed a filter.

    Attributes
    ----------
    ra, dec : float
        ICRS, degrees.
    score : float
    passed_at : datetime
        When it passed, with its time zone.
    origin : str
        Of what it was made: the id of the detection.
    """

    ra: float
    dec: float
    score: float
    passed_at: datetime
    origin: str

    def __post_init__(self) -> None:
        if not (0 <= self.ra < 360 and -90 <= self.dec <= 90):
            raise ValueError(f"{self.origin}: no place on the sky: ra {self.ra}, dec {self.dec}")
        if not math.isfinite(self.score):
            raise ValueError(f"{self.origin}: its score is no number: {self.score}")
        if self.passed_at.tzinfo is None:
            raise ValueError(f"{self.origin}: passed_at needs a time zone")


@dataclass(frozen=True)
class Annotation:
    """Numbers and words about an object; SkyPortal keeps one of each origin.

    Attributes
    ----------
    origin : str
        Who says so; begins with a letter, a digit or an underscore.
    data : mapping of str to str, int, float, bool or None
        Something at least; no NaN, which JSON does not know.
    """

    origin: str
    data: Mapping[str, Any]

    def __post_init__(self) -> None:
        if not re.match(r"\w", self.origin):
            raise ValueError(f"an annotation's origin begins with a letter; got {self.origin!r}")
        if not self.data:
            raise ValueError(f"the annotation of {self.origin} says nothing")
        broken = [k for k, v in self.data.items() if isinstance(v, float) and not math.isfinite(v)]
        if broken:
            raise ValueError(f"the annotation of {self.origin} has no number for {broken}")


@dataclass(frozen=True)
class Thumbnail:
    """A small picture.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    draw : callable
        Returns a PNG file of `SMALLEST` to `LARGEST` pixels a side, when it is to be sent.
    """

    kind: str
    draw: Callable[[], bytes]

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a thumbnail is one of {', '.join(KINDS)}; got {self.kind!r}")

    def png(self) -> bytes:
        """Draw it.

        Raises
        ------
        ValueError
            If it is none, or not of a size that SkyPortal takes; besides what `draw` raises.
        """
        png = self.draw()
        sides = png_size(png)
        if not all(SMALLEST <= side <= LARGEST for side in sides):
            raise ValueError(
                f"the thumbnail {self.kind} has {sides[0]}×{sides[1]} pixels; SkyPortal takes "
                f"{SMALLEST} to {LARGEST}"
            )
        return png


@dataclass(frozen=True)
class Attachment:
    """A file that hangs on a comment; `read` returns what is in it, when it is to be sent."""

    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Comment:
    """A comment, in Markdown. It is known by its text, which no other of the object may have."""

    text: str
    attachment: Attachment | None = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a comment needs a text")


@dataclass(frozen=True)
class Post:
    """All that is sent about an object.

    Raises
    ------
    ValueError
        If two things are the same to SkyPortal: annotations of one origin, thumbnails of one kind,
        comments of one text.
    """

    object_id: str
    candidate: Candidate
    annotations: tuple[Annotation, ...] = ()
    thumbnails: tuple[Thumbnail, ...] = ()
    comments: tuple[Comment, ...] = ()

    def __post_init__(self) -> None:
        if not OBJECT_ID.fullmatch(self.object_id):
            raise ValueError(f"no name for an object: {self.object_id!r}")
        self._refuse_twins("origin of an annotation", (a.origin for a in self.annotations))
        self._refuse_twins("kind of thumbnail", (t.kind for t in self.thumbnails))
        self._refuse_twins("text of a comment", (c.text for c in self.comments))

    def _refuse_twins(self, what: str, names: Iterable[str]) -> None:
        listed = list(names)
        twins = {name for name in listed if listed.count(name) > 1}
        if twins:
            raise ValueError(f"{self.object_id}: more than once the same {what}: {sorted(twins)}")


def png_size(png: bytes) -> tuple[int, int]:
    """Read columns and rows off the head of a PNG file.

    Raises
    ------
    ValueError
        If it is none.

    References
    ----------
    Portable Network Graphics, W3C: the signature, and the chunk IHDR that stands first.
    """
    if png[:8] != PNG or png[12:16] != b"IHDR" or len(png) < 24:
        raise ValueError("a thumbnail must be a PNG file")
    return struct.unpack(">II", png[16:24])
