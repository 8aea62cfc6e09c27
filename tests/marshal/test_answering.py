"""Labels: what is written, what is not, and what two people at once do to each other."""

from __future__ import annotations

import threading

import pytest

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.questions import Marks, Votes

QUEUE = "topic=skysift_all_ztf&rank=btsbot.score"
TREE = Votes("Shape?", {"shape": {"smooth": None, "disk": "arms"}, "arms": {"1": None, "2": None}})


def standing(ledger: Ledger, campaign: str = "candidates") -> list[tuple[str, str, object]]:
    return [(a.labeller, a.question.object, a.value) for a in ledger.answers(campaign)]


def test_a_label_is_on_the_disk_and_the_next_candidate_is_shown(anna, ledger, tmp_path):
    first = anna.next(QUEUE)
    second = anna.answer(first, "agn")
    assert second.object != first.object
    assert f"Saved: {first.object}, agn." in second.text
    (answer,) = Ledger(tmp_path / "labels.db").answers("candidates")
    assert (answer.labeller, answer.value, answer.confidence) == ("anna", "agn", None)
    assert answer.question.object == first.object
    assert answer.question.query == "skysift_all_ztf:btsbot.score"
    assert answer.question.item in first.text


def test_not_sure_is_half_as_sure(anna, ledger):
    anna.answer(anna.next(QUEUE), "gal", confidence="0.5")
    (answer,) = ledger.answers("candidates")
    assert answer.confidence == 0.5


def test_skip_passes_on_and_undo_brings_back(anna, ledger):
    first = anna.next(QUEUE)
    second = anna.press(first, "skip")
    assert second.object != first.object
    assert f"Skipped: {first.object}." in second.text
    again = anna.press(second, "undo")
    assert again.object == first.object
    assert f"Taken back: {first.object}, skipped." in again.text
    anna.answer(again, "bogus")
    assert standing(ledger) == [("anna", first.object, "bogus")]


def test_undo_takes_back_ones_own_last_answer_only(anna, ben, ledger):
    mine = anna.next(QUEUE)
    anna.answer(mine, "agn")
    theirs = ben.next(QUEUE)
    ben.answer(theirs, "gal")
    back = anna.press(anna.next(QUEUE), "undo")
    assert back.object == mine.object
    assert standing(ledger) == [("ben", theirs.object, "gal")]
    assert len(ledger.answers("candidates", retracted=True)) == 2
    for _ in range(2):  # there is nothing more to take back
        assert anna.press(back, "undo").status == 200
    assert standing(ledger) == [("ben", theirs.object, "gal")]


def test_the_page_goes_on_where_it_was_left(anna, person):
    first = anna.next(QUEUE)
    second = anna.answer(first, "agn")
    assert anna.next(QUEUE).object == second.object
    assert person("anna").next(QUEUE).object == second.object


# Two at once


def test_two_people_are_given_different_candidates(anna, ben):
    assert anna.next(QUEUE).object != ben.next(QUEUE).object


def test_an_answer_to_what_was_answered_meanwhile_says_so_and_is_not_written(anna, ben, ledger):
    page = anna.next(QUEUE)
    ben.send(page.one("form", id="answer")["action"], value="gal")
    late = anna.answer(page, "agn")
    assert late.status == 409
    assert "Not written: question 1 about" in late.text
    assert "was answered meanwhile by ben ('gal')." in late.text
    assert standing(ledger) == [("ben", page.object, "gal")]
    assert late.object == page.object  # still to be seen
    form = late.one("form", class_="notice late")
    anna.send(form["action"], value="agn", too="1")
    assert standing(ledger) == [("ben", page.object, "gal"), ("anna", page.object, "agn")]


def test_the_same_answer_from_two_windows_is_written_once(anna, ledger):
    page = anna.next(QUEUE)
    assert anna.answer(page, "agn").status == 200
    assert anna.answer(page, "agn").status == 200
    assert standing(ledger) == [("anna", page.object, "agn")]


def test_another_answer_from_a_second_window_is_refused_and_says_so(anna, ledger):
    page = anna.next(QUEUE)
    anna.answer(page, "agn")
    other = anna.answer(page, "gal")
    assert other.status == 409
    assert "Not written: anna has answered" in other.text
    skipped = anna.send(page.one("form", id="answer")["action"].replace("answer", "skip"))
    assert skipped.status == 409
    assert standing(ledger) == [("anna", page.object, "agn")]


