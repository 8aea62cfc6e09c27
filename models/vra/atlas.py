"""The published sample of ATLAS alerts (Stevance et al. 2025): tables of features, and types.

The sample is used to compare learners on real answers; its features are not those of ZTF.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from skysift.models.vra.sky import centre_distance, ecliptic_latitude, galactic

LABELS = Path(__file__).with_name("labels_atlas.toml")
"""What its types mean."""

BELIEFS = Path(__file__).with_name("beliefs_atlas.toml")
"""What is believed of its features."""

WANTED = "good"
"""The type of what the survey is looking for."""

ID = "ATLAS_ID"


def read_features(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a table of features, and put what a position and a redshift say in place of them.

    A few dozen labels cannot teach the sky: distances from the Galactic plane, from the Galactic
    centre and from the ecliptic (deg) replace the coordinates. Either redshift, of a spectrum or
    of colours, tells that there is a host: ``any_z`` replaces both. The spread of the gaps between
    detections is left out: it says what their mean says.

    Returns
    -------
    DataFrame of float64
        Indexed by the alert's id, which is an int64.
    """
    table = pd.read_csv(path, index_col=ID).astype(np.float64)
    place = table["ra"].to_numpy(), table["dec"].to_numpy()
    any_z = table["z"].fillna(table["photoz"])
    return table.drop(columns=["ra", "dec", "z", "photoz", "Nnondet_std"]).assign(
        galactic_latitude=np.abs(galactic(*place)[1]),
        centre_distance=centre_distance(*place),
        ecliptic_latitude=np.abs(ecliptic_latitude(*place)),
        any_z=any_z,
    )


def read_types(path: str | os.PathLike[str], ids: pd.Index) -> np.ndarray:
    """Read the eyeballers' types of alerts, object (n,), in the order of `ids`.

    On day N an object has several alerts: then the file has a row for each of them, in the order of
    `ids`, or one for the object.

    Raises
    ------
    KeyError
        If one has none.
    ValueError
        If an object has several types, and rows cannot be told apart.
    """
    types = pd.read_csv(path, index_col=ID)["type"]
    if types.index.equals(ids):
        return types.to_numpy(dtype=object)
    of_object = types.groupby(level=0).agg(["first", "nunique"])
    if (of_object["nunique"] > 1).any():
        twice = of_object.index[of_object["nunique"] > 1][0]
        raise ValueError(f"{path} has several types of {twice}, and not the rows of the features")
    return of_object["first"].loc[ids].to_numpy(dtype=object)
