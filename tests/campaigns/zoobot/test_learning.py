"""A campaign of votes on galaxies: rounds, pictures, weights that serve, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skysift.active_learning.loop import Waiting
from skysift.active_learning.oracles import TableOracle
from skysift.active_learning.query import Query
from skysift.active_learning.rounds import Round
from skysift.active_learning.signals import MissingSignalError, Signals
from skysift.campaigns import get
from skysift.campaigns.campaign import Campaign
from skysift.campaigns.config import read_config
from skysift.campaigns.kind import NotEnoughLabelsError
from skysift.campaigns.oracles import oracle_named
from skysift.campaigns.votes_table import votes_of
from skysift.campaigns.zoobot.learning import learner
from skysift.campaigns.zoobot.pool import pool_of, read_pool
from skysift.campaigns.zoobot.settings import Settings, form
from skysift.datasets.galaxies.index import INDEX, SetIndex
from skysift.models.zoobot import load

ZOOBOT = get("zoobot")
QUESTIONS = {"questions": "bar", "target": "bar"}


def settings_of(trunk: Path, **more) -> Settings:
    return Settings(trunk=str(trunk), passes=6, votes=10, **{**QUESTIONS, **more})


@pytest.fixture(scope="module")
def taught(galaxies, trunk):
    """Return a pool, what was learned from votes on 60 of it, and the settings."""
    settings = settings_of(trunk)
    pool = pool_of(galaxies.part("train"))
    votes = votes_of(galaxies.galaxies, form(settings))
    school = learner(pool, np.ones(len(pool), bool), settings)
    ids = pool.items[:60]
    answers = np.array([votes[name] for name in ids], dtype=object)
    return pool, school.fit(ids, answers, np.random.default_rng(0), groups=ids), school, votes


@pytest.fixture
def campaign(galaxies, trunk, tmp_path) -> Campaign:
    """Return a campaign on the set."""
    path = tmp_path / "campaign.toml"
    path.write_text(
        f'[campaign]\npool = "{galaxies.folder}"\ntracking = ""\n'
        '[plan]\nquery = "tree_bald:batch_bald"\ninitial = 12\nbatch = 8\nrule = "votes"\n'
        f'[zoobot]\nquestions = "bar"\ntarget = "bar"\ntrunk = "{trunk}"\npasses = 6\n'
    )
    return Campaign(ZOOBOT, read_config(path, ZOOBOT))


@pytest.fixture
def index(galaxies) -> Iterator[SetIndex]:
    """Return the index of the set, as `skysift data build zoobot` makes one."""
    made = SetIndex(galaxies.folder / INDEX)
    columns = galaxies.galaxies[["id_str", "split"]].assign(shard="a.tfrecord", place=0)
    made.add(columns.to_dict("records"))
    yield made
    made.close()
    for file in galaxies.folder.glob(f"{INDEX}*"):
        file.unlink()


def test_what_galaxies_were_worth_is_kept_in_the_index_of_their_set(campaign, galaxies, index):
    people = TableOracle(votes_of(galaxies.galaxies, form(campaign.config.settings)))
    for _ in range(2):
        campaign.take_round(people)
    history = index.history()
    assert set(history["campaign"]) == {"zoobot"}
    for number in range(2):
        asked = {q.item for q in campaign.ledger.questions("zoobot", round=number)}
        of_round = history[history["round"] == number]
        assert set(of_round.loc[of_round["chosen"], "id_str"]) == asked
    doubt = history[history["query"] == "tree_bald:batch_bald"]
    assert len(doubt) > 80 and doubt["value"].nunique() > 10


def test_a_campaign_asks_shows_learns_and_serves(campaign, galaxies):
    waiting = campaign.take_round(None)
    assert isinstance(waiting, Waiting)
    asked = {question.item for question in campaign.ledger.questions("zoobot", round=0)}
    assert {path.stem for path in campaign.pictures.iterdir()} == asked
    with Image.open(next(campaign.pictures.iterdir())) as shown:
        assert shown.size == (256, 256)

    people = TableOracle(votes_of(galaxies.galaxies, form(campaign.config.settings)))
    for number in range(2):
        done = campaign.take_round(people)
        assert isinstance(done, Round) and done.number == number
    assert done.metrics["bar_judged"] > 0 and done.metrics["bar_rmse"] < 0.5
    scorer = load(campaign.config.current)
    told = scorer.score(galaxies.images(slice(0, 3)))
    assert told["fractions"].shape == (3, 7)
    first, later = (
        {q.query for q in campaign.ledger.questions("zoobot", round=n)} for n in range(2)
    )
    assert (first, later) == ({"random:top"}, {"tree_bald:batch_bald", "random:top"})


def test_votes_come_back_in_a_file_too(campaign, galaxies, tmp_path):
    import csv
    import json

    path = tmp_path / "answers.csv"
    settings = campaign.config.settings
    oracle = oracle_named(
        str(path), labeller="anna", form=form(settings), describe=campaign.describe
    )
    assert isinstance(campaign.take_round(oracle), Waiting)
    votes = votes_of(galaxies.galaxies, form(settings))
    rows = list(csv.DictReader(path.open()))
    for row in rows:
        row["answer"] = json.dumps(votes[row["object"]])
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert isinstance(campaign.take_round(oracle), Round)


@pytest.mark.parametrize(
    "query",
    ["variance", "predictive_entropy", "bald:stochastic_top", "tree_bald", "mean_divergence"],
)
def test_every_strategy_of_doubt_chooses_galaxies(taught, query):
    pool, model, _, _ = taught
    rows = np.arange(60, 120)
    signals = Signals(pool, rows, rng=np.random.default_rng(0), model=model)
    chosen = Query.named(query).choose(signals, 10, rng=np.random.default_rng(0))
    assert len(set(chosen.tolist())) == 10


def test_galaxies_are_asked_about_whose_bar_people_get_to(taught):
    pool, model, _, votes = taught
    rows = np.arange(60, 120)
    signals = Signals(pool, rows, rng=np.random.default_rng(0), model=model)
    best = Query.named("tree_bald").choose(signals, 15, rng=np.random.default_rng(0))
    asked = np.array([sum(votes[name].get("bar", {}).values()) for name in pool.items[rows]])
    assert asked[best].mean() > asked.mean()


def test_what_is_saved_says_the_same(taught, tmp_path):
    pool, model, school, _ = taught
    school.save(model, tmp_path)
    loaded = school.load(tmp_path)
    assert loaded.version == model.version
    np.testing.assert_array_equal(loaded.predict(pool.items[:5]), model.predict(pool.items[:5]))
    assert loaded.predict(pool.items[:0]).shape == (0, 7)


def test_too_few_votes_teach_nothing(taught):
    pool, _, school, votes = taught
    ids = pool.items[:4]
    answers = np.array([votes[name] for name in ids], dtype=object)
    with pytest.raises(NotEnoughLabelsError, match="4 galaxies have votes, and 5"):
        school.fit(ids, answers, np.random.default_rng(0), groups=ids)


def test_several_targets_are_no_committee(taught, galaxies, trunk):
    pool, model, _, _ = taught
    school = learner(pool, np.ones(len(pool), bool), settings_of(trunk, target=""))
    several = school.load(model.files.folder)
    signals = Signals(pool, np.arange(5), rng=np.random.default_rng(0), model=several)
    assert signals.get("predictive", "a test").shape == (5, 3)
    with pytest.raises(MissingSignalError, match=r"one question: set \[zoobot\] target"):
        signals.get("committee", "a test")


def test_whole_networks_learn_too(galaxies, tmp_path):
    config = tmp_path / "network.toml"
    config.write_text(
        '[network]\nname = "bayesian_cnn"\nside = 16\nfeatures = 16\n'
        '[training]\nloss = "multinomial"\nepochs = 2\nbatch = 16\n'
    )
    settings = Settings(**QUESTIONS, config=str(config), passes=4, votes=10)
    pool = pool_of(galaxies.part("train"))
    school = learner(pool, np.ones(len(pool), bool), settings)
    votes = votes_of(galaxies.galaxies, form(settings))
    ids = pool.items[:30]
    answers = np.array([votes[name] for name in ids], dtype=object)
    model = school.fit(ids, answers, np.random.default_rng(0), groups=ids)
    figures = school.evaluate(model, pool.items[30:60], [votes[n] for n in pool.items[30:60]])
    assert 0 < figures["bar_rmse"] < 1 and figures["bar_judged"] > 0
    assert model.doubt(pool.items[30:40]).reached.shape == (10, 1)


def test_a_set_of_another_tree_is_refused(galaxies):
    with pytest.raises(ValueError, match=r"tree gz2, which has no .*: set \[zoobot\] tree"):
        read_pool(galaxies.folder, Settings(tree="decals"))
