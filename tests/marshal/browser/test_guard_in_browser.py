"""Who may come in, and what a page of another site may not do: real pages, real cookies."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ci.marshal import Served
from tests.marshal.browser.said import at
from tests.marshal.browser.steer import PHONE

TOKEN = "a-token-for-these-tests-alone"


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def stranger(tmp_path) -> Iterator[tuple[Path, str]]:
    """Return another site's folder and address; the browser takes it for the same host."""
    handler = partial(Quiet, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_strangers_page_cannot_answer_in_a_labellers_name(alice, served, stranger, ledger, ask):
    campaign = ask(2)
    alice.enter(served.url, "alice", at(campaign))
    token = alice.one('input[name="form_token"]').get_attribute("value")
    action = f"{served.url}/questions/{alice.question()}/answer?campaign=c"
    folder, site = stranger
    (folder / "trap.html").write_text(f"""<!doctype html><form method="post" action="{action}">
        <input name="value" value="bogus"><input name="labeller" value="alice">
        <input name="form_token" value="{token}"></form>
        <script>document.forms[0].submit()</script>""")
    alice.open(f"{site}/trap.html")
    alice.until(lambda: "may not write here" in alice.text("body"), "not refused")
    assert ledger.answers(campaign) == []
    alice.must_complain("403")


def test_a_form_that_no_page_of_ours_made_is_refused(alice, served, ledger, ask):
    campaign = ask(2)
    alice.enter(served.url, "alice", at(campaign))
    post = """return fetch(`/questions/${arguments[0]}/answer`, { method: "POST",
        body: new URLSearchParams({ value: "bogus", labeller: "alice", form_token: "guess" }) })
        .then((answer) => answer.status)"""
    assert alice.js(post, alice.question()) == 403
    assert ledger.answers(campaign) == []
    alice.must_complain("403")


def test_a_strangers_page_cannot_frame_ours(alice, served, stranger):
    folder, site = stranger
    (folder / "frame.html").write_text(f'<!doctype html><iframe src="{served.url}/"></iframe>')
    alice.open(f"{site}/frame.html")
    alice.driver.switch_to.frame(0)
    assert alice.all("main") == []
    alice.driver.switch_to.default_content()
    alice.must_complain("frame-ancestors")


@pytest.fixture
def opened(folder, alerts, ledger, tmp_path) -> Iterator[Served]:
    """Return a server that others in the network can reach."""
    served = Served(tmp_path / "log", folder, "--host", "0.0.0.0", SKYSIFT_MARSHAL_TOKEN=TOKEN)
    yield served
    served.stop()


def test_beyond_loopback_nobody_sees_anything_without_the_token(alice, opened, ask, alerts, ledger):
    campaign = ask(2)
    alice.open(opened.url + at(campaign))
    assert "Log in" in alice.text("h1")
    assert alerts[0]["objectId"] not in alice.js("return document.documentElement.outerHTML")
    for address in (
        "/labels.csv?campaign=c",
        f"/alerts/{alerts[0]['candid']}/science.png",
        "/queue",
    ):
        alice.open(opened.url + address)
        assert "Log in" in alice.text("h1")

    alice.one("#token").send_keys("not-the-token-at-all")
    alice.click("button.main")
    alice.until(lambda: "That is not the token" in alice.text("main"), "not refused")
    alice.must_complain("403")

    alice.open(opened.url + at(campaign))
    alice.one("#token").send_keys(TOKEN)
    alice.click("button.main")
    alice.until(lambda: alice.seen("#name"), "no question for a name")
    alice.one("#name").send_keys("Alice Ångström-Featherstonehaugh")
    alice.click("button.main")
    alice.until(alice.question, "no candidate")
    alice.answer("x")
    assert [a.value for a in ledger.answers(campaign)] == ["extragal"]

    alice.resize(PHONE)
    assert alice.js("return document.documentElement.scrollWidth") == PHONE[0]
    alice.click('form[action="/logout"] button')
    alice.until(lambda: "Log in" in alice.text("h1"), "still in")
    alice.open(opened.url + "/labels")
    assert "Log in" in alice.text("h1")
