"""Pictures of alerts: what stands in the figure, read off its artists, and that files come out.

How they look was judged by eye on real packets; here it is what they say that is held.
"""

from __future__ import annotations

import gzip
import io
import logging
from pathlib import Path

import fastavro
import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import imread

from skysift.stream.picture_light_curve import BAND_COLOURS
from skysift.stream.picture_stamps import _linear
from skysift.stream.pictures import draw, write_pictures

RNG = np.random.default_rng(5)
SKY = RNG.normal(100, 3, (63, 63)).astype(np.float32)


def stamp(pixels: np.ndarray) -> dict:
    file = io.BytesIO()
    fits.PrimaryHDU(pixels).writeto(file)
    return {"fileName": "stamp", "stampData": gzip.compress(file.getvalue())}


def point(jd: float, fid: int, magpsf: float | None, isdiffpos: str | None = "t") -> dict:
    sigma = None if magpsf is None else 0.1
    return {
        "jd": jd, "fid": fid, "magpsf": magpsf, "sigmapsf": sigma, "diffmaglim": 20.5,
        "isdiffpos": isdiffpos,
    }  # fmt: skip


HISTORY = [
    point(2459000.5, 1, None, None),
    point(2459001.5, 2, 18.5),
    point(2459002.5, 3, 18.2, "f"),
]


def alert(**changes) -> dict:
    now = point(2459003.5, 1, 18.0) | {"candid": 1234567890123456789, "ra": 180.0, "dec": -30.0}
    return {
        "schemavsn": "4.02",
        "objectId": "ZTF26abcdefg",
        "candid": now["candid"],
        "candidate": now,
        "prv_candidates": HISTORY,
        "cutoutScience": stamp(SKY),
        "cutoutTemplate": stamp(SKY),
        "cutoutDifference": stamp(SKY - 100),
        "btsbot": {"score": 0.9931, "status": "ok", "version": "v1.0.1"},
    } | changes


def words(figure: Figure) -> str:
    texts = [*figure.texts, *(t for axes in figure.axes for t in (axes.title, *axes.texts))]
    return "\n".join(text.get_text() for text in texts)


def panels(figure: Figure):
    science, template, difference, light_curve = figure.axes
    return science, template, difference, light_curve


def points_drawn(axes) -> set[tuple]:
    """Return (marker, colour of the edge, filled?, day, magnitude) of all points drawn."""
    return {
        (line.get_marker(), to_hex(line.get_color()),
         to_hex(line.get_markerfacecolor()) != "#ffffff", round(float(x), 3), round(float(y), 3))
        for line in axes.lines
        if line.get_marker() in ("o", "v") and line.get_markersize() < 10
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    }  # fmt: skip


def test_the_title_names_alert_scores_and_status():
    figure, name = draw(alert())
    told = words(figure)
    assert name == "ZTF26abcdefg_1234567890123456789.png"
    assert "ZTF26abcdefg" in told and "1234567890123456789" in told
    assert "2020-06-03 00:00 UTC" in told  # 2459003.5 by the USNO's converter
    assert "g = 18.00 ± 0.10" in told and "(negative)" not in told
    assert "btsbot score 0.993 (ok, v1.0.1)" in told


@pytest.mark.parametrize("score", [None, float("nan"), 0.7])
def test_without_an_ok_the_reason_stands_for_the_score(score):
    struct = {"score": score, "status": "bad_stamp", "version": "v1"}
    told = words(draw(alert(btsbot=struct))[0])
    assert "btsbot — (bad_stamp)" in told and "0.7" not in told


def test_every_module_is_named_and_nothing_else():
    told = words(draw(alert(tails={"status": "no_frame"}, clf={"snn": 0.5}, btsbot=None))[0])
    assert "tails — (no_frame)" in told and "snn" not in told and "btsbot" not in told


def test_the_light_curve_holds_every_point_in_its_bands_colour():
    *_, axes = panels(draw(alert())[0])
    _, g, r, i, *_ = BAND_COLOURS
    assert points_drawn(axes) == {
        ("v", g, True, -3.0, 20.5),
        ("o", r, True, -2.0, 18.5),
        ("o", i, False, -1.0, 18.2),
        ("o", g, True, 0.0, 18.0),
    }
    assert axes.yaxis_inverted()
    ring = next(line for line in axes.lines if line.get_markersize() > 10)
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (0.0, 18.0)
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["g", "r", "i", "negative", "5σ limit"]


def test_the_scale_of_magnitudes_spans_one_at_least():
    *_, axes = panels(draw(alert(prv_candidates=None))[0])
    faint, bright = axes.get_ylim()
    assert faint - bright == pytest.approx(1.0)


def test_a_difference_is_shown_as_it_is_and_symmetric_about_zero():
    _, _, axes, _ = panels(draw(alert())[0])
    (image,) = axes.images
    np.testing.assert_array_equal(image.get_array(), SKY - 100)
    low, high = image.get_clim()
    assert low == -high
    assert image.origin == "lower"


