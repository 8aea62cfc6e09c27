"""A campaign on a simulated night: rounds, the link, what is refused, and what dies."""

from __future__ import annotations

import logging
from pathlib import Path

import pandas as pd
import pytest

from skysift.active_learning.loop import Waiting
from skysift.active_learning.oracles import TableOracle
from skysift.active_learning.rounds import Round
from skysift.active_learning.splits import split_by_object
from skysift.campaigns import campaign as campaigns
from skysift.campaigns import get
from skysift.campaigns.campaign import Campaign, Sizes
from skysift.campaigns.config import read_config
from skysift.campaigns.kind import NotEnoughLabelsError
from skysift.campaigns.vra import assistant
from skysift.models.vra import load

VRA = get("vra")
FILE = """
[campaign]
tracking = ""
[plan]
initial = 20
batch = 5
held_out = 0.3
[vra]
labels = "simulation"
"""


@pytest.fixture
def begun(pool: Path) -> Campaign:
    """Return a campaign beside a pool of the night."""
    return open_campaign(pool, FILE)


def open_campaign(pool: Path, text: str) -> Campaign:
    path = pool.parent / "campaign.toml"
    path.write_text(text)
    return Campaign(VRA, read_config(path, VRA))


@pytest.fixture
def everybody(truth: pd.DataFrame) -> TableOracle:
    """Return somebody who knows what all objects are."""
    return TableOracle(dict(zip(truth["objectId"], truth["class"], strict=True)))


def test_a_round_asks_learns_and_is_followed(begun, everybody):
    waiting = begun.take_round(None)
    assert isinstance(waiting, Waiting)
    assert (waiting.progress.asked, waiting.progress.open) == (20, 20)
    assert not begun.config.current.is_symlink()
    done = begun.take_round(everybody)
    assert isinstance(done, Round) and done.number == 0
    assert (done.parameters["train"], done.parameters["held_out"]) == (14, 6)
    scorer = load(begun.config.current)
    assert scorer.version == assistant.load(done.model).version
    following = begun.take_round(everybody)
    assert (following.parameters["train"], following.parameters["held_out"]) == (17, 8)
    assert load(begun.config.current).version != scorer.version
    queries = {q.query for q in begun.ledger.questions("vra", round=1)}
    assert queries == {"margin:k_means", "random:top"}  # the random ones are held out


def test_no_object_is_learned_from_and_judged_on(begun, everybody):
    ids = begun.take_round(everybody).ids
    held_out = split_by_object(ids["object"].to_numpy(), share=0.3, seed=0)
    assert (ids["part"] == "held_out").tolist() == held_out.tolist()
    assert not ids["object"].duplicated().any()


def test_a_round_that_dies_leaves_the_last_good_one(begun, everybody, monkeypatch):
    first = begun.take_round(everybody)

    def die(*_):
        raise MemoryError

    monkeypatch.setattr(assistant.stored, "save", die)
    with pytest.raises(MemoryError):
        begun.take_round(everybody)
    monkeypatch.undo()
    assert load(begun.config.current).version == assistant.load(first.model).version
    asked = len(begun.ledger.questions("vra"))
    again = begun.take_round(everybody)
    assert again.number == 1 and len(begun.ledger.questions("vra")) == asked


def test_a_link_that_a_process_could_not_move_any_more_is_moved_by_the_next(begun, everybody):
    begun.take_round(everybody)
    begun.config.current.unlink()
    begun.take_round(None)
    assert begun.config.current.resolve() == begun.rounds.get(0).model.resolve()


def test_labels_of_one_class_say_what_to_do(begun, truth):
    all_real = TableOracle(dict.fromkeys(truth["objectId"], "supernova"))
    with pytest.raises(NotEnoughLabelsError, match=r"Raise --initial \(or label more\)"):
        begun.take_round(all_real)
    assert not begun.rounds.numbers()


