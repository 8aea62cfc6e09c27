"""Labels meet rows: each label reaches the row that was asked about; a hash tells the data."""

from __future__ import annotations

import json

import numpy as np
import pytest

from skysift.active_learning.labelled import data_hash, ids_table, labelled_rows, predictions_table
from skysift.active_learning.pool import Pool
from skysift.active_learning.questions import TRANSIENT, Marks


@pytest.fixture
def pool():
    return Pool(np.arange(6), np.array(list("aabbcc")), np.arange(12.0).reshape(6, 2))


def answered(ledger, *given, number=0):
    """Ask about items and answer at once: (item, object, labeller, value)."""
    for item, name, labeller, value in given:
        (question,) = ledger.ask("vra", number, TRANSIENT, [(item, name)])
        if value is None:
            ledger.skip(question.id, labeller=labeller)
        else:
            ledger.answer(question.id, value, labeller=labeller)
    return ledger.answers("vra")


def found(labelled):
    return dict(zip(labelled.rows.tolist(), labelled.answers.tolist(), strict=True))


def test_rows_come_in_the_order_of_asking_with_their_labels(ledger, pool):
    answers = answered(ledger, ("4", "c", "anna", "gal"), ("1", "a", "anna", "agn"))
    labelled = labelled_rows(pool, answers, rule="latest")
    assert labelled.rows.tolist() == [4, 1]
    assert labelled.answers.tolist() == ["gal", "agn"]
    assert (len(labelled), labelled.absent) == (2, 0)


def test_an_objects_label_is_that_of_all_its_items(ledger, pool):
    answered(ledger, ("0", "a", "anna", "gal"))
    answers = answered(ledger, ("1", "a", "ben", "agn"), number=1)
    labelled = labelled_rows(pool, answers, rule="latest")
    assert found(labelled) == {0: "agn", 1: "agn"}
    assert labelled.rounds.tolist() == [0, 1]
    assert found(labelled_rows(pool, answers, rule="unanimous")) == {}


def test_a_row_belongs_to_the_round_in_which_it_was_first_asked_about(ledger, pool):
    answered(ledger, ("0", "a", "anna", "gal"), ("2", "b", "anna", "gal"))
    answers = answered(ledger, ("0", "a", "anna", "agn"), number=1)
    labelled = labelled_rows(pool, answers, rule="latest")
    assert found(labelled) == {0: "agn", 2: "gal"}
    assert labelled.rounds.tolist() == [0, 0]


def test_skips_unused_choices_and_strangers_teach_nothing(ledger, pool):
    answers = answered(
        ledger,
        ("0", "a", "anna", None),
        ("2", "b", "anna", "bogus"),
        ("4", "c", "anna", "gal"),
        ("99", "z", "anna", "gal"),
    )
    labelled = labelled_rows(pool, answers, rule="latest", unused=["bogus"])
    assert found(labelled) == {4: "gal"}
    assert labelled.absent == 1


def test_marks_are_labels_too(ledger, pool):
    (one, none) = ledger.ask("vra", 0, Marks("?", 9, 9), [("0", "a"), ("2", "b")])
    ledger.answer(one.id, [{"x": 1, "y": 2}], labeller="anna")
    ledger.answer(none.id, [], labeller="anna")
    labelled = labelled_rows(pool, ledger.answers("vra"), rule="marks")
    assert found(labelled) == {0: [{"x": 1.0, "y": 2.0}], 2: []}
    table = ids_table(pool, labelled, np.array([False, True]))
    assert table["answer"].map(json.loads).tolist() == [[{"x": 1.0, "y": 2.0}], []]
    assert table["part"].tolist() == ["train", "held_out"]


def test_predictions_stand_beside_the_answers(ledger, pool):
    class Model:
        version = "1"
        classes = ("no", "yes")

        def predict(self, features):
            return np.stack([1 - features[:, 0] / 12, features[:, 0] / 12], axis=1)

    answers = answered(ledger, ("3", "b", "anna", "gal"))
    table = predictions_table(pool, labelled_rows(pool, answers, rule="latest"), Model())
    assert table.to_dict("records") == [
        {"item": "3", "object": "b", "answer": "gal", "p_no": 0.5, "p_yes": 0.5}
    ]


def test_the_hash_tells_any_change_of_the_data(ledger, pool):
    answers = answered(ledger, ("0", "a", "anna", "gal"), ("2", "b", "anna", "agn"))

    def of(pool, answers):
        return data_hash(pool, labelled_rows(pool, answers, rule="latest"))

    features = pool.features.copy()
    features[2, 1] = np.nextafter(features[2, 1], 9)
    unasked = pool.features.copy()
    unasked[5] = 7
    same = of(pool, answers)
    assert len(same) == 64
    assert of(Pool(pool.items, pool.objects, unasked), answers) == same
    others = [
        of(Pool(pool.items, pool.objects, features), answers),
        of(Pool(pool.items, pool.objects, pool.features.astype(np.float32)), answers),
        of(pool, answers[:1]),
        of(pool, answered(ledger, ("0", "a", "ben", "agn"))),
    ]
    assert len({same, *others}) == 5


def test_features_may_be_anything_that_rows_have(ledger):
    paths = np.array([["a.fits"], ["b.fits"]], dtype=object)
    answers = answered(ledger, ("0", "a", "anna", "gal"))
    hashes = set()
    for one in (paths, paths[::-1]):
        pool = Pool(np.arange(2), np.array(["a", "b"]), one)
        hashes.add(data_hash(pool, labelled_rows(pool, answers, rule="latest")))
    assert len(hashes) == 2
