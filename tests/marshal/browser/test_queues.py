"""Finding what to look at: topics, ranks, rounds, looks; and taking the labels home."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from skysift.active_learning.audit import answers_table
from skysift.active_learning.questions import TRANSIENT
from tests.marshal.browser.night import TOPICS
from tests.marshal.browser.said import at, shown
from tests.marshal.browser.steer import Browser


def listed(browser: Browser) -> list[str]:
    return [row.get_attribute("data-object") for row in browser.all("tr[data-object]")]


def names(alerts) -> set[str]:
    return {alert["objectId"] for alert in alerts}


def choose(browser: Browser, select: str, choice: str) -> None:
    """Choose as a person does, by typing in the list that has the focus."""
    browser.one(f'select[name="{select}"]').send_keys(choice)
    browser.until(lambda: f"{select}={choice.split()[0]}" in browser.driver.current_url, "no list")


def test_a_topic_has_its_own_candidates(alice, served, alerts):
    alice.open(served.url)
    alice.click(f'[data-queue="{TOPICS[0]}"] h3 a')
    alice.until(lambda: listed(alice), "no list")
    assert set(listed(alice)) == names(alerts[::2])
    alice.open(f"{served.url}/queue?topic={TOPICS[1]}")
    assert set(listed(alice)) == names(alerts)


def test_candidates_stand_in_the_order_of_the_score(alice, served, alerts):
    alice.open(f"{served.url}/queue?topic={TOPICS[1]}&rank=jd")
    choose(alice, "rank", "btsbot.score")
    scored = [alert for alert in alerts if alert["btsbot"]["score"] is not None]
    ranked = sorted(scored, key=lambda alert: -alert["btsbot"]["score"])
    best = [alert["objectId"] for alert in ranked]
    assert listed(alice)[: len(best)] == best
    without = listed(alice)[len(best) :]
    assert set(without) == names(alerts) - set(best)
    assert "missing_stamp" in alice.text(f'tr[data-object="{without[0]}"]')
    alice.open(f"{served.url}/queue?topic={TOPICS[1]}&rank=jd")
    newest = sorted(alerts, key=lambda alert: -alert["candidate"]["jd"])
    assert listed(alice) == [alert["objectId"] for alert in newest]


def test_the_first_candidate_of_a_topic_is_the_first_to_label(alice, served, alerts):
    alice.enter(served.url, "alice", f"/queue?topic={TOPICS[1]}&rank=btsbot.score")
    first = listed(alice)[0]
    alice.press("l")
    alice.until(alice.question, "no question")
    assert shown(alice) == first
    alice.answer("x")
    alice.open(f"{served.url}/queue?topic={TOPICS[1]}&rank=btsbot.score")
    choose(alice, "show", "open")
    assert first not in listed(alice)
    choose(alice, "show", "labelled")
    assert listed(alice) == [first]
    assert "extragal alice" in alice.text(f'tr[data-object="{first}"]')


def test_a_candidate_of_the_list_can_be_looked_at_out_of_turn(alice, served):
    alice.enter(served.url, "alice", f"/queue?topic={TOPICS[0]}")
    last = listed(alice)[-1]
    alice.click(f'tr[data-object="{last}"] a')
    alice.until(alice.question, "no question")
    assert shown(alice) == last


def test_rounds_are_queues_of_their_own(alice, served, ledger, ask, alerts):
    campaign = ask(2)
    items = [(str(alert["candid"]), alert["objectId"]) for alert in alerts[2:5]]
    ledger.ask(campaign, 2, TRANSIENT, items, query="entropy:top")
    alice.open(served.url)
    assert "0 of 2 labelled" in alice.text(f'[data-queue="{campaign}, round 1"]')
    alice.click(f'[data-queue="{campaign}, round 2"] h3 a')
    alice.until(lambda: listed(alice), "no list")
    assert set(listed(alice)) == names(alerts[2:5])


def test_an_alert_shows_all_that_came_with_it(alice, served, ask, alerts):
    campaign = ask(1)
    alice.enter(served.url, "alice", at(campaign))
    candidate = alerts[0]["candidate"]
    assert f"{candidate['magpsf']:.2f}" in alice.text(".bright")
    assert str(alerts[0]["candid"]) in alice.text(".ids")
    assert f"{alerts[0]['btsbot']['score']:.3f}" in alice.text('[data-module="btsbot"]')
    assert (
        alice.one("#light-curve svg")
        .get_attribute("aria-label")
        .startswith(f"Light curve of {alerts[0]['objectId']}: ")
    )
    sizes = alice.js(
        "return [...document.querySelectorAll('#stamps img')].map(i => i.naturalWidth)"
    )
    assert len(sizes) == 3 and min(sizes) >= 63
    for link in alice.all("#links a"):
        assert link.get_attribute("href").startswith("https://")
        assert "noopener" in link.get_attribute("rel") and link.get_attribute("target") == "_blank"
    assert len(alice.all("#links a")) == 5


def pixels(browser: Browser) -> np.ndarray:
    """Return what is seen of the science stamp."""
    browser.until(
        lambda: browser.js("return [...document.images].every(i => i.complete)"), "no stamps"
    )
    box = browser.js("return document.querySelector('#stamps .frame').getBoundingClientRect()")
    left, top, width, height = (round(box[side]) for side in ("x", "y", "width", "height"))
    return browser.look()[top : top + height, left : left + width].astype(int)


def test_stretch_and_zoom_change_the_stamps_and_stay(alice, served, ask, alerts):
    campaign = ask(3)
    alice.enter(served.url, "alice", at(campaign))
    plain = pixels(alice)
    alice.press(",")
    asinh = pixels(alice)
    assert np.abs(asinh - plain).mean() > 3
    alice.press(".")
    doubled = pixels(alice)
    middle = asinh.shape[0] // 4, asinh.shape[1] // 4
    inner = asinh[middle[0] : -middle[0], middle[1] : -middle[1]]
    enlarged = np.kron(inner, np.ones((2, 2, 1)))[: doubled.shape[0], : doubled.shape[1]]
    # Crosshair and edges of pixels may differ by a little; the picture is the same, larger.
    part = doubled[: enlarged.shape[0], : enlarged.shape[1]]
    assert np.median(np.abs(part - enlarged)) < 12
    alice.answer("x")
    assert alice.js("return stretch.value + zoom.value") == "asinh2"
    alice.driver.refresh()
    assert alice.js("return stretch.value + zoom.value") == "asinh2"
    assert "stretch=asinh" in alice.one("#stamps img").get_attribute("src")


def test_the_bar_on_a_stamp_is_as_long_as_it_says(alice, served, ask):
    alice.enter(served.url, "alice", at(ask(1)))
    share = """const wide = (selector) => document.querySelector(selector)
        .getBoundingClientRect().width; return wide(".scale path") / wide(".frame")"""
    of_a_ztf_stamp = 15 / (63 * 1.01)
    assert alice.js(share) == pytest.approx(of_a_ztf_stamp, rel=0.02)
    assert alice.text(".arcsec") == "15″"
    alice.press(".")
    assert alice.js(share) == pytest.approx(2 * of_a_ztf_stamp, rel=0.02)


def test_the_exported_table_is_the_ledgers(alice, served, ledger, ask):
    campaign = ask(4)
    alice.enter(served.url, "alice", at(campaign))
    for key in ("x", "B", "z", "s", "v"):
        alice.answer(key)
    alice.open(served.url + at(campaign, "/labels"))
    assert len(alice.all("#answers tbody tr")) == 4
    export = alice.one("#export").get_attribute("href")
    text = alice.js("return fetch(arguments[0]).then((answer) => answer.text())", export)
    table = pd.read_csv(io.StringIO(text))
    theirs = answers_table(ledger.answers(campaign, retracted=True)).to_csv(index=False)
    pd.testing.assert_frame_equal(table, pd.read_csv(io.StringIO(theirs)))
    assert table["value"].tolist()[:2] == ["extragal", "bogus"]
    assert table["retracted"].tolist() == [False, True, False, False]
    assert table["skipped"].tolist() == [False, False, True, False]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_follows_the_system_until_somebody_chooses(alice, served, theme):
    alice.prefer(prefers_color_scheme=theme)
    alice.open(served.url)
    assert (brightness(alice) > 128) == (theme == "light")
    alice.click("[data-theme-switch]")
    alice.click("[data-theme-switch]")
    assert brightness(alice) < 60
    alice.driver.refresh()
    assert brightness(alice) < 60


def brightness(browser: Browser) -> float:
    return float(np.median(browser.look()))
