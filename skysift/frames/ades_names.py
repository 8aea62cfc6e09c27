"""Designations of known objects as ADES wants them."""

from __future__ import annotations

import re

NUMBERED = re.compile(r"^\((\d+)\)")
"""A minor planet: ``(1) Ceres``."""

NUMBERED_COMET = re.compile(r"^(\d+[PDI](?:-[A-Z]{1,2})?)(?:/|$)")
"""A comet or interstellar object with a number: ``1P/Halley``, ``332P-B/Ikeya-Murakami``."""

COMET = re.compile(r"^([ADCPX]/\d{4} [A-Z]{1,2}\d*(?:-[A-Z])?)(?: \(|$)")
"""Another comet: ``C/2020 T2 (Palomar)``."""

MINOR_PLANET = re.compile(r"^(\d{4} (?:[A-HJ-Y][A-HJ-Z]\d*|P-L|T-[123]))$")
"""A minor planet without a number: ``2009 CQ5``, ``4321 T-2``."""


def designations(name: str | None) -> tuple[str, str]:
    """Find the permanent and the provisional designation in a name.

    Returns
    -------
    permanent, provisional : str
        One of them empty, or both, where there is none that ADES takes.

    Examples
    --------
    >>> designations("(1) Ceres"), designations("C/2020 T2 (Palomar)"), designations("Jupiter")
    (('1', ''), ('', 'C/2020 T2'), ('', ''))
    """
    for pattern in (NUMBERED, NUMBERED_COMET):
        if found := pattern.match(name or ""):
            return found.group(1), ""
    for pattern in (COMET, MINOR_PLANET):
        if found := pattern.match(name or ""):
            return "", found.group(1)
    return "", ""
