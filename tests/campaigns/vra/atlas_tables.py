"""Tables like those of the published ATLAS sample, made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

TYPES = ("good", "galactic", "garbage", "pm")
FIRST_ID = 1_160_457_911_144_448_000

ATLAS_FEATURES = (
    "Nnondet_std", "Nnondet_mean", "magdet_std", "DET_Nsince_min5d", "NON_Nsince_min5d",
    "log10_std_ra_min5d", "log10_std_dec_min5d", "DET_mag_median_min5d", "ebv_sfd",
    "log10_sep_arcsec",
)  # fmt: skip
"""Others of its columns, which tell nothing here."""


def atlas_tables(folder: Path, name: str, objects: int, days: int = 1, first: int = FIRST_ID):
    """Write a table and its types as ATLAS's are; `rb_pix` tells real, `sep` tells Galactic."""
    rng = np.random.default_rng(first % 1000 + days)
    ids = np.repeat(first + np.arange(objects), days)
    types = np.repeat(rng.choice(TYPES, objects), days)
    n = len(ids)
    table = pd.DataFrame({"ATLAS_ID": ids})
    if days > 1:
        table["dayN"] = np.tile(np.arange(1, days + 1), objects)
    table["ra"], table["dec"] = rng.uniform(0, 360, n), rng.uniform(-30, 60, n)
    table["rb_pix"] = np.isin(types, ["good", "galactic"]) * 0.6 + 0.2 * rng.random(n)
    table["sep"] = np.isin(types, ["galactic", "pm"]) * 1.0 + 0.3 * rng.normal(size=n)
    for feature in ATLAS_FEATURES:
        table[feature] = rng.normal(size=n)
    table["z"], table["photoz"], table["CV"] = np.nan, np.nan, False
    table.to_csv(folder / f"X_{name}.csv", index=False)
    labels = pd.DataFrame({"ATLAS_ID": ids, "type": types})
    labels.to_csv(folder / f"y_{name}.csv", index=False)
    return folder / f"X_{name}.csv", folder / f"y_{name}.csv"
