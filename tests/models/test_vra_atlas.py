"""The published sample of ATLAS alerts, read by us."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from skysift.models.vra import atlas


@pytest.fixture(scope="module")
def table(shared_data: Path) -> pd.DataFrame:
    return atlas.read_features(shared_data / "vra" / "X_train_day1_duck1000rows.csv")


def test_ids_keep_their_nineteen_digits(table: pd.DataFrame, shared_data: Path) -> None:
    lines = (shared_data / "vra" / "X_train_day1_duck1000rows.csv").read_text().splitlines()[1:]
    assert [str(name) for name in table.index] == [line.split(",")[0] for line in lines]


def test_places_on_the_sky_replace_coordinates(table: pd.DataFrame, shared_data: Path) -> None:
    raw = pd.read_csv(shared_data / "vra" / "X_train_day1_duck1000rows.csv", index_col=0)
    place = SkyCoord(raw["ra"].to_numpy() * u.deg, raw["dec"].to_numpy() * u.deg)
    centre = SkyCoord(0 * u.deg, 0 * u.deg, frame="galactic")
    expected = {
        "galactic_latitude": np.abs(place.galactic.b.deg),
        "ecliptic_latitude": np.abs(place.barycentricmeanecliptic.lat.deg),
        "centre_distance": place.galactic.separation(centre).deg,
    }
    for name, values in expected.items():
        np.testing.assert_allclose(table[name], values, atol=1e-3)
    assert not {"ra", "dec"} & set(table.columns)


def test_either_redshift_tells_of_a_host(table: pd.DataFrame, shared_data: Path) -> None:
    raw = pd.read_csv(shared_data / "vra" / "X_train_day1_duck1000rows.csv", index_col=0)
    some = raw["z"].notna() | raw["photoz"].notna()
    np.testing.assert_array_equal(table["any_z"].isna(), ~some)
    spectrum = raw["z"].notna()
    np.testing.assert_array_equal(table["any_z"][spectrum], raw["z"][spectrum])


def test_types_come_in_the_order_of_the_ids(table: pd.DataFrame, shared_data: Path) -> None:
    path = shared_data / "vra" / "y_train_day1_duck1000rows.csv"
    types = atlas.read_types(path, table.index)
    kinds, counts = np.unique(types.astype(str), return_counts=True)
    assert dict(zip(kinds, counts, strict=True)) == {
        "pm": 289, "garbage": 261, "good": 230, "galactic": 218, "AGN": 2,
    }  # fmt: skip
    np.testing.assert_array_equal(atlas.read_types(path, table.index[::-1]), types[::-1])
    with pytest.raises(KeyError):
        atlas.read_types(path, pd.Index([1]))
