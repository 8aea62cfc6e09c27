"""``python -m benchmarks.comet_photometry FOLDER``: magnitudes of simulated comets, and the truth.

FOLDER is one of ``skysift simulate frames``. Comets are measured where they are; those of whose
light more than a tenth lies on pixels without data are left out.
"""

from __future__ import annotations

import argparse
import json
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks import _report
from skysift.alerts.frame_file import number_of, read_image
from skysift.frames.photometry import RADII, Camera, measure

EDGES = (14, 16, 17, 18, 19, 20, 21)
"""Between the rows of the table, in true magnitudes."""

MOST_BLOCKED = 0.1


def run(folder: Path) -> _report.Rows:
    """Measure all comets of a folder.

    Returns
    -------
    list of dict
        A row a range of true magnitudes: for each aperture and the coma, the median of measured
        less true magnitude, and its scatter (1.4826 times the median deviation); and the median of
        the error that is told for the coma.
    """
    measured = np.array([row for path in sorted(folder.glob("truth/*.json")) for row in _of(path)])
    rows = []
    for low, high in pairwise(EDGES):
        chosen = measured[(measured[:, 0] >= low) & (measured[:, 0] < high)]
        if not len(chosen):
            continue
        row: dict[str, object] = {"true mag": f"{low} to {high}", "comets": len(chosen)}
        names = [*(f"{radius:.0f}″" for radius in RADII), "coma"]
        for name, values in zip(names, chosen[:, 1:].T, strict=False):
            row[name] = _told(values - chosen[:, 0])
        row["error told, coma"] = float(np.nanmedian(chosen[:, -1]))
        rows.append(row)
    return rows


def _of(path: Path) -> list[tuple[float, ...]]:
    """True magnitude, those measured, and the coma's error, of each comet of a frame."""
    folder, whole = path.parents[1], json.loads(path.read_text(encoding="utf-8"))
    difference, header = read_image(folder / whole["frame"]["difference"])
    camera = Camera(*(number_of(header, card) for card in ("PIXSCALE", "MAGZP", "GAIN")))
    rows = []
    for one in whole["truth"]:
        if one["kind"] == "comet" and one["blocked"] <= MOST_BLOCKED:
            found = measure(difference, one["x"], one["y"], camera)
            rows.append((one["mag"], *found.mags, found.magcoma, found.sigmagcoma))
    return rows


def _told(values: np.ndarray) -> str:
    middle = np.nanmedian(values)
    return f"{middle:+.2f} ± {1.4826 * np.nanmedian(np.abs(values - middle)):.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.comet_photometry", description=__doc__
    )
    parser.add_argument("folder", type=Path, help="of `skysift simulate frames`")
    chosen = parser.parse_args()
    print(_report.as_markdown("measured less true magnitude", run(chosen.folder)))


if __name__ == "__main__":
    main()