def test_the_residual_of_a_bright_star_further_out_does_not_hide_the_source():
    difference = np.random.default_rng(2).normal(0, 1, (63, 63))
    difference[31, 31] = 100
    _, _, before = _linear(difference)
    difference[5, 5] = 1e5
    _, low, high = _linear(difference)
    assert -low == high == before == pytest.approx(70)


def test_science_and_template_are_stretched_without_changing_the_order_of_pixels():
    science, template, *_ = panels(draw(alert())[0])
    for axes in (science, template):
        shown = np.asarray(axes.images[0].get_array())
        assert (np.argsort(shown, axis=None) == np.argsort(SKY, axis=None)).all()


def test_the_scale_is_fifteen_arcsec_of_ztfs_pixels():
    science, *_ = panels(draw(alert())[0])
    bar = max(np.ptp(line.get_xdata()) for line in science.lines)
    assert bar * 1.01 == pytest.approx(15)
    assert "15″" in [text.get_text() for text in science.texts]


def test_the_crosshair_meets_at_the_middle_pixel_of_a_square_stamp_only():
    science, *_ = panels(draw(alert())[0])
    corners = {(x, y) for line in science.lines for x, y in line.get_xydata().tolist()}
    assert {31.0} <= {x for x, _ in corners} and {31.0} <= {y for _, y in corners}
    cut, *_ = panels(draw(alert(cutoutScience=stamp(SKY[:40])))[0])
    assert len(cut.lines) == 1  # the scale


def test_pixels_without_a_value_are_left_out():
    pixels = SKY.copy()
    pixels[:5], pixels[5:9], pixels[9] = np.nan, -3.4028235e38, np.inf
    science, *_ = panels(draw(alert(cutoutScience=stamp(pixels)))[0])
    shown = science.images[0].get_array()
    assert np.ma.getmaskarray(np.ma.masked_invalid(shown)).sum() == 10 * 63
    assert np.isfinite(science.images[0].get_clim()).all()


def test_ztfs_turned_difference_says_so():
    negative = alert()["candidate"] | {"isdiffpos": "f"}
    told = words(draw(alert(candidate=negative))[0])
    assert "template − science" in told and "(negative)" in told


GAPS = {
    "no stamp": {"cutoutTemplate": None},
    "an empty stamp": {"cutoutTemplate": {"fileName": "x", "stampData": b""}},
    "a broken stamp": {"cutoutTemplate": {"fileName": "x", "stampData": b"\x1f\x8bnonsense" * 9}},
    "a stamp of nothing": {"cutoutTemplate": stamp(SKY * np.nan)},
}


@pytest.mark.parametrize("gap", GAPS)
def test_a_missing_stamp_leaves_its_place_empty_and_the_others_as_they_are(gap):
    science, template, *_ = panels(draw(alert(**GAPS[gap]))[0])
    assert [t.get_text() for t in template.texts] == ["no stamp"] and not template.images
    assert science.images


def test_an_alert_without_history_shows_itself():
    bare = alert()
    del bare["prv_candidates"]
    for one in (bare, alert(prv_candidates=None), alert(prv_candidates=[])):
        *_, axes = panels(draw(one)[0])
        assert len(points_drawn(axes)) == 1


def test_an_alert_without_any_magnitude_says_so():
    silent = alert()["candidate"] | {"magpsf": None, "sigmapsf": None, "diffmaglim": None}
    told = words(draw(alert(candidate=silent, prv_candidates=None))[0])
    assert "g without magnitude" in told and "no magnitude" in told


def test_files_come_out_and_one_bad_alert_costs_one_picture(tmp_path, caplog):
    alerts = [alert(), {"star": 1}, alert(objectId="../../etc/passwd")]
    with caplog.at_level(logging.WARNING):
        written = write_pictures(iter(alerts), tmp_path / "new")
    names = [path.relative_to(tmp_path).as_posix() for path in written]
    assert names == [
        "new/ZTF26abcdefg_1234567890123456789.png",
        "new/.._.._etc_passwd_1234567890123456789.png",
    ]
    assert "alert number 1" in caplog.text
    assert sorted(tmp_path.rglob("*.png")) == sorted(written)


def test_real_packets_give_readable_pictures_of_one_size(shared_data, tmp_path):
    packets = sorted((shared_data / "ztf" / "packets").rglob("*.avro"))[::6]
    alerts = [record for path in packets for record in read_avro(path)]
    written = write_pictures(alerts, tmp_path)
    assert len(written) == len(alerts) > 4
    assert {imread(path).shape for path in written} == {(350, 1200, 4)}


@pytest.mark.parametrize("table", ["ztf/tables/fink_v4_9.parquet", "lsst/v10_27.parquet"])
def test_rows_of_broker_tables_give_pictures(shared_data, tmp_path, table):
    alerts = pq.read_table(shared_data / table).slice(0, 3).to_pylist()
    assert len(write_pictures(alerts, tmp_path)) == 3
    figure, _ = draw(alerts[0])
    assert all(axes.images for axes in panels(figure)[:3])


def read_avro(path: Path) -> list[dict]:
    with path.open("rb") as file:
        return list(fastavro.reader(file))
