"""One column of an alert, described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SURVEYS = ("ztf", "lsst")

Kind = Literal["id", "float", "int", "bool", "text", "derived"]
"""``float``, ``int`` and ``bool`` are read as float64 with NaN for null, ``id`` as int64 with 0
for null, ``text`` as objects with None for null; ``derived`` has a type of its own."""


@dataclass(frozen=True)
class Column:
    """Name, meaning and whereabouts of one column.

    Attributes
    ----------
    name : str
    kind : str
        See `Kind`.
    unit : str
        Empty for a pure number.
    doc : str
        One line.
    nullable : bool
        Whether some survey or some version of its schema leaves it null.
    low, high : float or None
        Bounds of what makes sense, in `unit`, where there are any; ZTF's ``-999`` for "none"
        lies outside.
    paths : mapping of str to tuple of str
        For each survey that has it, the fields that it is made from.
    since : mapping of str to str
        For each survey that added it later, the schema version that did. Older alerts have it as
        null.
    optional : frozenset of str
        Those of `paths` that it can do without.
    """

    name: str
    kind: Kind
    unit: str
    doc: str
    nullable: bool = True
    low: float | None = None
    high: float | None = None
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    since: Mapping[str, str] = field(default_factory=dict, hash=False)
    optional: frozenset[str] = frozenset()

    def offered_by(self, survey: str) -> bool:
        """Tell whether alerts of this survey have the column."""
        return survey in self.paths
