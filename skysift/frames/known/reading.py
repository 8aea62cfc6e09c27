"""Read files of orbits; a bad line costs that line."""

from __future__ import annotations

import gzip
import logging
import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from skysift.frames.known.asteroid_file import asteroids
from skysift.frames.known.comet_file import comets
from skysift.frames.known.orbits import OrbitError, Orbits, joined

LINES = 100_000
"""Read at a time: what they need in memory beside the orbits stays small."""

TOLD = 5
"""Bad lines that are named; the others are counted."""

HEADING = 200
"""Lines within which a heading ends."""

log = logging.getLogger(__name__)


def read_orbits(path: str | os.PathLike[str]) -> Orbits:
    """Read a file of orbits from the Minor Planet Center, packed with gzip or not.

    ``CometEls.txt`` and ``MPCORB.DAT`` are told apart by their lines. What stands above a line of
    dashes is a heading. Bad lines are left out, and logged with their numbers and reasons.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Orbits
        In the order of the file.

    Raises
    ------
    OrbitError
        There is no such file, it breaks off, or no line of it is an orbit.
    """
    path = Path(path)
    first, reader = _beginning(path)
    parts, problems = [], list[str]()
    for lines in _portions(path, first):
        orbits, bad = reader([line for _, line in lines], path.name)
        spoilt = _impossible(orbits, bad)
        places = [number for number, _ in lines]
        problems += [
            f"line {places[row]}: {_reasons(bad, int(row))}" for row in np.flatnonzero(spoilt)
        ]
        parts.append(orbits[~spoilt])
    if not sum(map(len, parts)):
        raise OrbitError(f"{path} holds no orbit: {problems[0]}")
    if problems:
        more = f", and {len(problems) - TOLD} more" if len(problems) > TOLD else ""
        log.warning("%s: left out %s%s", path, "; ".join(problems[:TOLD]), more)
    return joined(parts)


def _impossible(orbits: Orbits, bad: dict[str, np.ndarray]) -> np.ndarray:
    """Lines to be left out, bool (n,); adds what is wrong with an orbit as a whole to `bad`."""
    with np.errstate(invalid="ignore"):
        bad["perihelion distance above 0"] = ~(orbits.perihelion > 0)
        bad["eccentricity of 0 or more"] = ~(orbits.eccentricity >= 0)
        bad["inclination from 0 to 180"] = ~(
            (orbits.inclination >= 0) & (orbits.inclination <= np.pi)
        )
    return np.any(list(bad.values()), axis=0)


def _reasons(bad: dict[str, np.ndarray], row: int) -> str:
    return "no " + ", no ".join(name for name, wrong in bad.items() if wrong[row])


Reader = Callable[[list[bytes], str], tuple[Orbits, dict[str, np.ndarray]]]


def _beginning(path: Path) -> tuple[int, Reader]:
    """Number of the first line with an orbit, and who reads such lines."""
    start, reader = 1, None
    for number, line in islice(_lines(path), HEADING):
        if line.startswith(b"-----"):
            start, reader = number + 1, None
        elif reader is None and line.strip():
            reader = _kind(line)
    if reader is None:
        raise OrbitError(f"{path} is empty; want CometEls.txt or MPCORB.DAT")
    return start, reader


def _kind(line: bytes) -> Reader:
    """Whose line this is: comets have the point of a decimal where the others have none."""
    return comets if line[24:25] == b"." else asteroids


def _portions(path: Path, first: int) -> Iterator[list[tuple[int, bytes]]]:
    kept = (
        (number, line) for number, line in _lines(path) if number >= first and not line.isspace()
    )
    while portion := list(islice(kept, LINES)):
        yield portion


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, from 1."""
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else open(path, "rb") as lines:
            yield from enumerate(lines, 1)
    except FileNotFoundError:
        raise OrbitError(f"no file of orbits at {path}") from None
    except (OSError, EOFError) as error:
        raise OrbitError(f"{path} cannot be read: {error}") from None
