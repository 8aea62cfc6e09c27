"""One labeller, one candidate after another; the truth is what the ledger holds."""

from __future__ import annotations

from selenium.webdriver.common.keys import Keys

from tests.marshal.browser.said import at, shown, standing


def test_a_key_answers_and_the_next_candidate_comes(alice, served, ledger, ask, alerts):
    campaign = ask()
    alice.enter(served.url, "Alice Ångström", at(campaign))
    assert shown(alice) == alerts[0]["objectId"]
    alice.answer("x")
    assert standing(ledger, campaign) == [
        ("Alice Ångström", alerts[0]["objectId"], "extragal"),
    ]
    assert shown(alice) == alerts[1]["objectId"]
    assert alice.text("#notice") == f"Saved: {alerts[0]['objectId']}, extragal."
    assert "1 of 4 labelled" in alice.text(".progress")


def test_a_click_answers(alice, served, ledger, ask, alerts):
    campaign = ask()
    alice.enter(served.url, "alice", at(campaign))
    alice.act(lambda: alice.click('button[value="bogus"]'))
    assert standing(ledger, campaign) == [("alice", alerts[0]["objectId"], "bogus")]


def test_a_capital_letter_means_that_somebody_is_not_sure(alice, served, ledger, ask):
    campaign = ask()
    alice.enter(served.url, "alice", at(campaign))
    alice.answer("G")
    alice.answer("g")
    assert [(a.value, a.confidence) for a in ledger.answers(campaign)] == [
        ("gal", 0.5),
        ("gal", None),
    ]


def test_keys_with_another_meaning_to_the_browser_answer_nothing(alice, served, ledger, ask):
    campaign = ask()
    alice.enter(served.url, "alice", at(campaign))
    before = alice.question()
    alice.chord(Keys.CONTROL, "x")
    alice.chord(Keys.ALT, "x")
    alice.press("k", "7", Keys.F2)
    assert alice.question() == before
    assert ledger.answers(campaign) == []


def test_undo_takes_the_last_answer_back_and_asks_again(alice, served, ledger, ask, alerts):
    campaign = ask()
    alice.enter(served.url, "alice", at(campaign))
    alice.answer("x")
    alice.answer("b")
    alice.answer("z")
    assert shown(alice) == alerts[1]["objectId"]
    assert "Taken back" in alice.text("#notice")
    assert standing(ledger, campaign) == [("alice", alerts[0]["objectId"], "extragal")]
    alice.answer("v")
    assert standing(ledger, campaign)[1:] == [("alice", alerts[1]["objectId"], "varstar")]


def test_undo_before_anything_was_said_does_no_harm(alice, served, ledger, ask, alerts):
    campaign = ask()
    alice.enter(served.url, "alice", at(campaign))
    alice.answer("z")
    assert shown(alice) == alerts[0]["objectId"]
    assert ledger.answers(campaign, retracted=True) == []


def test_a_skipped_candidate_is_not_put_again(alice, served, ledger, ask, alerts):
    campaign = ask(2)
    alice.enter(served.url, "alice", at(campaign))
    alice.answer("s")
    assert shown(alice) == alerts[1]["objectId"]
    alice.answer("r")
    assert "Nothing is open for you here" in alice.text("main")
    assert [(a.skipped, a.value) for a in ledger.answers(campaign)] == [
        (True, None),
        (False, "real"),
    ]
    alice.answer("z")
    alice.answer("z")
    assert shown(alice) == alerts[0]["objectId"]


def test_who_quits_goes_on_where_they_stopped(alice, served, ask, alerts):
    campaign = ask()
    alice.enter(served.url, "alice", at(campaign))
    alice.answer("x")
    alice.press("q")
    alice.until(lambda: "All that you said is saved" in alice.text("main"), "no goodbye")
    alice.press("l")
    alice.until(alice.question, "no question")
    assert shown(alice) == alerts[1]["objectId"]


def test_a_burst_of_keys_answers_no_candidate_that_was_not_shown(
    alice, served, ledger, ask, alerts
):
    campaign = ask(len(alerts))
    alice.enter(served.url, "alice", at(campaign))
    alice.act(lambda: alice.press(*"xxxxxxxx"))
    alice.until(lambda: not alice.all("body[aria-busy]"), "still busy")
    said = standing(ledger, campaign)
    assert 1 <= len(said) <= 8
    assert len({name for _, name, _ in said}) == len(said)
    assert shown(alice) == alerts[len(said)]["objectId"]


def test_loading_again_and_going_back_write_nothing(alice, served, ledger, ask, alerts):
    campaign = ask()
    alice.enter(served.url, "alice", at(campaign))
    alice.answer("x")
    alice.driver.refresh()
    assert shown(alice) == alerts[1]["objectId"]
    alice.act(alice.driver.back)
    assert shown(alice) == alerts[0]["objectId"]
    assert "You said: extragal" in alice.text(".answer")
    assert len(ledger.answers(campaign, retracted=True)) == 1


def test_without_scripts_a_click_still_answers(alice, served, ledger, ask, alerts):
    campaign = ask()
    alice.enter(served.url, "alice", at(campaign))
    alice.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        alice.driver.refresh()
        alice.click('button[value="agn"]')
        alice.until(lambda: shown(alice) == alerts[1]["objectId"], "no next candidate")
    finally:
        alice.command("Emulation.setScriptExecutionDisabled", value=False)
    assert standing(ledger, campaign) == [("alice", alerts[0]["objectId"], "agn")]
