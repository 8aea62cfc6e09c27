"""``skysift learn vra``: one evening's walk, and one clear line for what is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from skysift.alerts.decode import decode
from skysift.alerts.payloads import iter_payloads
from skysift.cli.main import BAD_INPUT, USER_ERRORS, app
from skysift.filters import discover
from skysift.models.vra import load, members
from skysift.science_modules import vra
from skysift.simulate import write_night
from tests.campaigns.vra.atlas_tables import atlas_tables
from tests.stream.jobs import skysift


@pytest.fixture(autouse=True)
def small_forests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests quick; what holds for 10 trees holds for more."""
    monkeypatch.setattr(members, "TREES", 10)


def learn(*arguments: object, code: int = 0, keys: str | None = None) -> Result:
    """Run ``skysift learn vra`` in this process; an error that a user can mend is code 2."""
    words = ["learn", "vra", *map(str, arguments)]
    result = CliRunner().invoke(app, words, input=keys)
    ended = BAD_INPUT if isinstance(result.exception, USER_ERRORS) else result.exit_code
    assert ended == code, (result.output, result.exception)
    return result


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night")
    mix = {"supernova": 0.35, "cv": 0.2, "variable": 0.2, "bogus": 0.25}
    write_night(90, 5, folder, mix=mix, alerts_per_object=2)
    return folder


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, night: Path) -> Path:
    """Return the folder of a campaign with a full pool."""
    path = tmp_path_factory.mktemp("begun") / "mine" / "campaign.toml"
    learn("init", path)
    text = path.read_text().replace('labels = "published"', 'labels = "simulation"')
    path.write_text(text.replace('tracking = "mlflow"', 'tracking = ""'))
    learn("listen", "--config", path, "--source", night / "packets", "--once")
    return path.parent


@pytest.fixture
def campaign(tmp_path: Path, begun: Path) -> Path:
    """Return the file of such a campaign, of one's own."""
    return Path(shutil.copytree(begun, tmp_path / "mine")) / "campaign.toml"


def ranked(night: Path, weights: Path | None) -> set[int]:
    """Return the alerts that a job with these weights sends to the topic of ranked ones."""
    (alerts,) = decode(list(iter_payloads(night / "packets")), ()).alerts
    struct = alerts.batch.call(vra.score, weights=weights and str(weights))
    alerts.batch.attach("vra", {"rank": struct["rank"], "transient": struct["transient"]})
    chosen = discover()["vra_ranked"].select(alerts.batch)
    return set(alerts.batch.column("candid")[chosen].tolist())


def test_an_evening(campaign, night):
    before = ranked(night, None)
    asked = learn("round", "-c", campaign, "--json")
    assert json.loads(asked.stdout) == {"state": "waiting", "round": 0, "asked": 30, "open": 30}
    truth = ("--oracle", "truth", "--truth", night / "truth.csv")
    done = json.loads(learn("round", "-c", campaign, *truth, "--json").stdout)
    assert (done["state"], done["round"]) == ("finished", 0)
    assert (done["train"], done["held_out"], done["metrics"]["real_judged"]) == (24, 6, 6)
    told = learn("round", "-c", campaign, *truth)
    assert "round 1: learned from 32 answers, judged on 8" in told.output
    current = campaign.parent / "current"
    assert f"--weights vra={current}" in told.output.replace("\n", "")

    after = ranked(night, current)
    assert after and after != before  # the topic has changed
    kinds = pd.read_csv(night / "truth.csv").set_index("candid")["class"]
    good = (kinds[list(after)] == "supernova").mean()
    assert good > (kinds == "supernova").mean() + 0.2

    output = campaign.parent / "ranked.csv"
    learn("score", night / "packets", "--weights", current, "--output", output)
    scored = pd.read_csv(output)
    assert scored["rank"].dropna().is_monotonic_decreasing
    assert set(scored["version"]) == {load(current).version}
    history = json.loads(learn("status", "-c", campaign, "--json").stdout)
    assert [row["train"] for row in history["rounds"]] == [24, 32]


def test_labels_at_the_terminal_are_kept_taken_back_and_gone_on_with(campaign):
    learn("round", "-c", campaign)
    first = learn("label", "-c", campaign, "--labeller", "anna", keys="x\nB\ns\nz\nq\n")
    assert "https://lasair-ztf.lsst.ac.uk/objects/ZTF" in first.output
    assert "https://ztf.fink-portal.org/ZTF" in first.output
    assert "2 of 30 answered, 28 open" in first.output
    second = learn("label", "-c", campaign, "--labeller", "anna", keys="g\n" * 28)
    assert "30 of 30 answered, 0 open" in second.output
    assert "all answered; learn with: skysift learn vra round" in second.output.replace("\n", " ")
    again = learn("label", "-c", campaign, "--labeller", "anna", code=3)
    assert "no question is open" in again.output


def test_a_round_can_ask_at_the_terminal(campaign):
    told = learn("round", "-c", campaign, "--oracle", "terminal", keys="x\nq\n").output
    assert "1 of 30 answered, 29 open" in told and "round 0: 30 asked, 29 open" in told


