"""Everybody gets along: on a phone, by keys alone, with weak eyes, by ear, in the dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from skysift.active_learning.questions import TRANSIENT, Marks
from tests.marshal.browser.night import TOPICS
from tests.marshal.browser.said import at, standing
from tests.marshal.browser.steer import PHONE, Browser
from tests.marshal.browser.test_questions import TREE

AUDIT = Path(__file__).with_name("audit.js").read_text()

FORMS = {"choice": TRANSIENT, "votes": TREE, "marks": Marks("Where?", 63, 63)}

LONG_NAME = "Alice Ångström-Featherstonehaugh"

LEAST_TARGET = 40
"""Of what a thumb shall hit [CSS px]."""

# Links inside of text are as high as the text (WCAG 2.2, 2.5.8: inline); a box is as large as its
# label, which can be touched as well.
TOO_SMALL = """
const targets = [...document.querySelectorAll("button, select, a.button, summary, .unsure, nav a,"
  + " input:not([type=hidden]):not([type=checkbox])")].filter((e) => e.checkVisibility());
const sizes = targets.map((e) => [e.getBoundingClientRect(), e.outerHTML.slice(0, 80)]);
return sizes.filter(([box]) => box.width > 1 && Math.min(box.width, box.height) < arguments[0])
  .map(([box, name]) => `${box.width.toFixed(0)} × ${box.height.toFixed(0)}: ${name}`);
"""


def every_page(browser: Browser, url: str, ask):
    """Go through all kinds of pages, and say on which it is."""
    browser.enter(url, LONG_NAME)
    yield "overview"
    for name, form in FORMS.items():
        campaign = ask(2, form)
        browser.open(url + at(campaign))
        yield name
        if name == "choice":
            browser.answer("x")
            yield "choice, with a notice"
            browser.open(url + at(campaign, "/labels"))
            yield "labels"
    for path in (f"/queue?topic={TOPICS[1]}", "/name", "/quit?topic=*"):
        browser.open(url + path)
        yield path


def test_a_phone_shows_all_without_scrolling_sideways(alice, served, ask):
    alice.resize(PHONE, scale=2)
    wide, small = {}, {}
    for page in every_page(alice, served.url, ask):
        if (width := alice.js("return document.documentElement.scrollWidth")) > PHONE[0]:
            wide[page] = width
        if found := alice.js(TOO_SMALL, LEAST_TARGET):
            small[page] = found
    assert wide == {}
    assert small == {}


def test_a_phone_shows_stamps_and_answers_at_once(alice, served, ledger, ask):
    campaign = ask(2)
    alice.resize(PHONE, scale=2)
    alice.enter(served.url, "alice", at(campaign))
    on_screen = """const box = document.querySelector(arguments[0]).getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight"""
    assert alice.js(on_screen, "#stamps")
    assert alice.js(on_screen, ".choices")
    free = """return document.querySelector('.answer').getBoundingClientRect().top
        - document.querySelector('#stamps').getBoundingClientRect().bottom"""
    assert alice.js(free) >= 0, "the answers do not cover the stamps"
    place = alice.js("""const box = document.querySelector('button[value="gal"]')
        .getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]""")
    alice.act(lambda: alice.click_at(*place))
    assert [value for *_, value in standing(ledger, campaign)] == ["gal"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_breaks_the_rules_of_accessibility(alice, served, ask, theme):
    alice.prefer(prefers_color_scheme=theme)
    found = {page: said for page in every_page(alice, served.url, ask) if (said := alice.js(AUDIT))}
    assert found == {}


def test_a_page_that_is_not_there_keeps_to_the_rules_too(alice, served):
    alice.enter(served.url, "alice", "/questions/999999")
    assert alice.text("h1") == "Not here"
    assert alice.js(AUDIT) == []
    alice.must_complain("404")


FOCUS = """
const element = document.activeElement;
if (element === document.body) return null;
const [style, box] = [getComputedStyle(element), element.getBoundingClientRect()];
return {
  order: [...document.querySelectorAll("*")].indexOf(element),
  outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  seen: box.width > 1 && box.right > 0,
  name: element.outerHTML.slice(0, 80),
};
"""


@pytest.mark.parametrize("kind", FORMS)
def test_the_focus_goes_through_the_page_in_order_and_can_be_seen(alice, served, ask, kind):
    alice.enter(served.url, "alice", at(ask(1, FORMS[kind])))
    stops = []
    while True:
        alice.press(Keys.TAB)
        stop = alice.js(FOCUS)
        if stop is None or (stops and stop["order"] == stops[0]["order"]):
            break
        stops.append(stop)
    assert [stop["name"] for stop in stops if not (stop["outlined"] and stop["seen"])] == []
    orders = [stop["order"] for stop in stops]
    assert orders == sorted(orders)
    buttons = alice.js("return [...document.querySelectorAll('main button, main select')].length")
    assert len(stops) >= buttons


def test_tab_and_enter_alone_label_a_candidate(alice, served, ledger, ask):
    campaign = ask(2)
    alice.enter(served.url, "alice", at(campaign))
    for _ in range(60):
        alice.press(Keys.TAB)
        if alice.js("return document.activeElement.value") == "agn":
            break
    alice.answer(Keys.ENTER)
    assert [value for *_, value in standing(ledger, campaign)] == ["agn"]
    alice.press(Keys.TAB)
    assert alice.js("return document.querySelector('main').contains(document.activeElement)"), (
        "the next candidate begins where its page begins"
    )


def test_what_was_saved_and_what_comes_next_is_said_aloud(alice, served, ask, alerts):
    alice.enter(served.url, "alice", at(ask(2)))
    alice.answer("x")
    said = alice.one("#said")
    assert said.get_attribute("aria-live") == "polite"
    first, second = (alert["objectId"] for alert in alerts[:2])
    heard = f"Saved: {first}, extragal. {second}. What is it?"
    alice.until(lambda: alice.js("return arguments[0].textContent", said) == heard, "not said")


def test_who_wants_less_motion_gets_none(alice, served, ask):
    alice.prefer(prefers_reduced_motion="reduce")
    alice.enter(served.url, "alice", at(ask(1)))
    moving = """return [...document.querySelectorAll("*")].map((e) => getComputedStyle(e))
        .filter((s) => parseFloat(s.transitionDuration) > 0 || s.animationName !== "none")"""
    assert alice.js(moving) == []


HIDDEN = """
const element = document.activeElement;
const box = element.getBoundingClientRect();
const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
return element.contains(there) || there?.contains(element) ? null : element.outerHTML.slice(0, 80);
"""


@pytest.mark.parametrize("screen", [PHONE, (640, 450)], ids=["phone", "zoomed"])
def test_what_has_the_focus_is_not_hidden_behind_the_answers(alice, served, ask, screen):
    alice.resize(screen)
    alice.enter(served.url, "alice", at(ask(1)))
    hidden = []
    for _ in range(30):
        alice.press(Keys.TAB)
        if alice.js("return document.activeElement === document.body"):
            break
        hidden.append(alice.js(HIDDEN))
    assert len(hidden) > 15
    assert [name for name in hidden if name] == []