def test_more_labels_mend_what_one_class_broke(begun, truth):
    begun.take_round(None)
    asked = {q.object for q in begun.ledger.questions("vra")}
    known = dict(zip(truth["objectId"], truth["class"], strict=True))
    first = TableOracle({name: "supernova" if name in asked else known[name] for name in known})
    with pytest.raises(NotEnoughLabelsError):
        begun.take_round(first)
    assert begun.take_round(first, initial=40).number == 0


def test_one_target_alone_is_asked_about_with_what_teaches_it(pool, everybody):
    begun = open_campaign(pool, FILE + 'target = "gal"\n')
    done = begun.take_round(everybody)
    answers = done.ids["answer"]
    assert "bogus" not in set(answers)  # says nothing of Galactic or not, and does not count
    assert done.parameters["train"] == 14
    model = assistant.load(done.model)
    assert (model.asked, model.classes) == ("gal", ("supernova", "cv"))


def test_objects_can_be_asked_about_by_name(begun, truth):
    name = truth["objectId"][truth["class"] == "supernova"].iloc[0]
    (question,) = begun.ask_about([name])
    assert (question.object, question.query, question.round) == (name, "by hand", 0)
    assert begun.take_round(None).progress.asked in (20, 21)
    with pytest.raises(ValueError, match="has no object 'ZTF0'"):
        begun.ask_about(["ZTF0"])


def test_questions_that_offer_other_answers_are_not_mixed(begun, pool):
    begun.take_round(None)
    changed = open_campaign(pool, FILE.replace("simulation", "published"))
    with pytest.raises(ValueError, match="was asked with other answers"):
        changed.take_round(None)


def test_an_alert_is_described_from_its_packet(begun):
    begun.take_round(None)
    question = begun.ledger.questions("vra")[0]
    told = begun.describe(question)
    assert f"https://lasair-ztf.lsst.ac.uk/objects/{question.object}" in told
    assert "mag in" in told


def test_an_empty_pool_says_how_to_fill_it(tmp_path):
    (tmp_path / "pool").mkdir()
    begun = open_campaign(tmp_path / "pool", FILE)
    with pytest.raises(ValueError, match="nothing to ask about: fill it with"):
        begun.take_round(None)


def test_a_pool_that_is_not_there_says_so(tmp_path):
    begun = open_campaign(tmp_path / "pool", FILE)
    with pytest.raises(FileNotFoundError, match="there is no pool"):
        begun.take_round(None)


def test_rounds_go_to_mlflow_and_a_round_is_as_good_without(pool, everybody, monkeypatch, caplog):
    pytest.importorskip("mlflow.tracking")
    from mlflow.tracking import MlflowClient

    begun = open_campaign(pool, FILE.replace('tracking = ""', 'tracking = "runs"'))
    begun.take_round(everybody)
    client = MlflowClient(f"sqlite:///{(pool.parent / 'runs' / 'mlflow.db').resolve()}")
    experiment = client.get_experiment_by_name("vra")
    runs = client.search_runs([experiment.experiment_id], "attributes.run_name = 'round_0000'")
    assert runs[0].data.metrics["real_judged"] == 6
    assert {f.path for f in client.list_artifacts(runs[0].info.run_id)} >= {"model", "ids.csv"}

    def lacking(*_):
        raise ImportError("tracking with MLflow needs it installed")

    monkeypatch.setattr(campaigns, "MlflowTracker", lacking)
    with caplog.at_level(logging.WARNING):
        assert begun.take_round(everybody).number == 1
    assert "not told to MLflow: tracking with MLflow needs" in caplog.text


@pytest.mark.parametrize(
    ("answers", "share", "sizes"),
    [(30, 0.2, (24, 6)), (10, 0.2, (8, 2)), (1, 0.9, (1, 0)), (10, 0.0, (10, 0)), (3, 0.9, (1, 2))],
)
def test_answers_are_shared_between_learning_and_judging(answers, share, sizes):
    assert Sizes.of(answers, share) == Sizes(*sizes)
