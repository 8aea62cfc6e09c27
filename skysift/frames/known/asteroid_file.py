"""Orbits of minor planets, as the Minor Planet Center's ``MPCORB.DAT`` has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from skysift.frames.known.calendar import packed_dates
from skysift.frames.known.fixed_width import columns, numbers
from skysift.frames.known.orbits import Orbits
from skysift.frames.known.two_body import SUN

LAYOUT = {
    "packed": (0, 7),
    "magnitude": (8, 13),
    "slope": (14, 19),
    "epoch": (20, 25),
    "anomaly": (26, 35),
    "argument": (37, 46),
    "node": (48, 57),
    "inclination": (59, 68),
    "eccentricity": (70, 79),
    "axis": (92, 103),
    "name": (166, 194),
}
"""https://www.minorplanetcenter.net/iau/info/MPOrbitFormat.html, counted from 0."""

USUAL_SLOPE = 0.15
"""Of minor planets whose slope nobody has measured."""


def asteroids(lines: Sequence[bytes], source: str) -> tuple[Orbits, dict[str, np.ndarray]]:
    """Read lines of ``MPCORB.DAT``.

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
    for name in ("anomaly", "argument", "node", "inclination", "eccentricity", "axis"):
        values[name], good[name] = numbers(cells[name])
    values["magnitude"], good["magnitude"] = numbers(cells["magnitude"], blank=np.nan)
    values["slope"], good["slope"] = numbers(cells["slope"], blank=USUAL_SLOPE)
    epoch = packed_dates(cells["epoch"])
    good["epoch"] = np.isfinite(epoch)
    good["semi-major axis"] = values["axis"] > 0
    good["eccentricity below 1"] = values["eccentricity"] < 1
    names = np.where(np.char.str_len(cells["name"]) > 0, cells["name"], cells["packed"])
    good["name"] = np.char.str_len(names) > 0
    orbits = Orbits(
        name=names,
        source=np.full(len(lines), source.encode()),
        comet=np.zeros(len(lines), dtype=bool),
        perihelion=values["axis"] * (1 - values["eccentricity"]),
        eccentricity=values["eccentricity"],
        inclination=np.radians(values["inclination"]),
        node=np.radians(values["node"]),
        argument=np.radians(values["argument"]),
        passage=_passages(epoch, values["anomaly"], values["axis"]),
        epoch=epoch,
        magnitude=values["magnitude"],
        slope=values["slope"],
    )
    return orbits, {name: ~fine for name, fine in good.items()}


def _passages(epoch: np.ndarray, anomaly: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Perihelion next to the epoch, Julian dates TT, from mean anomalies in degrees."""
    near = (anomaly + 180.0) % 360.0 - 180.0
    with np.errstate(invalid="ignore"):
        return epoch - np.radians(near) * np.sqrt(axis**3 / SUN)
