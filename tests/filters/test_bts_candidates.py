"""`bts_candidates` rule by rule: what is kept, what drops it, at every limit."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from skysift.filters import get
from tests.filters.bts_alerts import BEFORE, NEIGHBOURS, QUIET, decide

NAN = np.nan
NEEDED = sorted(set(QUIET) - {*NEIGHBOURS, "days"})


def test_it_keeps_drops_and_meets_nulls():
    assert decide({}, {"magpsf": 19.4}, {"magpsf": NAN}) == [True, False, False]


LIMITS = {
    "too faint": ({"magpsf": 19.0}, {"magpsf": 18.99}),
    "negative": ({"isdiffpos": 0.0}, {"isdiffpos": 1.0}),
    "rb": ({"rb": 0.2}, {"rb": 0.21}),
    "drb": ({"drb": 0.09}, {"drb": 0.1}),
    "score": ({"score": 0.49}, {"score": 0.5}),
    "on a Gaia star": (
        {"rb": 0.34, "neargaia": 0.99, "maggaia": 16.99},
        {"rb": 0.35, "neargaia": 1.0, "maggaia": 17.0},
    ),
    "on a bright Gaia star": (
        {"rb": 0.44, "neargaia": 1.49, "maggaia": 15.49},
        {"rb": 0.45, "neargaia": 1.5, "maggaia": 15.5},
    ),
    **{
        f"on a PS1 source in {band}": (
            {"rb": 0.34, "distpsnr1": 0.99, "sgscore1": 0.5, band: mag - 0.01},
            {"rb": 0.35, "distpsnr1": 1.0, "sgscore1": 0.49, band: mag},
        )
        for band, mag in {"srmag1": 17.0, "simag1": 17.0, "szmag1": 16.5}.items()
    },
    **{
        f"on a bright PS1 source in {band}": (
            {"rb": 0.44, "distpsnr1": 1.49, "sgscore1": 0.5, band: mag - 0.01},
            {"rb": 0.45, "distpsnr1": 1.5, "sgscore1": 0.49, band: mag},
        )
        for band, mag in {"srmag1": 15.5, "simag1": 15.5, "szmag1": 15.0}.items()
    },
    **{
        f"old, drb below {drb}, within {radius}, in {band}": (
            {"days": 91, "drb": drb - 0.01, "distpsnr1": radius - 0.01, band: mag - 0.01},
            {"days": 90, "drb": drb, "distpsnr1": radius, band: mag},
        )
        for drb, radius, mag in ((0.5, 3, 16), (0.5, 1.1, 18), (0.8, 1.5, 15.5), (0.8, 0.8, 17.5))
        for band in ("srmag1", "simag1", "sgmag1", "szmag1")
    },
    "star": ({"sgscore1": 0.77, "distpsnr1": 1.99}, {"sgscore1": 0.76, "distpsnr1": 2.0}),
    "red star": (
        {"sgscore1": 0.21, "distpsnr1": 0.99, "srmag1": 20.0, "simag1": 16.99},
        {"sgscore1": 0.2, "distpsnr1": 1.0, "srmag1": 19.98, "simag1": 17.0},
    ),
    "glare of Gaia": (
        {"neargaiabright": 19.99, "maggaiabright": 11.99},
        {"neargaiabright": 20.0, "maggaiabright": 12.0},
    ),
    **{
        f"glare of PS1 source {n} in {band}": (
            {f"sgscore{n}": 0.91, f"distpsnr{n}": radius - 0.01, band: 13.99},
            {f"sgscore{n}": 0.9, f"distpsnr{n}": radius, band: 14.0},
        )
        for n, band, radius in (
            (1, "srmag1", 20),
            (2, "srmag2", 20),
            (3, "srmag3", 20),
            (1, "simag1", 20),
            (1, "szmag1", 10),
        )
    },
    "asteroid": ({"ssdistnr": 11.99, "ssmagnr": 19.99}, {"ssdistnr": 12.0, "ssmagnr": 20.0}),
    **{
        f"variable within {radius} of the reference": (
            {"days": 361, "distnr": radius - 0.01, "magnr": mag - 0.01},
            {"days": 360, "distnr": radius, "magnr": mag},
        )
        for radius, mag in ((0.4, 19.5), (0.8, 17.5), (1.2, 15.5))
    },
    "variable, not new": (
        {"days": 361, "distnr": 0.1, "magnr": 19.0, "magpsf": 18.5},
        {"magpsf": 18.49},
    ),
    "variable on Gaia": (
        {"days": 31, "neargaia": 0.34, "maggaia": 16.99},
        {"days": 30, "neargaia": 0.35, "maggaia": 17.0},
    ),
    "faint variable on Gaia": (
        {"days": 301, "neargaia": 0.34, "maggaia": 18.99, "magpsf": 18.51},
        {"days": 300, "neargaia": 0.35, "maggaia": 19.0, "magpsf": 18.5},
    ),
    "variable right on Gaia": (
        {"days": 91, "neargaia": 0.19, "maggaia": 17.99},
        {"days": 90, "neargaia": 0.2, "maggaia": 18.0},
    ),
    "variable near PS1": (
        {"days": 91, "sgscore1": 0.26, "distpsnr1": 2.99, "sgmag1": 15.99},
        {"days": 90, "sgscore1": 0.25, "distpsnr1": 3.0, "sgmag1": 16.0},
    ),
    "variable on an unknown of PS1": (
        {"days": 91, "sgscore1": 0.5, "distpsnr1": 0.49, "szmag1": 16.99},
        {"days": 90, "sgscore1": 0.51, "distpsnr1": 0.5, "szmag1": 17.0},
    ),
}
"""What drops the quiet alert, and for each value in it the nearest one that does not."""


@pytest.mark.parametrize("case", LIMITS)
def test_each_limit_holds_where_it_is_said_to(case):
    drops, spares = LIMITS[case]
    relaxed = [drops | {name: value} for name, value in spares.items()]
    assert decide(drops, *relaxed) == [False] + [True] * len(relaxed)


def test_two_bright_detections_make_a_variable_of_an_old_source():
    old = {"days": 91, "distnr": 0.1, "magnr": 19.0}
    faint, negative = BEFORE | {"magpsf": 19.0}, BEFORE | {"isdiffpos": 0.0}
    assert decide(old, old | {"days": 90}, history=(BEFORE, BEFORE)) == [False, True]
    assert decide(old, history=(BEFORE,)) == [True]
    assert decide(old, history=(BEFORE, faint, negative, BEFORE | {"fid": 2.0})) == [True]


def test_a_declining_source_fainter_than_its_reference_is_a_variable():
    declining = {"days": 91, "distnr": 0.49, "magnr": 17.49, "magpsf": 18.5}
    spared = [declining | change for change in ({"days": 90}, {"distnr": 0.5}, {"magnr": 17.5})]
    brighter = BEFORE | {"magpsf": 18.4}
    assert decide(declining, *spared, history=(brighter,)) == [False, True, True, True]
    assert decide(declining, history=(BEFORE | {"magpsf": 18.5},)) == [True]


def test_a_missing_r_magnitude_does_not_hide_a_bright_source():
    source = {"days": 91, "sgscore1": 0.3, "distpsnr1": 1.0}
    assert (
        decide(source | {"sgmag1": 15.0}, source | {"sgmag1": 15.0, "srmag1": 20.0}) == [False] * 2
    )


def test_the_limit_on_latitude_is_seven_degrees():
    places = SkyCoord(
        [120, 120, 120, 120] * u.deg, [6.99, 7.01, -6.99, -7.01] * u.deg, frame="galactic"
    )
    alerts = [{"ra": p.ra.deg, "dec": p.dec.deg} for p in places.icrs]
    assert decide(*alerts) == [False, True, False, True]


@pytest.mark.parametrize("name", NEEDED)
def test_a_null_measurement_drops_the_alert(name):
    assert decide({name: NAN}) == [False]


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_a_null_neighbour_is_none(name):
    assert decide({name: NAN}) == [True]


def test_a_null_history_drops_the_alert():
    assert decide({}, history=()) == [False]


SETTINGS = {
    "max_mag": ({"magpsf": 18.7}, 18.7, 18.71),
    "min_score": ({"score": 0.7}, 0.71, 0.7),
    "min_latitude": ({}, 89.0, 60.0),
    "min_rb": ({"rb": 0.6}, 0.6, 0.59),
    "min_drb": ({"drb": 0.6}, 0.61, 0.6),
    "min_separation": ({}, 1.0, 0.99),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_changes_the_outcome_at_its_limit(name):
    alert, drops, keeps = SETTINGS[name]
    assert decide(alert, **{name: drops}) == [False]
    assert decide(alert, **{name: keeps}) == [True]


def test_every_setting_is_tested():
    assert set(SETTINGS) == set(get("bts_candidates").settings)
