"""The finder page, in a browser without a network: what it shows, sorts, filters and survives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from ci.chromium import ChromiumNotFoundError, find_chromium, start_chromium
from skysift.frames.finder_page import AT_ONCE, finder_page
from tests.frames.detections import NIGHT, detection, frame_id, table
from tests.marshal.browser.steer import DESKTOP, PHONE, Browser

EVIL = "</script><script>document.title='taken over'</script><img src=x onerror=alert(1)>"


def rows():
    """Five detections: known, unknown, not asked, failed; two of them in a tracklet."""
    a, b, c = (frame_id(number) for number in range(3))
    known = {"known_name": "C/2022 E3 (ZTF)", "known_offset": 1.25, "known_mag": 17.54}
    return [
        detection(a, 0, p=0.99, magcoma=17.0, known_status="matched", **known),
        detection(a, 1, p=0.51, magcoma=15.0, known_status="none", filter="g"),
        detection(b, 0, p=0.81, tracklet="T1", rate=0.523, rate_pa=122.6),
        detection(c, 0, p=0.71, tracklet="T1", rate=0.523, rate_pa=122.6),
        detection(c, 1, p=0.61, known_status="failed", magcoma=None, sigmagcoma=None, magap=None,
                  sigmagap=None, mag=float("nan"), size=None, radec_err=None, panel=None),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Browser]:
    try:
        found = find_chromium()
    except ChromiumNotFoundError as reason:
        pytest.skip(str(reason))
    browser = Browser(start_chromium(found, tmp_path_factory.mktemp("finder")))
    yield browser
    browser.quit()


@pytest.fixture
def opened(browser, tmp_path):
    """Return what writes a page of detections, a panel for each, and opens it."""

    def open_page(*detections, size=DESKTOP, scheme="light"):
        (tmp_path / "index.html").write_text(
            finder_page(NIGHT, table(*detections), f"{len(detections)} detections"), "utf-8"
        )
        for row in detections:
            if row["panel"]:
                folder = tmp_path / row["id"]
                folder.mkdir(exist_ok=True)
                (folder / row["panel"]).write_bytes(PIXEL)
        browser.resize(size)
        browser.prefer(prefers_color_scheme=scheme)
        browser.complaints()
        browser.open((tmp_path / "index.html").as_uri())
        return browser

    return open_page


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c636060f8cf5000000301010018dd8db00000000049454e44ae426082"
)


def candids(browser):
    return [element.get_attribute("id") for element in browser.all("article")]


def choose(browser, name, value):
    browser.js(
        "const field = document.forms[0].elements[arguments[0]]; field.value = arguments[1];"
        "field.dispatchEvent(new Event('input', {bubbles: true}));",
        name, value,
    )  # fmt: skip


def test_a_card_tells_all_there_is(opened):
    page = opened(*rows())
    first = page.text("article")
    for told in ("0.990", "C/2022 E3 (ZTF) · 1.3″ away · 17.5 mag predicted", "150.10000°",
                 "10h00m24.00s -12d30m00.0s ± 0.30″", "17.00 ± 0.07 within 9.5″",
                 "18.90 ± 0.05 within 5″", "3.2″ half-light radius"):  # fmt: skip
        assert told in first
    texts = [element.text for element in page.all("article")]
    assert "0.52″/min to 123°" in texts[1]
    assert "no known object near" in texts[4]
    assert "search for known objects failed" in texts[3] and "unknown" in texts[3]
    assert page.all("article img")[0].get_attribute("naturalWidth") == "1"
    assert page.complaints() == []


def test_links_ask_about_the_place_and_the_object(opened):
    page = opened(*rows())
    links = {a.text: a.get_attribute("href") for a in page.all("article:first-child li a")}
    assert links["JPL SBDB"].endswith("sstr=C%2F2022%20E3%20(ZTF)")
    assert "ra=150.100000&-dec=-12.500000" in links["SkyBoT"]
    assert "loc=I41" in links["SkyBoT"] and f"-ep={2460433.9:.6f}" in links["SkyBoT"]
    assert "target=150.100000%20-12.500000" in links["Aladin"]
    assert {a.text for a in page.all("article:last-child li a")} == {"SkyBoT", "Aladin", "FITS"}


def test_sorting_and_filtering(opened):
    page, (a0, a1, b0, c0, c1) = opened(*rows()), (row["candid"] for row in rows())
    assert candids(page) == [a0, b0, c0, c1, a1]
    choose(page, "sort", "mag")
    assert candids(page)[:2] == [a1, a0] and candids(page)[-1] == c1
    choose(page, "sort", "jd")
    assert candids(page) == [a0, a1, b0, c0, c1]
    choose(page, "least", "0.7")
    assert candids(page) == [a0, b0, c0]
    choose(page, "kind", "unknown")
    assert candids(page) == [b0, c0] and page.text("output") == "2 of 5"
    choose(page, "least", "0")
    choose(page, "band", "g")
    assert candids(page) == [a1]
    choose(page, "find", "nothing like it")
    assert candids(page) == [] and page.text("main") == "no detections"
    page.click("button[type=reset]")
    page.until(lambda: len(candids(page)) == 5, "not reset")
    page.click(".link")
    assert candids(page) == [b0, c0]


def test_names_from_elsewhere_are_text(opened):
    page = opened(detection(frame_id(), known_status="matched", known_name=EVIL))
    assert page.js("return document.title") == f"Comets of {NIGHT}"
    assert EVIL in page.text("article")
    assert page.complaints() == []


def test_thousands_of_detections_are_made_as_they_come_into_sight(opened):
    many = [detection(frame_id(i % 40), i // 40, p=1 - i / 1e4, panel=None) for i in range(3000)]
    page = opened(*many)
    assert page.text("output") == "3,000 of 3,000"
    assert len(candids(page)) == AT_ONCE
    page.js("document.querySelector('article:last-child').scrollIntoView()")
    page.until(lambda: len(candids(page)) == 2 * AT_ONCE, "no more cards")
    assert candids(page)[-1] == many[2 * AT_ONCE - 1]["candid"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_it_fits_the_screen_and_the_eyes(opened, size):
    page = opened(*rows(), size=size, scheme="dark")
    assert page.js("return document.documentElement.scrollWidth") == size[0]
    assert page.look()[0, 0].max() < 30
    assert opened(*rows(), size=size).look()[0, 0].min() > 230


def test_a_night_without_detections(opened):
    assert opened().text("main") == "no detections"


def test_the_page_loads_nothing_from_elsewhere():
    page = finder_page(NIGHT, table(*rows()), "a & b <c>")
    assert "a &amp; b &lt;c&gt;" in page
    told = re.search(r'id="detections">(.*?)</script>', page, re.DOTALL)
    assert [row["candid"] for row in json.loads(told[1])] == [row["candid"] for row in rows()]
    template = page.replace(told[1], "")
    assert not re.findall(r"(?:src|href)=[\"']|url\(|@import", template.partition("<noscript>")[0])
