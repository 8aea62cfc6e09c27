"""What a labeller sees of a candidate, of odd ones too. Truth: the alert that was written."""

from __future__ import annotations

import copy
import math
from datetime import datetime, timedelta

import pytest

from skysift.active_learning.questions import TRANSIENT
from skysift.marshal.alert_folder import AlertFolder
from skysift.marshal.app import create_app
from skysift.marshal.candidates import Candidates
from skysift.marshal.room import Room
from tests.marshal.people import Person
from tests.marshal.test_entries import write

EVIL = '"><script>alert(1)</script><b x="'
STAMPS = ("Science", "Template", "Difference")


@pytest.fixture
def see(tmp_path, ledger, night_alerts):
    """Return what shows an alert, with some of its fields changed, to somebody."""

    def see(*, candidate=None, **changes):
        alert = copy.deepcopy(night_alerts[0]) | changes
        alert["candidate"].update(candidate or {})
        folder = tmp_path / "odd"
        write(folder / "topic" / "a.avro", [alert])
        person = Person(create_app(Room(ledger, Candidates([AlertFolder(folder)]))), "anna")
        page = person.next("topic=topic")
        assert page.status == 200
        return page

    return see


def test_a_candidate_is_shown_whole(see, night_alerts):
    alert = night_alerts[0]
    candidate, score = alert["candidate"], alert["btsbot"]["score"]
    page = see()
    assert page.object == alert["objectId"]
    for told in (str(alert["candid"]), f"= {candidate['magpsf']:.2f}", f"{candidate['ra']:.5f}",
                 f"{candidate['dec']:+.5f}", f"{score:.3f}", "dice"):  # fmt: skip
        assert told in page.text
    when = datetime(2000, 1, 1, 12) + timedelta(days=candidate["jd"] - 2451545)
    assert f"{when:%Y-%m-%d %H:%M} UTC" in page.text
    curve = page.one("svg", class_="light-curve")
    assert f"Light curve of {alert['objectId']}" in curve["aria-label"]
    for name in ("science", "template", "difference"):
        (stamp,) = [i for i in page.all("img") if f"/{name}.png" in i["src"]]
        assert alert["objectId"] in stamp["alt"]
    assert {b["data-key"]: b["value"] for b in page.all("button", name="value")} == dict(
        TRANSIENT.choices
    )


def test_the_surroundings_are_those_of_the_packet(see):
    neighbour = {"sgscore1": 0.97, "distpsnr1": 1.23, "srmag1": 18.456, "neargaia": 0.77,
                 "ndethist": 12}  # fmt: skip
    page = see(candidate=neighbour)
    for told in ("0.97", "1.23″", "18.46", "neargaia 0.77″", "ndethist 12"):
        assert told in page.text
    assert page.one("td", title="Star-like (1) or galaxy-like (0): the nearest PS1 source")


def test_what_is_no_value_is_not_shown_as_one(see):
    nothing = {f"{name}{n}": -999.0 for name in ("distpsnr", "sgscore", "srmag") for n in (1, 2, 3)}
    page = see(candidate={**nothing, "neargaia": -999.0, "drb": None, "ssnamenr": "null",
                          "sigmapsf": math.nan, "magnr": math.nan})  # fmt: skip
    assert "-999" not in page.text
    for told in ("drb –", "neargaia –", "ssnamenr –", "magnr –"):
        assert told in page.text


def test_links_lead_to_the_object_and_its_place(see, night_alerts):
    alert = night_alerts[0]
    page = see()
    links = {a["href"] for a in page.all("a", target="_blank")}
    name = alert["objectId"]
    assert f"https://lasair-ztf.lsst.ac.uk/objects/{name}/" in links
    assert f"https://ztf.fink-portal.org/{name}" in links
    assert f"https://alerce.online/object/{name}" in links
    ra = f"{alert['candidate']['ra']:.6f}"
    assert sum(ra in link for link in links) == 2
    assert len(links) == 5


@pytest.mark.parametrize("broken", [None, {"fileName": "x", "stampData": b"not a FITS image"}])
def test_a_stamp_that_is_missing_or_broken_leaves_its_place_empty(see, broken):
    page = see(cutoutTemplate=broken)
    assert page.text.count("no stamp") == 1
    assert len([i for i in page.all("img") if i["src"].startswith("/alerts/")]) == 2


def test_no_stamp_and_no_history_are_no_trouble(see):
    page = see(**{f"cutout{name}": None for name in STAMPS}, prv_candidates=None)
    assert page.text.count("no stamp") == 3
    assert "1 detection" in page.one("svg", class_="light-curve")["aria-label"]


def test_thousands_of_points_are_drawn(see, night_alerts):
    # No column of the history but those of a point is needed.
    first = next(a["prv_candidates"] for a in night_alerts if a["prv_candidates"])[0]
    history = [{**first, "jd": 2459000.5 + n, "candid": None} for n in range(4000)]
    page = see(prv_candidates=history)
    assert page.html.count("<title>") >= 4000


@pytest.mark.parametrize(
    ("struct", "told"),
    [
        (
            {"score": None, "status": "missing_stamp", "version": "v1"},
            "missing_stamp score null v1",
        ),
        ({"score": math.nan, "status": "ok", "version": "v1"}, "btsbot ok score null"),
        ({"score": 0.00001, "status": "ok", "version": "v1"}, "score 1.0e-05"),
    ],
)
def test_a_score_that_is_none_says_why(see, struct, told):
    assert told in see(btsbot=struct).text


