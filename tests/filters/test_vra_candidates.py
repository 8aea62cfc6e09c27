"""`vra_candidates`: the cuts of Fink's topic, at every limit."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.filters.vra_candidates import vra_candidates

FAINT = {
    "magpsf": 19.8, "drb": 0.9, "rb": 0.8, "nbad": 0.0, "ssdistnr": -999.0, "distpsnr1": 10.0,
    "ndethist": 2.0, "cdsxmatch": "Unknown",
}  # fmt: skip
ON_ASTEROID = {"ssdistnr": 1.0}


def column(value: float | str | None) -> np.ndarray:
    return np.array([value], dtype=float if isinstance(value, float) else object)


def keeps(**changes) -> bool:
    alert = FAINT | changes
    settings = {name: alert.pop(name) for name in list(alert) if name not in FAINT}
    return bool(vra_candidates(**{k: column(v) for k, v in alert.items()}, **settings)[0])


@pytest.mark.parametrize(
    ("dropped", "kept"),
    [
        ({"magpsf": 19.5}, {"magpsf": 19.51}),
        ({"drb": 0.5}, {"drb": 0.51}),
        ({"rb": 0.549}, {"rb": 0.55}),
        ({"nbad": 1.0}, {"nbad": 0.0}),
        ({"ssdistnr": 4.99}, {"ssdistnr": 5.0}),
        (ON_ASTEROID | {"distpsnr1": 1.01}, ON_ASTEROID | {"distpsnr1": 1.0}),
        (ON_ASTEROID | {"ndethist": 5.0}, ON_ASTEROID | {"ndethist": 6.0}),
        (ON_ASTEROID | {"distpsnr1": -999.0}, {"distpsnr1": -999.0}),
        ({"magpsf": 18.0}, {"magpsf": 18.0, "min_mag": 17.9}),
        ({"cdsxmatch": "RRLyr"}, {"cdsxmatch": "Fail"}),
    ],
)
def test_it_keeps_to_its_limits(dropped: dict, kept: dict) -> None:
    assert not keeps(**dropped)
    assert keeps(**kept)


@pytest.mark.parametrize("name", ["magpsf", "drb", "rb", "nbad"])
@pytest.mark.parametrize("null", [np.nan, -999.0])
def test_a_null_measurement_drops_the_alert(name: str, null: float) -> None:
    assert not keeps(**{name: null})


@pytest.mark.parametrize("name", ["ssdistnr", "distpsnr1"])
def test_a_null_neighbour_is_none(name: str) -> None:
    assert keeps(**{name: np.nan})


def test_a_packet_that_knows_no_simbad_is_not_dropped_for_it() -> None:
    assert keeps(cdsxmatch=None)
