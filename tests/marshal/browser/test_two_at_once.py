"""Two labellers, and two tabs of one: every answer is written once, and none is lost."""

from __future__ import annotations

from threading import Thread

from tests.marshal.browser.said import at, shown, standing
from tests.marshal.browser.steer import Browser


def test_two_labellers_are_given_different_candidates(alice, bob, served, ledger, ask, alerts):
    campaign = ask(4)
    alice.enter(served.url, "alice", at(campaign))
    bob.enter(served.url, "bob", at(campaign))
    assert shown(alice) != shown(bob)
    for _ in range(2):
        alice.answer("x")
        bob.answer("b")
    for browser in (alice, bob):
        assert "labelled" in browser.text("main")
        assert browser.question() is None
    said = standing(ledger, campaign)
    assert {name for _, name, _ in said} == {alert["objectId"] for alert in alerts[:4]}
    assert sorted((who, value) for who, _, value in said) == [
        ("alice", "extragal"), ("alice", "extragal"), ("bob", "bogus"), ("bob", "bogus"),
    ]  # fmt: skip


def test_at_the_same_time_they_lose_and_double_nothing(alice, bob, served, ledger, ask, alerts):
    campaign = ask(12)

    def work(browser: Browser, key: str) -> None:
        while browser.question() is not None:
            browser.answer(key)

    for browser, name in ((alice, "alice"), (bob, "bob")):
        browser.enter(served.url, name, at(campaign))
    threads = [Thread(target=work, args=pair) for pair in ((alice, "x"), (bob, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = standing(ledger, campaign)
    assert sorted(name for _, name, _ in said) == sorted(a["objectId"] for a in alerts[:12])
    assert {(who, value) for who, _, value in said} == {("alice", "extragal"), ("bob", "bogus")}


def test_one_answer_from_two_tabs(alice, served, ledger, ask, alerts):
    campaign = ask(3)
    alice.enter(served.url, "alice", at(campaign))
    first = alice.driver.current_window_handle
    address = alice.driver.current_url
    alice.new_tab()
    alice.open(address)
    alice.answer("x")
    alice.driver.switch_to.window(first)
    assert shown(alice) == alerts[0]["objectId"]
    alice.answer("x")
    assert standing(ledger, campaign) == [("alice", alerts[0]["objectId"], "extragal")]
    assert shown(alice) == alerts[1]["objectId"]


def test_another_answer_from_a_second_tab_is_refused_and_said_so(
    alice, served, ledger, ask, alerts
):
    campaign = ask(3)
    alice.enter(served.url, "alice", at(campaign))
    first = alice.driver.current_window_handle
    address = alice.driver.current_url
    alice.new_tab()
    alice.open(address)
    alice.answer("x")
    alice.driver.switch_to.window(first)
    alice.answer("b")
    assert "Not written" in alice.text("#notice")
    assert "You said: extragal" in alice.text(".answer")
    assert standing(ledger, campaign) == [("alice", alerts[0]["objectId"], "extragal")]
    alice.must_complain("409")


def test_who_comes_late_may_write_an_answer_beside_the_other(
    alice, bob, served, ledger, ask, alerts
):
    campaign = ask(2)
    alice.enter(served.url, "alice", at(campaign))
    question = alice.driver.current_url.removeprefix(served.url)
    bob.enter(served.url, "bob", question)
    alice.answer("x")
    bob.answer("b")
    first = alerts[0]["objectId"]
    assert "Not written" in bob.text("#notice")
    assert standing(ledger, campaign) == [("alice", first, "extragal")]
    bob.act(lambda: bob.click('button[name="too"]'))
    assert standing(ledger, campaign) == [("alice", first, "extragal"), ("bob", first, "bogus")]
    bob.must_complain("409")


def test_where_two_answers_are_wanted_both_are_asked(alice, bob, served, ledger, ask, alerts):
    campaign = ask(1, wanted=2)
    alice.enter(served.url, "alice", at(campaign))
    bob.enter(served.url, "bob", at(campaign))
    assert shown(alice) == shown(bob) == alerts[0]["objectId"]
    alice.answer("x")
    bob.answer("x")
    assert [who for who, _, _ in standing(ledger, campaign)] == ["alice", "bob"]


def test_a_page_opened_under_another_name_writes_nothing_under_the_new_one(
    alice, served, ledger, ask
):
    campaign = ask(2)
    alice.enter(served.url, "alice", at(campaign))
    first = alice.driver.current_window_handle
    alice.new_tab()
    alice.enter(served.url, "carol")
    alice.driver.switch_to.window(first)
    alice.answer("x")
    assert "Nothing was written" in alice.text("main")
    assert ledger.answers(campaign) == []
    alice.must_complain("409")
