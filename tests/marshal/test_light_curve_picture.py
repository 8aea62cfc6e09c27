"""Light curves as SVG: what is drawn where, read off the elements."""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree import ElementTree

import numpy as np
import pytest
from astropy.time import Time

from skysift.marshal.axis_ticks import date_ticks, number_ticks, utc
from skysift.marshal.light_curve_picture import light_curve_svg
from skysift.marshal.plot_frame import Frame

NS = "{http://www.w3.org/2000/svg}"
NAN = np.nan
ALERT_JD = 2460583.75
POINTS = {
    "jd": [ALERT_JD - 10, ALERT_JD - 5, ALERT_JD - 2, ALERT_JD],
    "fid": [1, 1, 2, 3],
    "magpsf": [NAN, 19.0, 18.5, 18.0],
    "sigmapsf": [NAN, 0.2, 0.1, 0.05],
    "diffmaglim": [20.5, 20.5, 20.6, 20.4],
    "isdiffpos": [NAN, 1, 0, 1],
}


def curve(**changes) -> dict[str, np.ndarray]:
    return {name: np.array(values, dtype=float) for name, values in (POINTS | changes).items()}


def picture(name: str = "", **changes) -> ElementTree.Element:
    return ElementTree.fromstring(light_curve_svg(curve(**changes), name=name))


def marks(svg: ElementTree.Element) -> dict[str, dict]:
    """Return each point by what it says of itself: its place, its class and its colours."""
    found = {}
    for group in svg.iter(f"{NS}g"):
        for mark in group:
            if (title := mark.find(f"{NS}title")) is not None:
                x, y = map(float, re.match(r"M([-\d.]+) ([-\d.]+)", mark.get("d")).groups())
                found[title.text] = {
                    "x": x, "y": y, "class": mark.get("class"), "fill": mark.get("fill"),
                    "shape": mark.get("d").split("m")[1], "colour": group.get("stroke"),
                }  # fmt: skip
    return found


def words(svg: ElementTree.Element) -> list[str]:
    return [text.text for text in svg.iter(f"{NS}text")]


def one_mark(svg: ElementTree.Element, start: str) -> dict:
    (found,) = (mark for told, mark in marks(svg).items() if told.startswith(start))
    return found


def test_each_point_says_what_it_is():
    assert set(marks(picture())) == {
        "g > 20.50 (5σ limit), 2024-09-20 06:00 UTC, 10.00 d before",
        "g 19.00 ± 0.20, 2024-09-25 06:00 UTC, 5.00 d before",
        "r 18.50 ± 0.10 (negative), 2024-09-28 06:00 UTC, 2.00 d before",
        "i 18.00 ± 0.05, 2024-09-30 06:00 UTC, the alert",
    }


def test_bright_is_up_and_late_is_right():
    svg = picture()
    limit, green, red, alert = (one_mark(svg, start) for start in ("g >", "g 19", "r", "i"))
    assert alert["y"] < red["y"] < green["y"] < limit["y"]
    assert limit["x"] < green["x"] < red["x"] < alert["x"]
    for mark in (limit, green, red, alert):
        assert Frame.left < mark["x"] < Frame.right
        assert Frame.top < mark["y"] < Frame.bottom


def test_points_stand_to_scale():
    svg = picture()
    limit, green, red, alert = (one_mark(svg, start) for start in ("g >", "g 19", "r", "i"))
    assert (alert["x"] - green["x"]) / (alert["x"] - limit["x"]) == pytest.approx(0.5, abs=0.01)
    assert (green["y"] - alert["y"]) / (limit["y"] - alert["y"]) == pytest.approx(0.4, abs=0.01)
    assert (red["y"] - alert["y"]) / (green["y"] - alert["y"]) == pytest.approx(0.5, abs=0.01)


def test_bands_differ_in_colour_and_in_shape_and_can_be_coloured_from_outside():
    svg = picture(isdiffpos=[NAN, 1, 1, 1])
    green, red, infrared = (one_mark(svg, start) for start in ("g 19", "r", "i"))
    assert green["colour"].startswith("var(--band-g, #")
    assert red["colour"].startswith("var(--band-r, #")
    assert infrared["colour"].startswith("var(--band-i, #")
    assert len({mark["shape"] for mark in (green, red, infrared)}) == 3


def test_limits_are_triangles_and_negative_differences_hollow():
    svg = picture()
    assert one_mark(svg, "g >")["class"] == "limit"
    assert one_mark(svg, "r")["class"] == "negative"
    assert one_mark(svg, "r")["fill"].startswith("var(--plot-paper")
    assert one_mark(svg, "g 19")["class"] == "positive"
    assert one_mark(svg, "g >")["shape"] != one_mark(svg, "g 19")["shape"]
    assert {"g", "r", "i", "negative", "5σ limit"} <= set(words(svg))


def test_the_legend_names_only_what_there_is():
    svg = picture(fid=[2] * 4, magpsf=[19.5, 19, 18.5, 18], isdiffpos=[1] * 4)
    assert "r" in words(svg)
    assert not {"g", "i", "negative", "5σ limit"} & set(words(svg))


