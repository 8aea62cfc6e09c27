"""The command as a user meets it: answers, and one clear line for what is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from skysift.cli import main
from skysift.simulate import write_night
from tests.stream.jobs import skysift


@pytest.fixture(scope="module")
def night(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("night")
    write_night(12, 5, folder, workers=1)
    return folder


@pytest.fixture
def command(monkeypatch, capsys):
    """Return what runs the command in this process, and what it prints: a start costs seconds."""

    def run(*arguments: object, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["skysift", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert (ended.value.code or 0) == code, told
        return told.out + told.err

    return run


def one_line(printed: str) -> str:
    """Check that an error is one line, and return it."""
    (line,) = [line for line in printed.splitlines() if line.strip()]
    assert line.startswith("skysift: ")
    return line


def test_score_writes_one_row_an_alert_with_the_struct(night, tmp_path):
    output = tmp_path / "scores.parquet"
    skysift("score", night / "packets", "--modules", "btsbot", "--output", output)
    scores = pd.read_parquet(output)
    assert sorted(scores["candid"]) == sorted(pd.read_csv(night / "truth.csv")["candid"])
    assert scores["objectId"].str.startswith("ZTF").all()
    told = {"score", "uncertainty", "stage", "status", "version"}
    assert set(scores["btsbot"][0]) == told


def test_score_keeps_repeats_and_tells_what_it_could_not_decode(night, tmp_path, command):
    folder = tmp_path / "alerts"
    folder.mkdir()
    packet = next((night / "packets").glob("*.avro")).read_bytes()
    for name in ("a", "b"):
        (folder / f"{name}.avro").write_bytes(packet)
    (folder / "c.avro").write_bytes(b"garbage")
    printed = command("score", folder, "--modules", "vra", "--output", tmp_path / "s.parquet")
    assert len(pd.read_parquet(tmp_path / "s.parquet")) == 2
    assert "c.avro" in printed


def test_score_of_nothing_is_told_from_success(tmp_path, command):
    (tmp_path / "empty").mkdir()
    command("score", tmp_path / "empty", "--output", tmp_path / "s.parquet", code=3)


def test_modules_filters_and_models_say_it_was_simulation(command):
    modules = {row["name"]: row for row in json.loads(command("modules", "--json"))}
    outputs = modules["btsbot"]["outputs"]
    assert outputs["score"] == outputs["uncertainty"] == "float"
    assert outputs["stage"] == outputs["status"] == outputs["version"] == "string"
    assert "simulation" in modules["btsbot"]["trained_on"]
    models = {row["weights"]: row for row in json.loads(command("models", "list", "--json"))}
    assert "simulation" in models["btsbot-sim"]["trained_on"]
    assert models["btsbot-sim"]["metrics"]["auc"] > 0.9
    filters = {row["name"]: row for row in json.loads(command("filters", "list", "--json"))}
    assert filters["bts_trigger"]["topic"] == "skysift_bts_trigger_{survey}"
    assert filters["vra_ranked"]["max_per_night"] == 100
    assert filters["vra_ranked"]["order_by"] == "vra.rank"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["score", "nowhere", "--output", "s.parquet"], "there is nothing at nowhere"),
        (["score", "{night}", "--modules", "btsbt", "--output", "s"], "no module 'btsbt'"),
        (["run", "--source", "{night}", "--sink", "s", "--filters", "x"], "no filter 'x'"),
        (["run", "--source", "kafka://host/t", "--sink", "s"], "not a Kafka address"),
        (["run", "--source", "kafka://h:1", "--sink", "s"], "name the topic to read"),
        (["run", "--source", "{night}", "--sink", "kafka://h:1"], "needs --checkpoint"),
        (["score", "{night}", "--weights", "btsbot", "--output", "s"], "MODULE=PATH"),
        (["score", "{night}", "--weights", "btsbot=/no", "--output", "s"], "no weights at /no"),
        (
            ["models", "import", "btsbot-v9", "x", "--output", "y"],
            "nothing is known of 'btsbot-v9'",
        ),
        (["simulate", "alerts", "--count", "1", "--output", "{night}"], "holds alerts already"),
        (["simulate", "alerts", "--mix", "novae=1", "--output", "o"], "unknown kinds ['novae']"),
        (["simulate", "frames", "--size", "64", "--output", "o"], "256 to 3080 px, got 64"),
        (["simulate", "frames", "--output", "{night}"], "holds other files"),
        (["score", "{night}", "--survey", "hst", "--output", "s"], "survey"),
    ],
)
def test_bad_input_gets_one_clear_line_and_exit_code_2(
    arguments, said, night, tmp_path, command, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    given = [part.format(night=night) for part in arguments]
    assert said in one_line(command(*given, code=2))


def test_a_survey_that_a_module_is_not_made_for_is_refused(shared_data, tmp_path):
    printed = skysift(
        "score", shared_data / "lsst", "--modules", "btsbot", "--output", tmp_path / "s", code=2
    )
    assert "module btsbot needs column 'sgscore1'" in one_line(printed)


def test_published_weights_score_real_packets(shared_data, tmp_path):
    skysift(
        "models", "import", "btsbot-v1.0.1", shared_data / "btsbot" / "v1.0.1", "--output", tmp_path
    )
    output = tmp_path / "scores.parquet"
    skysift(
        "score", shared_data / "ztf" / "packets", "--weights", f"btsbot={tmp_path}",
        "--output", output,
    )  # fmt: skip
    scores = pd.read_parquet(output)
    assert len(scores) == 41
    assert scores["btsbot"].str["version"].eq("btsbot-v1.0.1").all()


def test_help_shows_an_example_for_every_verb(command):
    for verb in (["run"], ["score"], ["subscribe"], ["simulate", "alerts"],
                 ["simulate", "frames"], ["train", "btsbot"], ["models", "import"], ["modules"],
                 ["filters"]):  # fmt: skip
        assert "xample" in command(*verb, "--help")
