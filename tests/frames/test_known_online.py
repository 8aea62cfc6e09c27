"""Services on the web: "nothing there" and "no answer" are never taken for each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from skysift.frames.known.answer import Answer, NoAnswerError, offset_between
from skysift.frames.known.catalogue import Catalogue
from skysift.frames.known.mpc import MinorPlanetCenter
from skysift.frames.known.online import SERVICES, check_table
from skysift.frames.known.places import angles
from skysift.frames.known.search import KnownSearch
from skysift.frames.known.sexagesimal import degrees, written
from skysift.frames.known.skybot import SkyBot
from skysift.frames.known.web import Web
from skysift.frames.table import DETECTIONS
from tests.frames import sky_services as pages
from tests.frames.orbit_lines import HALE_BOPP

RA, DEC = degrees("15 10 43.62") * 15, degrees("+33 21 53.7")
JD = 2458744.36
"""The checker's example: 2019 September 17.86."""


@pytest.fixture(scope="module")
def server() -> Iterator[pages.Sky]:
    with pages.local_sky() as sky:
        yield sky


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def web(slept: list[float]) -> Web:
    return Web(timeout=0.5, waits=(2.0, 8.0), pause=0.0, sleep=slept.append)


@pytest.fixture
def skybot(server: pages.Sky, web: Web) -> SkyBot:
    server.headers = {}
    return SkyBot(address=server.address, web=web)


@pytest.fixture
def center(server: pages.Sky, web: Web) -> MinorPlanetCenter:
    server.headers = {}
    return MinorPlanetCenter(address=server.address, web=web)


def test_skybot_is_asked_as_it_wants_to_be(server: pages.Sky, skybot: SkyBot) -> None:
    server.answer(pages.TWO)
    skybot.ask(JD, 81.3033, -4.49)
    (asked,) = server.asked
    assert asked["method"] == "GET"
    assert (asked["-ra"], asked["-dec"]) == ("81.303300", "-4.490000")
    assert asked["-loc"] == "I41"
    assert asked["-mime"] == "votable"
    assert float(asked["-ep"]) == JD
    assert float(asked["-rd"]) * 3600 == pytest.approx(120, abs=0.01)


def test_what_skybot_names_comes_nearest_first(server: pages.Sky, skybot: SkyBot) -> None:
    server.answer(pages.TWO)
    answer = skybot.ask(JD, degrees("05 25 12.7657") * 15, degrees("+04 29 25.081") + 10 / 3600)
    first, second = answer.matches
    assert (first.name, second.name) == ("(229762) G!kun||'homdima", "2005 MM39")
    assert first.offset == pytest.approx(10.0, abs=1e-3)
    assert (first.mag, first.error, first.kind) == (19.6, 0.025, "KBO>Detached")
    # 3″ west and 4″ north an hour.
    assert second.rate == pytest.approx(5 / 60)
    assert second.rate_pa == pytest.approx(323.13, abs=0.01)


def test_nothing_there_is_an_answer(server: pages.Sky, skybot: SkyBot) -> None:
    for page in (pages.NOTHING, "# No solar system object was found in the requested FOV\n"):
        server.answer(page)
        assert skybot.ask(JD, RA, DEC) == Answer("none")
    server.answer(pages.votable())
    assert skybot.ask(JD, RA, DEC).status == "none"


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (pages.REFUSED, "Wrong epoch"),
        ("<html>Service under maintenance</html>", "without the status of the query"),
        ("Service under maintenance", "no VOTable: 'Service under maintenance'"),
        ("", "no VOTable"),
        (pages.TWO[:900], "no VOTable"),
        (pages.votable(("1", "Ceres", "garbage", "+1 2 3")), "a row that cannot be read"),
        (pages.votable(("1", "Ceres", "5 70 00", "+1 2 3")), "a row that cannot be read"),
        (pages.votable(("1",)), "a row that cannot be read"),
    ],
)
def test_skybot_in_trouble_has_no_answer(
    server: pages.Sky, skybot: SkyBot, page: str, reason: str
) -> None:
    server.answer(page)
    with pytest.raises(NoAnswerError, match=reason):
        skybot.ask(JD, RA, DEC)


def test_jupiter_is_not_the_fifth_minor_planet(server: pages.Sky, skybot: SkyBot) -> None:
    server.answer(pages.votable(("5", "Jupiter", "15 10 43.6", "+33 21 50", "Planet", "-2.1")))
    assert skybot.ask(JD, RA, DEC).matches[0].name == "Jupiter"


def test_a_number_that_is_none_is_left_out(server: pages.Sky, skybot: SkyBot) -> None:
    server.answer(pages.votable(("-", "C/2020 T2", "15 10 43.6", "+33 21 50", "Comet", "-", "x")))
    (match,) = skybot.ask(JD, RA, DEC).matches
    assert (match.mag, match.error, match.rate, match.rate_pa) == (None, None, None, None)


