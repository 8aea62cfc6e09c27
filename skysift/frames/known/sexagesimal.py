"""Angles as hours or degrees, minutes and seconds."""

from __future__ import annotations

import math


def degrees(text: str) -> float:
    """Read ``+04 29 25.08`` as 4.4903; hours are as good.

    Raises
    ------
    ValueError
        If it is not three numbers, the latter two within [0, 60].
    """
    whole, minutes, seconds = (float(part) for part in text.replace(":", " ").split())
    if not (0 <= minutes <= 60 and 0 <= seconds <= 60):
        raise ValueError(f"{text!r} is no angle")
    size = abs(whole) + minutes / 60 + seconds / 3600
    return -size if text.lstrip().startswith("-") else size


def written(angle: float, decimals: int, *, sign: bool) -> str:
    """Write 4.4903 as ``+04 29 25.1``, rounded so that no 60 is left.

    Examples
    --------
    >>> written(-0.999999, 1, sign=True), written(23.5, 2, sign=False)
    ('-01 00 00.0', '23 30 00.00')
    """
    units = round(abs(angle) * 3600 * 10**decimals)
    seconds, part = divmod(units, 10**decimals)
    minutes, second = divmod(seconds, 60)
    whole, minute = divmod(minutes, 60)
    front = ("-" if math.copysign(1, angle) < 0 else "+") if sign else ""
    return f"{front}{whole:02d} {minute:02d} {second:02d}.{part:0{decimals}d}"
