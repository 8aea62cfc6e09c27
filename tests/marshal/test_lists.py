"""The pages of queues and of labels: what is there, who said what, and all of it as CSV."""

from __future__ import annotations

import io
import time

import pandas as pd

from skysift.active_learning.questions import TRANSIENT, Marks
from skysift.marshal.alert_folder import AlertFolder
from skysift.marshal.app import create_app
from skysift.marshal.candidates import Candidates
from skysift.marshal.room import Room
from tests.marshal.people import Person
from tests.marshal.test_entries import write

QUEUE = "topic=skysift_all_ztf&rank=btsbot.score"


def rows(page) -> list[str]:
    return [a["data-object"] for a in page.all("tr") if "data-object" in a]


def test_the_first_page_shows_topics_and_rounds_with_their_progress(anna, ledger):
    ledger.ask("vra", 0, TRANSIENT, [("1", "a")])
    ledger.ask("vra", 1, TRANSIENT, [("2", "b"), ("3", "c")])
    ledger.answer(2, "agn", labeller="ben")
    anna.answer(anna.next(QUEUE), "gal")
    page = anna.open("/")
    cards = [a["data-queue"] for a in page.all("li") if "data-queue" in a]
    assert cards == ["vra, round 1", "vra, round 0", "skysift_all_ztf", "skysift_bright_ztf",
                     "All topics"]  # fmt: skip
    assert [a["max"] for a in page.all("progress")] == ["2", "1", "20", "10", "20"]
    assert [a["value"] for a in page.all("progress")][:3] == ["1", "0", "1"]
    assert "ben 1" in page.text and "anna 1" in page.text


def test_nothing_at_all_is_said_to_be_nothing(ledger):
    page = Person(create_app(Room(ledger, Candidates([])))).open("/")
    assert "nothing to label yet" in page.text


def test_what_cannot_be_read_is_told_on_the_first_page(tmp_path, ledger):
    (tmp_path / "<b>.avro").write_bytes(b"garbage")
    page = Person(create_app(Room(ledger, Candidates([AlertFolder(tmp_path)])))).open("/")
    assert "1 records cannot be read" in page.text and "<b>.avro" in page.text


def test_the_list_shows_all_open_or_labelled_candidates(anna, room):
    order = [
        candidate.object for candidate in room.candidates.ranked("skysift_all_ztf", "btsbot.score")
    ]
    first = anna.next(QUEUE)
    anna.answer(first, "agn")
    page = anna.open(f"/queue?{QUEUE}")
    assert rows(page) == order
    assert "agn anna" in page.text and "missing_stamp" in page.text
    assert rows(anna.open(f"/queue?{QUEUE}&show=labelled")) == [first.object]
    assert rows(anna.open(f"/queue?{QUEUE}&show=open")) == order[1:]
    assert anna.open(f"/queue?{QUEUE}&show=some").status == 422


def test_a_candidate_can_be_chosen_from_the_list(anna, ben):
    page = anna.open(f"/queue?{QUEUE}")
    links = [a["href"] for a in page.all("a") if a.get("href", "").startswith("/look/")]
    assert len(links) == 20
    chosen = anna.open(links[7])
    assert chosen.object == rows(page)[7]
    assert ben.next(QUEUE).object != chosen.object
    assert anna.open(f"/look/1?{QUEUE}").status == 404
    assert anna.open(links[7].replace("skysift_all_ztf", "elsewhere")).status == 404


def test_the_list_of_a_round_has_its_questions(anna, ledger):
    ledger.ask("vra", 1, TRANSIENT, [("2", "b"), ("3", "c")], query="margin:k_means")
    ledger.answer(2, "agn", labeller="ben")
    page = anna.open("/queue?campaign=vra&round=1")
    assert rows(page) == ["b", "c"]
    assert "agn ben" in page.text and "margin:k_means" in page.text


def test_a_thousand_candidates_are_listed_on_a_page(tmp_path, ledger, night_alerts):
    thousand = [
        night_alerts[0] | {"candid": 10**15 + n, "objectId": f"ZTF24{n:07d}"} for n in range(1010)
    ]
    write(tmp_path / "t" / "a.avro", thousand)
    person = Person(create_app(Room(ledger, Candidates([AlertFolder(tmp_path / "t")]))), "anna")
    person.open("/")
    began = time.perf_counter()
    page = person.open("/queue?topic=t")
    took = time.perf_counter() - began
    assert len(rows(page)) == 1000
    assert rows(person.open("/queue?topic=t&page=2")) == sorted(
        f"ZTF24{n:07d}" for n in range(1000, 1010)
    )
    assert took < 5  # a fraction of a second where nothing else runs: docs/marshal.md


# Labels


def test_labels_tell_who_said_what_and_who_contradicted_whom(anna, ben):
    first = anna.next(QUEUE)
    action = first.one("form", id="answer")["action"]
    anna.answer(first, "agn")
    ben.send(action, value="gal", too="1")
    second = anna.next(QUEUE)
    anna.answer(second, "real", confidence="0.5")
    anna.press(anna.next(QUEUE), "undo")
    page = anna.open("/labels")
    assert f"{first.object} anna: agn ben: gal" in page.text
    assert "real (not sure) taken back" in page.text
    assert "anna 1" in page.text and "ben 1" in page.text
    assert "anna ben 1 0 % –" in page.text or "anna ben 1 0 % 0.00" in page.text


def test_all_answers_come_as_csv(anna, ledger):
    ledger.ask("mixed", 0, Marks("Where?", 10, 10), [("m1", "=1+1")])
    ledger.answer(1, [{"x": 1, "y": 2}], labeller="@SUM(1)")
    ledger.ask("mixed", 1, TRANSIENT, [("2", "b")])
    ledger.answer(2, "agn", labeller="anna", confidence=0.5)
    ledger.undo("mixed", "anna")
    answer = anna.client.get("/labels.csv?campaign=mixed")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "labels.csv" in answer.headers["content-disposition"]
    table = pd.read_csv(io.StringIO(answer.text), keep_default_na=False)
    assert table["object"].tolist() == ["'=1+1", "b"]  # a spreadsheet computes neither
    assert table["labeller"].tolist() == ["'@SUM(1)", "anna"]
    assert table["value"].tolist() == ['[{"x": 1.0, "y": 2.0}]', "agn"]
    assert table["retracted"].tolist() == [False, True]
    assert table["kind"].tolist() == ["marks", "choice"]
    assert anna.open("/labels.csv?campaign=none").status == 404
    assert anna.open("/labels.csv").status == 422


def test_no_labels_are_no_trouble(anna):
    page = anna.open("/labels")
    assert "Nobody has answered anything" in page.text
    assert not page.all("a", id="export")


def test_pages_have_one_heading_a_language_and_a_name_for_every_field(anna):
    anna.answer(anna.next(QUEUE), "agn")
    for path in ("/", f"/queue?{QUEUE}", "/labels", "/name", anna.next(QUEUE).url):
        page = anna.open(path)
        assert page.one("html")["lang"] == "en"
        assert len(page.all("h1")) == 1, path
        assert page.one("main")["tabindex"] == "-1"
        for image in page.all("img"):
            assert image["alt"], path
        labelled = page.html.count("<label") + page.html.count("aria-label")
        fields = [a for t, a in page.tags if t in ("select", "input") and a.get("type") != "hidden"]
        assert labelled >= len(fields)
