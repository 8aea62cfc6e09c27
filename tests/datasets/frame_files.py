"""Small frames on disk as the simulation lays them out: FITS files, and the truth last."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from astropy.io import fits

SHAPE = (90, 120)


def header(rotation: float = 0.0, shift: tuple[float, float] = (0.0, 0.0)) -> fits.Header:
    """TAN with north up, turned by `rotation` degrees and moved by `shift` pixels."""
    cards = fits.Header()
    cards["CTYPE1"], cards["CTYPE2"] = "RA---TAN", "DEC--TAN"
    cards["CRVAL1"], cards["CRVAL2"] = 150.0, 20.0
    cards["CRPIX1"], cards["CRPIX2"] = 60.5 + shift[0], 45.5 + shift[1]
    scale, turn = 1.012 / 3600, np.radians(rotation)
    matrix = scale * np.array([[-np.cos(turn), np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    for i in (1, 2):
        for j in (1, 2):
            cards[f"CD{i}_{j}"] = matrix[i - 1, j - 1]
    cards["PIXSCALE"], cards["MAGZP"] = 1.012, 26.1
    return cards


def write(folder: Path, name: str, field: str, *, rotation: float = 0.7) -> None:
    """Write a frame with a comet, whose light is not drawn, and a streak."""
    rng = np.random.default_rng(int(name[-1]))
    paths = {"science": f"{name}_sci.fits", "difference": f"{name}_diff.fits.fz",
             "reference": f"{field}_ref.fits"}  # fmt: skip
    science = rng.normal(100, 3, SHAPE).astype(np.float32)
    fits.PrimaryHDU(science, header()).writeto(folder / paths["science"])
    packed = fits.CompImageHDU((science - 100).astype(np.float32), header())
    fits.HDUList([fits.PrimaryHDU(), packed]).writeto(folder / paths["difference"])
    reference = fits.PrimaryHDU(science, header(rotation=rotation))
    reference.writeto(folder / paths["reference"], overwrite=True)
    empty = {"snr": 9.0, "extent_snr": 7.0, "blocked": 0.0, "mag": 18.0}
    truth = [
        {"id": name, "kind": "comet", "x": 30.0, "y": 40.0, "half_light": 2.024,
         "coma_radius": 5.06, **empty},
        {"id": name, "kind": "streak", "x": 80.0, "y": 20.0, "half_light": 0.0,
         "coma_radius": float("nan"), **empty},
    ]  # fmt: skip
    (folder / "truth").mkdir(exist_ok=True)
    whole = {"frame": {"id": name, **paths}, "truth": truth}
    (folder / "truth" / f"{name}.json").write_text(json.dumps(whole))
