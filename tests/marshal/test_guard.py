"""Who may come in, under which name, from which page: tried from outside, as a stranger would."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from skysift.marshal.app import create_app
from skysift.marshal.guard import SESSION, is_loopback
from skysift.marshal.secrecy import SHORTEST_TOKEN, Secrecy, new_token
from skysift.marshal.visitor import BROWSER, LABELLER, clean_name, own_path
from tests.marshal.people import AT, Page, Person

TOKEN = "correct horse battery"
QUEUE = "topic=skysift_all_ztf"


@pytest.fixture
def closed(room):
    """Return an application that demands a token, opened beyond the loopback."""
    return create_app(room, Secrecy(TOKEN), names={"sift.example.org"}, any_address=True)


def knock(app, host: str, path: str = "/") -> int:
    client = TestClient(app, base_url=AT, follow_redirects=False)
    return client.get(path, headers={"host": host}).status_code


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8765", "localhost:9000", "[::1]:8765", "LOCALHOST", "localhost."]
)
def test_the_loopbacks_names_are_answered_at_any_port(room, host):
    assert knock(create_app(room), host) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.1.7", "",
             "evil.example#@127.0.0.1", "a:b:c", "[evil"]
)  # fmt: skip
def test_a_strangers_name_for_this_machine_is_refused(room, host):
    assert knock(create_app(room), host) == 421


def test_an_open_server_answers_to_its_names_and_to_any_address(closed):
    for host in ("sift.example.org", "SIFT.example.org:8765", "192.168.1.7:80", "[2001:db8::1]"):
        assert knock(closed, host) == 303
    assert knock(closed, "evil.example") == 421


# A page of another site


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused_whatever_it_knows(anna, ledger, headers):
    action = anna.next(QUEUE).one("form", id="answer")["action"]
    assert anna.send(action, headers=headers, value="agn").status == 403
    assert ledger.answers("candidates") == []
    ours = {"origin": AT, "sec-fetch-site": "same-origin"}
    assert anna.send(action, headers=ours, value="agn").status == 200
    assert len(ledger.answers("candidates")) == 1


def test_every_answer_tells_the_browser_what_a_page_may_do(anna, closed):
    pages = [anna.open("/"), anna.open("/nowhere"), anna.open("/static/marshal.css")]
    pages.append(Page(TestClient(closed, base_url=AT).get("/", headers={"host": "evil.example"})))
    for page in pages:
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "same-origin"
    assert anna.open("/").headers["cache-control"] == "no-store"


def test_pages_have_no_script_or_style_within_that_the_policy_would_stop(anna):
    page = anna.next(QUEUE)
    for path in ("/", f"/queue?{QUEUE}", "/labels", "/name", page.url):
        for tag, attributes in anna.open(path).tags:
            assert "style" not in attributes and tag != "style", (path, tag)
            assert not any(name.startswith("on") for name in attributes), (path, tag)
            assert tag != "script" or attributes["src"].startswith("/static/")


def test_pages_load_nothing_from_elsewhere(anna):
    for path in ("/", f"/queue?{QUEUE}", "/labels", "/name", anna.next(QUEUE).url):
        for tag, attributes in anna.open(path).tags:
            for name in ("src", "action", "srcset", "poster"):
                assert attributes.get(name, "/").startswith("/"), (path, tag)
            if tag == "link":
                assert attributes["href"].startswith("/static/")
            if tag == "a" and attributes["href"].startswith("http"):
                assert attributes["rel"] == "noopener noreferrer"


# Cookies


def test_cookies_are_kept_from_scripts_and_from_other_sites(closed, room):
    someone = Person(closed)
    told = someone.open("/login").new_cookies
    told += someone.send("/login", token=TOKEN).new_cookies
    told += someone.send("/name", name="anna").new_cookies
    assert {cookie.partition("=")[0] for cookie in told} == {BROWSER, SESSION, LABELLER}
    for cookie in told:
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
        assert "Secure" not in cookie  # or they would not come back over http
    secure = TestClient(create_app(room), base_url="https://localhost")
    assert "Secure" in secure.get("/").headers["set-cookie"]


# The token


def test_without_the_token_there_is_nothing_to_see_or_write(closed, night_alerts, ledger):
    nobody = TestClient(closed, base_url=AT, follow_redirects=False)
    stamp = f"/alerts/{night_alerts[0]['candid']}/science.png"
    for path in ("/", "/queue", "/labels.csv?campaign=candidates", stamp, "/next", "/nowhere"):
        answer = nobody.get(path)
        assert (answer.status_code, answer.text) == (303, "")
        assert answer.headers["location"].startswith("/login?then=/")
    for path in ("/questions/1/answer", "/undo", "/name", "/logout"):
        assert nobody.post(path, data={"value": "agn"}).status_code == 401
    assert nobody.get("/static/marshal.css").status_code == 200
    assert ledger.campaigns() == []


def test_who_knows_the_token_comes_in_where_they_wanted_to(closed):
    someone = Person(closed)
    door = someone.open(f"/queue?{QUEUE}&rank=jd")
    assert door.url.startswith("/login?then=")
    then = door.one("input", name="then")["value"]
    inside = someone.send("/login", token=f" {TOKEN}\n", then=then)
    assert inside.url == f"/queue?{QUEUE}&rank=jd"
    assert "skysift_all_ztf" in inside.text
    assert someone.send("/logout").url == "/login"
    assert someone.open("/").url == "/login?then=/"


@pytest.mark.parametrize("typed", ["", "wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "ü" * 20])
def test_a_wrong_token_is_refused(closed, monkeypatch, typed):
    monkeypatch.setattr("skysift.marshal.views.entrance.PAUSE", 0)
    someone = Person(closed)
    refused = someone.send("/login", token=typed)
    assert refused.status == 403
    assert "That is not the token." in refused.text
    assert someone.open("/").url == "/login?then=/"


def test_a_made_up_session_is_none(closed):
    genuine = Secrecy(TOKEN).new_session()
    nonce, signature = genuine.split(".")
    fakes = ["", "x", ".", f"{nonce}.", f"{nonce}.{'0' * 64}", f"{nonce[:-1]}A.{signature}",
             Secrecy("another long token").new_session(), Secrecy().new_session()]  # fmt: skip
    for fake in fakes:
        client = TestClient(closed, base_url=AT, cookies={SESSION: fake})
        assert client.get("/", follow_redirects=False).status_code == 303
    client = TestClient(closed, base_url=AT, cookies={SESSION: genuine})
    assert client.get("/", follow_redirects=False).status_code == 200


def test_a_log_in_outlives_a_restart_under_the_same_token_only():
    session = Secrecy(TOKEN).new_session()
    assert Secrecy(TOKEN).is_session(session)
    assert not Secrecy(TOKEN + "!").is_session(session)


def test_a_form_token_is_of_one_browser():
    secrecy = Secrecy(TOKEN)
    token = secrecy.form_token("one")
    assert secrecy.is_form_token(token, "one")
    assert not secrecy.is_form_token(token, "two")
    assert not Secrecy().is_form_token(token, "one")
    assert not secrecy.is_form_token("ü", "one")


def test_tokens_are_long_and_drawn_tokens_differ():
    with pytest.raises(ValueError, match=r"16 characters or more\. Got: 5"):
        Secrecy("short")
    drawn = {new_token() for _ in range(100)}
    assert len(drawn) == 100
    assert min(map(len, drawn)) > SHORTEST_TOKEN


# Names and ways


@pytest.mark.parametrize(
    "then", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/a\nb"]
)
def test_the_door_leads_nowhere_else(anna, then):
    assert own_path(then) == "/"
    assert anna.send("/name", name="anna", then=then).url == "/"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  anna   b ", "anna b"),
        ("Žofie Ωmega", "Žofie Ωmega"),
        ("a\u202eb\x00c\n", "a b c"),
        ("\u200b ", ""),
        ("x" * 100, "x" * 60),
    ],
)
def test_a_name_is_what_can_be_seen_of_it(typed, name):
    assert clean_name(typed) == name


def test_a_name_is_asked_for_once_and_may_be_any_name(person, ledger):
    someone = person('Žofie; Ω=1, "x"')
    page = someone.next(QUEUE)
    assert page.status == 200
    someone.answer(page, "agn")
    assert ledger.answers("candidates")[0].labeller == 'Žofie; Ω=1, "x"'


def test_no_name_is_no_name(anna):
    assert anna.send("/name", name=" \u200b").status == 400


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),
     ("192.168.1.7", False), ("example.org", False)],
)  # fmt: skip
def test_only_the_loopback_is_ones_own(host, own):
    assert is_loopback(host) == own