def test_eight_people_at_once_label_each_candidate_once(person, ledger):
    def work(name: str) -> None:
        someone = person(name)
        page = someone.next(QUEUE)
        while page.all("form", id="answer"):
            page = someone.answer(page, "real")
            assert page.status == 200

    threads = [threading.Thread(target=work, args=(f"p{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    labelled = [name for _, name, _ in standing(ledger)]
    assert len(labelled) == len(set(labelled)) == 20


# What is not written


@pytest.mark.parametrize("value", ["", "supernova", "AGN", "skip"])
def test_an_answer_that_does_not_fit_is_refused(anna, ledger, value):
    page = anna.answer(anna.next(QUEUE), value)
    assert page.status == 400
    assert "must be one of: real, extragal" in page.text
    assert ledger.answers("candidates") == []


def test_a_form_without_its_token_is_refused(anna, person, ledger):
    action = anna.next(QUEUE).one("form", id="answer")["action"]
    strange = person("mallory").open("/name").one("input", name="form_token")["value"]
    for token in ("", "0" * 64, strange):
        assert anna.send(action, value="agn", form_token=token).status == 403
    assert ledger.answers("candidates") == []


def test_no_write_does_without_a_token(anna):
    page = anna.next(QUEUE)
    writes = {a["action"] for a in page.all("form") if a["method"] == "post"}
    assert {w.split("?")[0].rsplit("/", 1)[1] for w in writes} == {"answer", "skip", "undo"}
    for path in [*writes, "/name", "/login", "/logout"]:
        assert anna.client.post(path, data={"labeller": "anna"}).status_code == 403


def test_a_page_that_was_opened_under_another_name_is_refused(anna, ledger):
    page = anna.next(QUEUE)
    anna.send("/name", name="carl")
    refused = anna.answer(page, "agn")  # the form still says anna
    assert refused.status == 409
    assert "was opened by 'anna', and the name is 'carl'" in refused.text
    assert ledger.answers("candidates") == []


def test_nothing_is_written_without_a_name(person, anna, ledger):
    action = anna.next(QUEUE).one("form", id="answer")["action"]
    nobody = person("")
    assert nobody.send(action, value="agn").status == 403
    assert nobody.next(QUEUE).url.startswith("/name?then=/next")
    assert ledger.answers("candidates") == []


def test_questions_that_there_are_not(anna):
    assert anna.open(f"/questions/999?{QUEUE}").status == 404
    assert anna.send(f"/questions/999/answer?{QUEUE}", value="agn").status == 404
    assert anna.open(f"/questions/x?{QUEUE}").status == 422
    assert anna.send(f"/questions/{10**30}/skip?{QUEUE}").status in (404, 422)


# Trees and marks


def test_a_tree_is_walked_and_its_votes_are_written(anna, ledger):
    ledger.ask("zoo", 0, TREE, [("g1", "galaxy 1")])
    page = anna.next("campaign=zoo&round=0")
    assert [a["value"] for a in page.all("button", name="path")] == ["smooth"]
    onward = page.one("a", data_key="2")["href"]
    step = anna.open(onward)
    assert step.question == page.question
    assert [a["value"] for a in step.all("button", name="path")] == ["1", "2"]
    assert step.one("input", name="path")["value"] == "disk"
    anna.answer(step, path=["disk", "2"])
    assert standing(ledger, "zoo") == [
        ("anna", "galaxy 1", {"shape": {"disk": 1}, "arms": {"2": 1}})
    ]


@pytest.mark.parametrize("path", [[], ["disk"], ["round"], ["smooth", "1"]])
def test_a_path_that_the_tree_does_not_have_is_refused(anna, ledger, path):
    ledger.ask("zoo", 0, TREE, [("g1", "galaxy 1")])
    assert anna.answer(anna.next("campaign=zoo"), path=path).status == 400
    assert ledger.answers("zoo") == []
    walked = "".join(f"&path={answer}" for answer in path)
    assert anna.open(f"/questions/1?campaign=zoo{walked}").status == 200


@pytest.mark.parametrize(
    ("typed", "marks"),
    [
        ("10.5 20; 3,4", [{"x": 10.5, "y": 20.0}, {"x": 3.0, "y": 4.0}]),
        ("none", []),
        (" NONE ", []),
    ],
)
def test_marks_are_written_as_positions(anna, ledger, typed, marks):
    ledger.ask("tails", 0, Marks("Where?", 63, 63), [("f1", "frame 1")])
    anna.answer(anna.next("campaign=tails"), typed)
    assert standing(ledger, "tails") == [("anna", "frame 1", marks)]


@pytest.mark.parametrize("typed", ["", "1", "1 2 3", "a b", "64 1", "nan nan", "1 2;"])
def test_marks_that_are_none_are_refused(anna, ledger, typed):
    ledger.ask("tails", 0, Marks("Where?", 63, 63), [("f1", "frame 1")])
    assert anna.answer(anna.next("campaign=tails"), typed).status == 400
    assert ledger.answers("tails") == []