def test_the_checkers_form(server: pages.Sky, center: MinorPlanetCenter) -> None:
    server.answer(pages.checker())
    center.ask(JD, RA, -0.5)
    center.ask(JD, 359.99999999, -0.5)
    asked, at_zero = server.asked
    assert at_zero["ra"] == "00 00 00.000"
    assert asked["method"] == "POST"
    assert (asked["year"], asked["month"]) == ("2019", "09")
    assert float(asked["day"]) == pytest.approx(17.86, abs=1e-5)
    assert asked["ra"] == "15 10 43.620"
    assert asked["decl"] == "-00 30 00.00"
    assert (asked["radius"], asked["oc"], asked["limit"]) == ("2", "I41", "24")
    assert (asked["mot"], asked["tmot"], asked["sort"]) == ("h", "s", "d")


def test_the_last_second_of_a_month_is_in_it(server: pages.Sky, center: MinorPlanetCenter) -> None:
    server.answer(pages.checker())
    center.ask(2458757.5 - 1e-7, RA, DEC)
    assert (server.asked[0]["month"], server.asked[0]["day"]) == ("09", "30.99999")


def test_what_the_checker_lists(server: pages.Sky, center: MinorPlanetCenter) -> None:
    server.answer(pages.checker(pages.SWIFT, pages.COMET, pages.NEAR_EARTH))
    answer = center.ask(JD, RA, DEC)
    near, comet, swift = answer.matches
    assert near.name == "(325395) 2009 CQ5"
    assert (near.mag, near.kind) == (18.6, "6o")
    assert near.offset == pytest.approx(8.8, abs=0.1)
    assert near.rate == pytest.approx((16**2 + 69**2) ** 0.5 / 60)
    assert near.rate_pa == pytest.approx(13.06, abs=0.01)
    # Comets have no magnitude there.
    assert (comet.name, comet.mag, comet.kind) == ("C/2018 W2 (Africano)", None, "300d")
    assert comet.rate_pa == pytest.approx(180 + 14.04, abs=0.01)
    # Degrees a day: 1° a day is 2.5″ a minute.
    assert swift.rate == pytest.approx(5**0.5 * 2.5)


def test_the_checker_without_objects(server: pages.Sky, center: MinorPlanetCenter) -> None:
    server.answer(pages.checker())
    assert center.ask(JD, RA, DEC) == Answer("none")


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (pages.WEBCS, "refuses: Invalid data"),
        (pages.checker(checked=12), "checked 12 objects only"),
        ("<html><pre>Internal trouble</pre></html>", "no list of objects"),
        ("<html>Please come back later</html>", "no list of objects"),
        (pages.checker("2019 XX   somewhere in Virgo"), "a line that cannot be read"),
        ("", "no list of objects"),
    ],
)
def test_the_checker_in_trouble_has_no_answer(
    server: pages.Sky, center: MinorPlanetCenter, page: str, reason: str
) -> None:
    """The published client takes each of these for "nothing found"."""
    server.answer(page)
    with pytest.raises(NoAnswerError, match=reason):
        center.ask(JD, RA, DEC)


def test_another_try_after_passing_trouble(
    server: pages.Sky, skybot: SkyBot, slept: list[float]
) -> None:
    server.answer((503, "busy"), (0, ""), pages.TWO)
    assert skybot.ask(JD, RA, DEC).status == "matched"
    assert [wait for wait in slept if wait] == [2.0, 8.0]


def test_not_forever(server: pages.Sky, skybot: SkyBot) -> None:
    server.answer((500, "<h1>Internal</h1>"))
    with pytest.raises(NoAnswerError, match="status 500"):
        skybot.ask(JD, RA, DEC)
    assert len(server.asked) == 3


def test_what_another_try_cannot_change(server: pages.Sky, skybot: SkyBot) -> None:
    server.answer((404, "not here"))
    with pytest.raises(NoAnswerError, match="status 404: not here"):
        skybot.ask(JD, RA, DEC)
    assert len(server.asked) == 1


def test_silence_is_given_up(server: pages.Sky, skybot: SkyBot) -> None:
    skybot.web.waits = ()
    server.answer((-1, ""))
    with pytest.raises(NoAnswerError, match=r"no answer: .*timed out"):
        skybot.ask(JD, RA, DEC)


def test_nobody_there(web: Web) -> None:
    with pytest.raises(NoAnswerError, match=r"no answer: .*refused"):
        SkyBot(address="http://127.0.0.1:9/", web=web).ask(JD, RA, DEC)


def test_asked_to_wait(server: pages.Sky, skybot: SkyBot, slept: list[float]) -> None:
    """As long as asked, but not for an hour."""
    server.answer((429, "slow down"), pages.NOTHING)
    server.headers = {"Retry-After": "17"}
    skybot.ask(JD, RA, DEC)
    server.answer((429, "slow down"), pages.NOTHING)
    server.headers = {"Retry-After": "3600"}
    skybot.ask(JD, RA, DEC)
    assert [wait for wait in slept if wait] == [17.0, 60.0]


