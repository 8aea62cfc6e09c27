"""Votes on a tree, and positions: a spot is looked for on the screen, and clicked on."""

from __future__ import annotations

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from skysift.active_learning.questions import Marks, Votes
from tests.marshal.browser.night import write_alert
from tests.marshal.browser.said import at, shown, standing
from tests.marshal.browser.spots import find_spot, stamp, write_picture
from tests.marshal.browser.steer import DESKTOP, PHONE

TREE = Votes(
    "What does it look like?",
    {
        "smooth or featured?": {"smooth": "how round?", "featured": "spiral?", "artefact": None},
        "how round?": {"round": None, "cigar": None},
        "spiral?": {"yes": None, "no": None},
    },
)

ZOOMED_IN = (DESKTOP[0] // 2, DESKTOP[1] // 2)
"""What is left of a desktop's width at 200 %."""


def test_votes_by_keys_lead_down_the_tree(alice, served, ledger, ask, alerts):
    campaign = ask(3, TREE)
    alice.enter(served.url, "alice", at(campaign))
    assert "smooth or featured?" in alice.text("legend")
    alice.answer("2")
    assert "spiral?" in alice.text("legend")
    assert ledger.answers(campaign) == []
    alice.answer("1")
    assert shown(alice) == alerts[1]["objectId"]
    alice.answer("3")
    assert [value for *_, value in standing(ledger, campaign)] == [
        {"smooth or featured?": {"featured": 1}, "spiral?": {"yes": 1}},
        {"smooth or featured?": {"artefact": 1}},
    ]


def test_a_wrong_turn_in_the_tree_is_taken_back(alice, served, ledger, ask, alerts):
    campaign = ask(2, TREE)
    alice.enter(served.url, "alice", at(campaign))
    alice.answer("2")
    alice.press(Keys.BACKSPACE)
    alice.until(lambda: "smooth or featured?" in alice.text("legend"), "not back at the root")
    alice.act(lambda: alice.click('.choices [data-key="1"]'))
    alice.act(lambda: alice.click('button[value="cigar"]'))
    assert [value for *_, value in standing(ledger, campaign)] == [
        {"smooth or featured?": {"smooth": 1}, "how round?": {"cigar": 1}}
    ]
    alice.answer("z")
    assert "smooth or featured?" in alice.text("legend")
    assert ledger.answers(campaign) == []


@pytest.mark.parametrize(
    ("screen", "scale", "size", "spot"),
    [
        (DESKTOP, 1, (120, 120), (13, 37)),
        (DESKTOP, 1, (160, 90), (101, 80)),
        (ZOOMED_IN, 2, (160, 90), (101, 80)),
        (PHONE, 3, (160, 90), (101, 80)),
    ],
    ids=["desktop", "desktop, wide", "zoomed", "phone"],
)
def test_a_click_on_a_picture_marks_its_pixel(
    alice, served, ledger, ask, folder, size, spot, screen, scale
):
    campaign = ask_about_a_picture(ask, folder, size, spot)
    alice.resize(screen, scale=scale)
    alice.enter(served.url, "alice", at(campaign))
    click_on_the_spot(alice)
    assert_marked(ledger, campaign, spot)


def test_a_touch_on_a_picture_that_two_fingers_have_enlarged_marks_its_pixel(
    alice, served, ledger, ask, folder
):
    spot = (13, 37)
    campaign = ask_about_a_picture(ask, folder, (120, 120), spot)
    alice.resize(PHONE, scale=2)
    alice.enter(served.url, "alice", at(campaign))
    alice.command("Emulation.setPageScaleFactor", pageScaleFactor=2)
    click_on_the_spot(alice)
    assert_marked(ledger, campaign, spot)


def ask_about_a_picture(ask, folder, size, spot) -> str:
    item = f"galaxy-{size[0]}x{size[1]}"
    write_picture(folder / "pictures" / f"{item}.png", size, spot)
    return ask(form=Marks("Where is the nucleus?", *size), items=[(item, item)])


def click_on_the_spot(browser) -> None:
    browser.click_at(*find_spot(browser, "#board img"))
    browser.until(lambda: browser.all("#board .mark"), "no mark")
    browser.act(lambda: browser.js("document.querySelector('#done').click()"))


def assert_marked(ledger, campaign, spot) -> None:
    """Hold the one mark of the one answer to the spot's pixel."""
    ((_, _, (mark,)),) = standing(ledger, campaign)
    assert (mark["x"], mark["y"]) == pytest.approx(np.add(spot, 0.5), abs=1.0)


@pytest.mark.parametrize(
    ("rows", "columns", "spot"), [(63, 63, (10, 50)), (40, 63, (50, 8))], ids=["whole", "cut"]
)
def test_a_click_on_a_stamp_marks_its_pixel_counted_from_the_lower_left(
    alice, served, ledger, ask, folder, alerts, rows, columns, spot
):
    name, candid = f"ZTF99spot{rows}", 990000000000 + rows
    spotted = alerts[0] | {
        "objectId": name,
        "candid": candid,
        "candidate": alerts[0]["candidate"] | {"candid": candid},
        "cutoutDifference": stamp((rows, columns), spot),
    }
    write_alert(folder, "spots", spotted)
    campaign = ask(form=Marks("Where is the comet?", 63, 63), items=[(str(candid), name)])
    alice.enter(served.url, "alice", at(campaign))
    alice.until(lambda: alice.all("#board img") or alice.driver.refresh(), "no stamp yet")
    click_on_the_spot(alice)
    assert_marked(ledger, campaign, spot)


def test_marks_by_keys_alone(alice, served, ledger, ask, alerts):
    campaign = ask(3, Marks("Where?", 63, 63))
    alice.enter(served.url, "alice", at(campaign))
    board = alice.one("#board")
    alice.js("arguments[0].focus()", board)
    alice.press(*[Keys.ARROW_RIGHT] * 3, *[Keys.ARROW_UP] * 5, " ")
    alice.press(*[Keys.ARROW_LEFT] * 2, " ", Keys.BACKSPACE)
    alice.answer(Keys.ENTER)
    alice.answer("n")
    assert [value for *_, value in standing(ledger, campaign)] == [[{"x": 34.5, "y": 36.5}], []]


def test_positions_that_lie_outside_are_refused(alice, served, ledger, ask, alerts):
    campaign = ask(2, Marks("Where?", 63, 63))
    alice.enter(served.url, "alice", at(campaign))
    alice.one("#marks").send_keys("70 3")
    alice.act(lambda: alice.click("#done"))
    assert "must lie in the picture of 63 × 63 px" in alice.text("#notice")
    assert ledger.answers(campaign) == []
    alice.must_complain("400")
