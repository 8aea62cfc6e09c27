"""Where stamps lie on the sky, by alerts of the survey itself: their positions, columns and rows.

Two alerts of one exposure lie as far apart in columns and rows as on the sky; the difference of a
bright alert has its light where `xpos` and `ypos` say; and a stamp at a frame's edge is shorter by
what is beyond.
"""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord

from skysift.alerts.decode import decode
from skysift.alerts.payloads import iter_payloads
from skysift.alerts.stamp_sky import FRAME, PIXEL, alert_in_stamp, on_the_sky
from skysift.simulate import simulate_night
from tests.alert_samples import batch_of

COLUMNS = ("candid", "pid", "ra", "dec", "xpos", "ypos", "magpsf", "rb", "ranr", "decnr", "magnr")


@pytest.fixture(scope="module")
def real(shared_data):
    """Numbers and stamps of all real ZTF alerts, each once."""
    found = {}
    for folder in ("packets", "tables"):
        payloads = list(iter_payloads(shared_data / "ztf" / folder))
        for group in decode(payloads, [*COLUMNS, "stamps"]).alerts:
            columns = [group.batch.column(name) for name in COLUMNS]
            for *numbers, stamps in zip(*columns, group.batch.column("stamps").images, strict=True):
                found[numbers[0]] = dict(zip(COLUMNS, numbers, strict=True)) | {"stamps": stamps}
    return list(found.values())


def test_columns_count_to_the_west_and_rows_to_the_south(real) -> None:
    exposures = defaultdict(list)
    for alert in real:
        exposures[alert["pid"]].append(alert)
    scales, turns = [], []
    for alerts in exposures.values():
        for one, other in itertools.combinations(alerts, 2):
            places = [SkyCoord(a["ra"], a["dec"], unit="deg") for a in (one, other)]
            apart = places[0].separation(places[1]).arcsec
            if apart < 60:
                continue
            right, down = other["xpos"] - one["xpos"], other["ypos"] - one["ypos"]
            seen = np.degrees(np.arctan2(-right, -down))  # from north through east
            turn = seen - places[0].position_angle(places[1]).deg
            turns.append((turn + 180) % 360 - 180)
            scales.append(apart / np.hypot(right, down))
    assert len(scales) > 50
    assert np.median(np.abs(turns)) < 0.5
    assert np.abs(turns).max() < 4.0
    np.testing.assert_allclose(scales, PIXEL, rtol=1e-3)


def test_bright_alerts_lie_where_they_were_measured(real) -> None:
    rows, columns = np.mgrid[-5:6, -5:6]
    off, untold = [], []
    for alert in real:
        image = alert["stamps"][2]
        if image is None or image.shape != (63, 63) or alert["magpsf"] > 18 or alert["rb"] < 0.5:
            continue
        light = image[26:37, 26:37] - np.nanmedian(image)
        weight = np.where(np.hypot(rows, columns) < 4.5, light.clip(0), 0)
        if not weight.sum() > 0:
            continue
        centre = [31 + (weight * axis).sum() / weight.sum() for axis in (columns, rows)]
        told = [
            float(alert_in_stamp(alert[name], 63, length))
            for name, length in (("xpos", FRAME[1]), ("ypos", FRAME[0]))
        ]
        off.append(np.subtract(centre, told))
        untold.append(np.subtract(centre, 31))
    assert len(off) > 50
    scatter, without = (np.median(np.abs(some)) for some in (off, untold))
    assert scatter < 0.15
    assert scatter < 0.6 * without


def test_stamps_at_an_edge_end_there(real) -> None:
    short = [
        (alert["xpos"], image.shape[1])
        for alert in real
        for image in alert["stamps"][:1]
        if image is not None and image.shape == (63, 62)
    ]
    assert short
    for xpos, width in short:
        assert alert_in_stamp(xpos, width, FRAME[1]) == pytest.approx(31 + xpos - round(xpos))


def test_a_stamp_cut_short_on_the_left_begins_with_the_frame() -> None:
    assert alert_in_stamp(np.array([4.25]), 35, FRAME[1]) == 3.25


def test_of_other_sizes_the_middle_is_meant_where_there_is_one() -> None:
    places = alert_in_stamp(np.array([1000.25, np.nan, 1000.25, np.nan]), [61, 61, 60, 63], 3072)
    np.testing.assert_array_equal(places, [30.25, 30.0, np.nan, 31.0])


def test_offsets_are_those_of_astropy() -> None:
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, 50), rng.uniform(-85, 85, 50)
    x, y = rng.uniform(-100, 100, (2, 50))
    found = SkyCoord(*on_the_sky(x, y, ra, dec), unit="deg")
    alerts = SkyCoord(ra, dec, unit="deg")
    angle, way = np.degrees(np.arctan2(-x, -y)), np.hypot(x, y) * PIXEL
    expected = alerts.directional_offset_by(angle * units.deg, way * units.arcsec)
    assert found.separation(expected).arcsec.max() < 1e-4


def test_a_position_that_is_none_leads_nowhere() -> None:
    for ra, dec in ((np.nan, 0.0), (-999.0, 0.0), (0.0, 1e300), (np.inf, 0.0)):
        there = on_the_sky(np.zeros(1), np.zeros(1), np.array([ra]), np.array([dec]))
        assert np.isnan(there).all()


def test_simulated_stamps_lie_as_the_surveys_do() -> None:
    """A source of the reference that the packet names is in the template where it says."""
    alerts = [packet for packet, _ in simulate_night(80, seed=6, mix={"supernova": 1, "agn": 1})]
    batch = batch_of((), alerts, "ztf")
    ra, dec, ranr, decnr, magnr, xpos, ypos = (
        batch.column(name) for name in ("ra", "dec", "ranr", "decnr", "magnr", "xpos", "ypos")
    )
    west = -(ranr - ra) * np.cos(np.radians(dec)) * 3600 / PIXEL
    south = -(decnr - dec) * 3600 / PIXEL
    alert = [alert_in_stamp(xpos, 63, FRAME[1]), alert_in_stamp(ypos, 63, FRAME[0])]
    brighter = []
    for row, (_, template, _) in enumerate(batch.column("stamps").images):
        beside = np.array([west[row], south[row]])
        at, mirrored = (
            tuple(np.rint([alert[1][row] + way[1], alert[0][row] + way[0]]).astype(int))
            for way in (beside, -beside)
        )
        if np.hypot(*beside) < 4 or np.abs(beside).max() > 29 or not magnr[row] < 20:
            continue
        if template.shape == (63, 63) and np.isfinite([template[at], template[mirrored]]).all():
            brighter.append(template[at] > template[mirrored])
    assert len(brighter) >= 8
    assert np.mean(brighter) > 0.85