def test_requests_keep_their_distance(server: pages.Sky, slept: list[float]) -> None:
    now = [100.0]
    web = Web(pause=1.5, sleep=slept.append, clock=lambda: now[0])
    server.answer(pages.NOTHING)
    for moment in (100.0, 100.5, 110.0):
        now[0] = moment
        web.get(server.address, {"a": "b"})
    assert slept == [0.0, 1.0, 0.0]


def rows(*candids: str) -> pa.Table:
    """Detections at the checker's place that nobody has been asked about."""
    return pa.Table.from_pylist(
        [
            {"id": "f", "candid": candid, "jd": JD, "ra": RA, "dec": DEC,
             "known_status": "not_asked"}
            for candid in candids
        ],
        DETECTIONS,
    )  # fmt: skip


def test_columns_tell_answers_apart(
    server: pages.Sky, skybot: SkyBot, center: MinorPlanetCenter
) -> None:
    server.answer(pages.TWO, pages.NOTHING, (404, "gone"))
    table = check_table(rows("a", "b", "c"), {"skybot": skybot})
    told = [json.loads(text) for text in table["x_match_skybot"].to_pylist()]
    assert [each["status"] for each in told] == ["matched", "none", "failed"]
    assert told[2]["reason"] == "status 404: gone"
    assert [each["offset"] for each in told[0]["matches"]] == sorted(
        each["offset"] for each in told[0]["matches"]
    )
    assert table["x_match_mpc"].to_pylist() == [None] * 3


def test_only_failures_are_asked_again(server: pages.Sky, skybot: SkyBot) -> None:
    server.answer(pages.TWO, pages.NOTHING, (404, "gone"))
    table = check_table(rows("a", "b", "c"), {"skybot": skybot})
    server.answer(pages.NOTHING)
    again = check_table(table, {"skybot": skybot})
    assert len(server.asked) == 1
    assert json.loads(again["x_match_skybot"][2].as_py())["status"] == "none"
    assert again["x_match_skybot"][:2] == table["x_match_skybot"][:2]


def test_a_service_that_is_down_is_left_alone(server: pages.Sky, skybot: SkyBot) -> None:
    server.answer((404, "gone"))
    table = check_table(rows(*"abcdef"), {"skybot": skybot})
    assert len(server.asked) == 3
    assert table["x_match_skybot"].null_count == 3


def test_what_is_known_together(
    server: pages.Sky, skybot: SkyBot, center: MinorPlanetCenter
) -> None:
    services = {"mpc": center}
    server.answer(pages.checker(pages.NEAR_EARTH), pages.checker(), pages.WEBCS)
    table = KnownSearch(services=services)(rows("a", "b", "c"))
    assert table.schema.names == DETECTIONS.names
    assert table["candid"].to_pylist() == ["a", "b", "c"]
    assert table["known_status"].to_pylist() == ["matched", "none", "failed"]
    assert table["known_name"].to_pylist() == ["(325395) 2009 CQ5", None, None]
    assert table["known_source"].to_pylist() == ["mpc", None, None]
    assert table["known_offset"][0].as_py() == pytest.approx(8.8, abs=0.1)
    server.answer(pages.checker())
    again = KnownSearch(services=services)(table)
    assert again["known_status"].to_pylist() == ["matched", "none", "none"]
    assert len(server.asked) == 1


def test_files_go_before_services(
    server: pages.Sky, center: MinorPlanetCenter, tmp_path: Path
) -> None:
    (tmp_path / "CometEls.txt").write_text(HALE_BOPP)
    catalogue = Catalogue.read([tmp_path / "CometEls.txt"])
    from skysift.frames.known.ephemeris import ephemeris
    from skysift.frames.known.places import seen

    ra, dec = (
        float(each[0]) for each in angles(seen(catalogue.orbits, JD, ephemeris()).directions)
    )
    table = pa.Table.from_pylist(
        [
            {"id": "f", "candid": "on it", "jd": JD, "ra": ra, "dec": dec},
            {"id": "g", "candid": "elsewhere", "jd": JD, "ra": RA, "dec": DEC},
        ],
        DETECTIONS,
    )
    server.answer(pages.checker(pages.NEAR_EARTH))
    known = KnownSearch(catalogue, {"mpc": center})(table)
    assert known["known_source"].to_pylist() == ["CometEls.txt", "mpc"]
    nobody = KnownSearch()(table)
    assert nobody["known_status"].to_pylist() == ["not_asked"] * 2


def test_an_empty_night(skybot: SkyBot) -> None:
    assert KnownSearch(services={"skybot": skybot})(DETECTIONS.empty_table()).num_rows == 0


def test_each_service_has_its_column() -> None:
    assert {f"x_match_{name}" for name in SERVICES} <= set(DETECTIONS.names)


def test_sexagesimal() -> None:
    assert degrees("-00 00 36") == pytest.approx(-0.01)
    assert written(12 - 1e-9, 2, sign=False) == "12 00 00.00"
    assert degrees(written(-12.3456789, 2, sign=True)) == pytest.approx(-12.3456789, abs=2e-6)
    assert offset_between(10.0, 60.0, 10.0 + 2 / 3600, 60.0) == pytest.approx(1.0, abs=1e-4)