def test_answers_come_in_a_file(campaign, night, tmp_path):
    sheet = tmp_path / "sheet.csv"
    told = learn("round", "-c", campaign, "--oracle", sheet)
    assert "fill in" in told.output and len(pd.read_csv(sheet)) == 30
    kinds = pd.read_csv(night / "truth.csv").groupby("objectId")["class"].first()
    filled = pd.read_csv(sheet, dtype=str)
    filled.assign(answer=kinds[filled["object"]].to_numpy()).to_csv(sheet, index=False)
    done = learn("round", "-c", campaign, "--oracle", sheet, "--json")
    assert json.loads(done.stdout)["state"] == "finished"


def test_replay_prints_one_json_object(tmp_path):
    train = atlas_tables(tmp_path, "train", 60)
    judged = atlas_tables(tmp_path, "val", 40, first=1_190_000_000_000_000_000)
    tables = ("--train", train[0], "--train-labels", train[1])
    tables += ("--validation", judged[0], "--validation-labels", judged[1])
    sizes = ("--initial", 12, "--batch", 6, "--labels", 18, "--seeds", 2)
    output = ("--output", tmp_path / "out")
    told = json.loads(learn("replay", *tables, *sizes, *output, "--json").stdout)
    assert {"gal_auc", "real_auc", "aurak", "curves", "sd"} <= told.keys()
    assert told["curves"]["random:top"]["labels"] == [12, 18]
    shown = learn("replay", *tables, *sizes, *output, "--strategies", "margin").output
    assert "margin:top" in shown and "±" in shown


# What is wrong


def test_mistakes_are_one_line_and_code_2(tmp_path, night):
    def wrong(*words: object) -> str:
        printed = skysift("learn", "vra", *words, code=2, cwd=tmp_path)
        (line,) = [line for line in printed.splitlines() if line.strip()]
        return line

    assert "write one with `skysift learn vra init campaign.toml`" in wrong("round")
    assert "there is nothing at nowhere" in wrong(
        "listen", "--source", "nowhere", "--output", "pool", "--once"
    )
    (tmp_path / "campaign.toml").write_text("[plan]\nquery = 'margn'\n")
    assert "[plan] query: no strategy is called 'margn'; did you mean 'margin'?" in wrong("round")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["listen", "--source", "kafka://h:1", "--output", "p"], "--source needs a topic"),
        (["listen", "--source", "kafka://h/t", "--output", "p"], "is not a Kafka address"),
        (["listen", "--source", "p"], "give --output"),
        (["score", "p", "--output", "ranked.txt"], "must end in .csv or .parquet"),
        (["score", "p", "--output", "r.csv", "--weights", "none"], "no weights at"),
    ],
)
def test_options_that_do_not_fit_are_refused(words, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert told in str(learn(*words, code=2).exception)


def test_one_class_alone_says_what_to_raise(campaign, night, tmp_path):
    truth = pd.read_csv(night / "truth.csv").assign(**{"class": "supernova"})
    truth.to_csv(tmp_path / "all.csv", index=False)
    words = ("round", "-c", campaign, "--oracle", "truth", "--truth", tmp_path / "all.csv")
    told = str(learn(*words, code=2).exception)
    assert "labels of both classes are needed" in told and "Raise --initial" in told
    assert not (campaign.parent / "current").exists()


def test_a_query_that_nothing_in_the_pool_can_serve_is_bad_input(campaign):
    text = campaign.read_text()
    campaign.write_text(text.replace('first = "random"', 'first = "margin"'))
    told = str(learn("round", "-c", campaign, code=2).exception)
    assert "[plan] query: margin needs 'probability': nothing is learned before" in told


@pytest.mark.parametrize("verb", ["round", "label", "status"])
def test_a_ledger_that_does_not_answer_is_code_1(campaign, verb):
    (campaign.parent / "labels.db").write_text("a shopping list")
    told = learn(verb, "-c", campaign, code=1).output
    assert "skysift: the ledger: file is not a database" in told


def test_a_round_that_was_changed_is_code_1(campaign, night):
    truth = ("--oracle", "truth", "--truth", night / "truth.csv")
    learn("round", "-c", campaign, *truth)
    ids = campaign.parent / "rounds" / "round_0000" / "ids.csv"
    ids.chmod(0o644)
    ids.write_text("")
    for verb in ("status", "round"):
        told = learn(verb, "-c", campaign, code=1).output
        assert "ids.csv was changed after the round was finished" in told.replace("\n", " ")


def test_kafka_that_is_not_there_is_code_1(tmp_path, monkeypatch):
    monkeypatch.setattr("skysift.stream.pull.CONNECT_SECONDS", 0.5)
    monkeypatch.setattr("skysift.campaigns.listening.FIRST_WAIT", 0.01)
    address = "kafka://127.0.0.1:9/any"
    told = learn("listen", "--source", address, "--output", tmp_path / "p", "--once", code=1)
    assert "no answer from Kafka at 127.0.0.1:9" in told.output