def test_an_alert_without_modules_says_so(see):
    assert "No module has scored this alert." in see(btsbot=None).text


def test_what_an_alert_calls_itself_runs_nowhere(see):
    page = see(objectId=EVIL, candidate={"ssnamenr": EVIL}, publisher=EVIL,
               btsbot={"score": 0.5, "status": EVIL, "version": EVIL})  # fmt: skip
    assert page.object == EVIL
    assert not [a for tag, a in page.tags if tag == "script" and "src" not in a]
    assert "<script>alert" not in page.html
    assert not page.all("b", x="")
    for link in page.all("a", target="_blank"):
        assert link["href"].startswith("https://") and "<" not in link["href"]


def test_a_negative_difference_says_so(see):
    page = see(candidate={"isdiffpos": "f"})
    assert "negative" in page.text and "template − science" in page.text


def test_an_alert_without_magnitude_time_or_place_is_shown(see):
    page = see(candidate={"magpsf": math.nan, "sigmapsf": math.nan, "ra": math.nan, "dec": 400.0,
                          "jd": 1.0})  # fmt: skip
    assert "no magnitude" in page.text


def test_other_alerts_of_the_object_can_be_looked_at(tmp_path, ledger, night_alerts):
    first, foreign = night_alerts[0], night_alerts[1]
    later = copy.deepcopy(first) | {"candid": first["candid"] + 1}
    later["candidate"]["jd"] += 3
    write(tmp_path / "t" / "a.avro", [first, later, foreign])
    anna = Person(create_app(Room(ledger, Candidates([AlertFolder(tmp_path / "t")]))), "anna")
    page = anna.open(f"/look/{first['candid']}?topic=t")
    assert f"{later['candid']}" in page.text  # the latest is what is asked about
    (other,) = [a["href"] for a in page.all("a") if f"alert={first['candid']}" in a.get("href", "")]
    seen = anna.open(other)
    assert f"{first['candid']}" in seen.text and seen.question == page.question
    strange = anna.open(f"/questions/{page.question}?topic=t&alert={foreign['candid']}")
    assert f"{foreign['candid']} is no alert of {first['objectId']}." in strange.text


def test_a_question_about_what_no_folder_holds_can_still_be_answered(anna, ledger):
    for item in ("123", "9" * 30, "-5", "galaxy/../7", "²", EVIL):
        ledger.ask("c", 0, TRANSIENT, [(item, f"object {item}")])
    for _ in range(6):
        page = anna.next("campaign=c")
        assert "No folder that was given holds" in page.text
        anna.answer(page, "real")
    assert len(ledger.answers("c")) == 6


# Stamps


@pytest.mark.parametrize("stretch", ["zscale", "asinh", "log", "linear"])
def test_stamps_are_drawn_as_chosen(anna, night_alerts, stretch):
    at = f"/alerts/{night_alerts[0]['candid']}/science.png?stretch={stretch}&side=63"
    answer = anna.client.get(at)
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert (
        "max-age" in answer.headers["cache-control"]
        and "private" in answer.headers["cache-control"]
    )


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("1/science.png", 404),
        ("{id}/reference.png", 422),
        ("{id}/science.png?stretch=rainbow", 422),
        ("{id}/science.png?side=9999999", 422),
        ("x/science.png", 422),
        ("9" * 30 + "/science.png", 404),
    ],
)
def test_stamps_that_there_are_not(anna, night_alerts, at, status):
    page = anna.open("/alerts/" + at.format(id=night_alerts[0]["candid"]))
    assert page.status == status


def test_the_page_is_drawn_with_the_looks_that_were_chosen(anna):
    anna.client.cookies.set("skysift_theme", "dark")
    anna.client.cookies.set("skysift_stretch", "log")
    anna.client.cookies.set("skysift_zoom", '4"><script>')
    page = anna.next("topic=skysift_all_ztf")
    assert page.one("html")["data-theme"] == "dark"
    assert all("stretch=log" in i["src"] for i in page.all("img"))
    assert page.one("main")["data-zoom"] == "1"


# Pictures


def test_what_is_no_alert_is_shown_by_its_picture(tmp_path, ledger):
    from PIL import Image

    from skysift.marshal.pictures import Pictures

    Image.new("RGB", (40, 30)).save(tmp_path / "g 1.png")
    (tmp_path / "g2.png").write_bytes(b"no picture")
    (tmp_path / "secret.txt").write_text("secret")
    ledger.ask("zoo", 0, TRANSIENT, [("g 1", "a"), ("g2", "b"), ("../ledger", "c")])
    anna = Person(create_app(Room(ledger, Candidates([]), Pictures(tmp_path))), "anna")
    shown = anna.next("campaign=zoo").one("img")
    assert (shown["width"], shown["height"]) == ("40", "30")
    assert anna.client.get(shown["src"]).content == (tmp_path / "g 1.png").read_bytes()
    for number in (2, 3):
        assert not anna.open(f"/questions/{number}?campaign=zoo").all("img")
    for strange in ("secret.txt", "secret", "..%2Flabels.db", "g3", "%00"):
        assert anna.client.get(f"/pictures/{strange}").status_code == 404
