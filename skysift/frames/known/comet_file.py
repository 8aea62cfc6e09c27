"""Orbits of comets, as the Minor Planet Center's ``CometEls.txt`` has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from skysift.frames.known.calendar import julian_date
from skysift.frames.known.fixed_width import columns, numbers
from skysift.frames.known.orbits import Orbits

LAYOUT = {
    "year": (14, 18),
    "month": (19, 21),
    "day": (22, 29),
    "perihelion": (30, 39),
    "eccentricity": (41, 49),
    "argument": (51, 59),
    "node": (61, 69),
    "inclination": (71, 79),
    "epoch": (81, 89),
    "magnitude": (91, 95),
    "slope": (96, 100),
    "name": (102, 158),
}
"""https://www.minorplanetcenter.net/iau/info/CometOrbitFormat.html, counted from 0."""

USUAL_SLOPE = 4.0
"""Of comets whose brightness says nothing else."""


def comets(lines: Sequence[bytes], source: str) -> tuple[Orbits, dict[str, np.ndarray]]:
    """Read lines of ``CometEls.txt``.

    Parameters
    ----------
    lines : sequence of bytes, n of them
    source : str
        Name of their file.

    Returns
    -------
    orbits : Orbits (n,)
        Of bad lines too.
    bad : dict of ndarray (n,), bool
        For each column whether the line lacks it or has it wrong.
    """
    cells = columns(lines, LAYOUT)
    values, good = {}, {}
    for name in ("year", "month", "day", "perihelion", "eccentricity"):
        values[name], good[name] = numbers(cells[name])
    for name in ("argument", "node", "inclination"):
        values[name], good[name] = numbers(cells[name])
    values["magnitude"], good["magnitude"] = numbers(cells["magnitude"], blank=np.nan)
    values["slope"], good["slope"] = numbers(cells["slope"], blank=USUAL_SLOPE)
    passage = julian_date(values["year"], values["month"], values["day"])
    epoch, good["epoch"] = _epochs(cells["epoch"])
    good["date of perihelion"] = np.isfinite(passage)
    good["name"] = np.char.str_len(cells["name"]) > 0
    orbits = Orbits(
        name=cells["name"],
        source=np.full(len(lines), source.encode()),
        comet=np.ones(len(lines), dtype=bool),
        perihelion=values["perihelion"],
        eccentricity=values["eccentricity"],
        inclination=np.radians(values["inclination"]),
        node=np.radians(values["node"]),
        argument=np.radians(values["argument"]),
        passage=passage,
        epoch=epoch,
        magnitude=values["magnitude"],
        slope=values["slope"],
    )
    return orbits, {name: ~fine for name, fine in good.items()}


def _epochs(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Julian dates of YYYYMMDD; an empty cell is fine, and NaN."""
    packed, good = numbers(cells, blank=np.nan)
    whole = np.where(np.isfinite(packed), packed, 0).astype(np.int64)
    dates = julian_date(packed // 10000, (whole // 100 % 100) * 1.0, (whole % 100) * 1.0)
    return dates, good & (np.isfinite(dates) | (np.char.str_len(cells) == 0))