def test_error_bars_span_two_sigma_and_stay_in_the_frame():
    def bars(**changes):
        paths = [path.get("d") for path in picture(**changes).iter(f"{NS}path")
                 if path.get("class") == "errors"]  # fmt: skip
        found = re.findall(r"M([\d.]+) ([\d.]+)V([\d.]+)", "".join(paths))
        return [tuple(map(float, bar)) for bar in found]

    svg = picture()
    per_mag = (one_mark(svg, "g 19")["y"] - one_mark(svg, "i")["y"]) / 1.0
    heights = sorted(bottom - top for _, top, bottom in bars())
    assert heights == pytest.approx([0.1 * per_mag, 0.2 * per_mag, 0.4 * per_mag], abs=0.2)
    huge = bars(sigmapsf=[NAN, 900.0, NAN, 0.0])
    assert huge == [(pytest.approx(one_mark(svg, "g 19")["x"], abs=0.1), Frame.top, Frame.bottom)]


def test_the_picture_tells_its_content_to_those_who_cannot_see_it():
    svg = picture(name="ZTF24abc")
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == (
        "Light curve of ZTF24abc: 3 detections (g, r, i), 1 upper limit, 10.0 days; "
        "i 18.00 ± 0.05, 2024-09-30 06:00 UTC, the alert"
    )


def test_no_name_breaks_the_page():
    name = '"><script>alert(1)</script>&'
    text = light_curve_svg(curve(), name=name)
    assert "<script" not in text
    assert name in ElementTree.fromstring(text).get("aria-label")


def test_without_detections_the_limits_are_drawn():
    svg = picture(magpsf=[NAN] * 4)
    assert sorted(mark["class"] for mark in marks(svg).values()) == ["limit"] * 4


def test_one_point_stands_in_the_middle():
    svg = ElementTree.fromstring(light_curve_svg({k: v[-1:] for k, v in curve().items()}))
    (mark,) = marks(svg).values()
    assert mark["x"] == pytest.approx((Frame.left + Frame.right) / 2, abs=0.1)
    assert mark["y"] == pytest.approx((Frame.top + Frame.bottom) / 2, abs=0.1)


@pytest.mark.parametrize("jd", [[NAN] * 4, [-999.0] * 4])
def test_without_a_time_there_is_nothing_to_draw(jd):
    svg = picture(jd=jd)
    assert words(svg) == ["no light curve"]
    assert svg.get("aria-label") == "Light curve: no points"


def test_no_points_at_all():
    svg = ElementTree.fromstring(light_curve_svg({k: v[:0] for k, v in curve().items()}))
    assert words(svg) == ["no light curve"]


def test_neither_magnitude_nor_limit_leaves_an_empty_frame_that_says_so():
    svg = picture(magpsf=[NAN] * 4, diffmaglim=[NAN] * 4)
    assert not marks(svg)
    assert "i without magnitude" in svg.get("aria-label")


def test_a_sentinel_is_no_magnitude():
    svg = picture(magpsf=[NAN, -999.0, 18.5, 18.0])
    assert one_mark(svg, "g > 20.50 (5σ limit), 2024-09-25")["class"] == "limit"


def test_a_band_that_is_not_known_is_drawn_and_says_so():
    svg = picture(fid=[1, NAN, 99, 3])
    assert sorted(told[0] for told in marks(svg)) == ["?", "?", "g", "i"]


def test_thousands_of_points_are_all_there():
    n = 4000
    rng = np.random.default_rng(3)
    svg = picture(
        jd=ALERT_JD - np.linspace(2000, 0, n), fid=rng.integers(1, 4, n),
        magpsf=rng.normal(19, 1, n), sigmapsf=rng.uniform(0, 0.3, n),
        diffmaglim=np.full(n, 20.5), isdiffpos=np.ones(n),
    )  # fmt: skip
    assert len([p for p in svg.iter(f"{NS}path") if p.get("class") == "positive"]) == n


@pytest.mark.parametrize("jd", [2440000.5, 2451544.5, 2460583.749])
def test_dates_are_those_of_astropy(jd):
    theirs = datetime.fromisoformat(Time(jd, format="jd", scale="utc").isot)
    assert abs((utc(jd) - theirs).total_seconds()) <= 0.5


@pytest.mark.parametrize("span", [1, 3, 29, 31, 400, 2000, 90000])
@pytest.mark.parametrize("most", [3, 6])
def test_ticks_are_few_even_and_told_apart(span, most):
    low = ALERT_JD - span
    for ends, ticks in (
        ((-span, 0.01), number_ticks(-span, 0.01, most)),
        ((low, ALERT_JD), date_ticks(low, ALERT_JD, most)),
    ):
        places = np.array([place for place, _ in ticks])
        assert 0 < len(ticks) <= most + 1
        assert len({label for _, label in ticks}) == len(ticks)
        assert (places >= ends[0]).all() and (places <= ends[1]).all()
        np.testing.assert_allclose(np.diff(places, n=2), 0, atol=1e-6)
