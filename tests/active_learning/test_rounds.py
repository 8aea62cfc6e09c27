"""Rounds: whole or not there, and never changed; also when a process is killed at any moment."""

from __future__ import annotations

import hashlib
import json
import math
import signal
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import pytest

from skysift.active_learning.rounds import RoundError, Rounds

IDS = pd.DataFrame({"item": ["1150000000000000001"], "object": ["ZTF18a"], "part": ["train"]})


@pytest.fixture
def rounds(tmp_path):
    return Rounds(tmp_path / "vra")


def make(rounds, weights="weights", **metrics):
    """Make a round with a model of one file."""
    with rounds.start({"train": 30, "plan": {"batch": 10}}) as draft:
        (draft.model / "model.txt").write_text(weights)
        return draft.finish(metrics, IDS)


def test_a_round_holds_model_metrics_parameters_and_ids(rounds):
    made = make(rounds, auc=0.93)
    read = rounds.get(0)
    assert read == made
    assert (read.number, read.metrics) == (0, {"auc": 0.93})
    assert read.parameters == {"train": 30, "plan": {"batch": 10}}
    assert read.ids.equals(IDS)
    assert (read.model / "model.txt").read_text() == "weights"
    assert abs(read.created - datetime.now(timezone.utc)) < timedelta(minutes=5)
    assert read.files["model/model.txt"] == hashlib.sha256(b"weights").hexdigest()


def test_rounds_are_numbered_and_the_last_is_the_latest(rounds):
    assert rounds.latest() is None
    for weights in ("a", "b", "c"):
        make(rounds, weights)
    assert rounds.numbers() == [0, 1, 2]
    assert (rounds.latest().model / "model.txt").read_text() == "c"
    with pytest.raises(RoundError, match=r"no round 7 in .*Finished: 0, 1, 2"):
        rounds.get(7)


def test_a_metric_without_a_number_is_left_out_so_that_the_file_is_json(rounds):
    made = make(rounds, auc=math.nan, loss=math.inf, rows=0)
    assert made.metrics == {"rows": 0.0}
    json.loads((made.folder / "round.json").read_text(), parse_constant=pytest.fail)


def test_a_changed_file_is_found_out(rounds):
    path = make(rounds).model / "model.txt"
    path.chmod(0o644)
    path.write_text("Weights")
    with pytest.raises(
        RoundError, match=r"model\.txt was changed.*restore it, or remove round_0000"
    ):
        rounds.latest()
    path.unlink()
    with pytest.raises(RoundError, match=r"model\.txt is gone"):
        rounds.latest()


def test_files_of_a_finished_round_cannot_be_written_by_mistake(rounds):
    folder = make(rounds).folder
    for path in folder.rglob("*"):
        assert path.is_dir() or path.stat().st_mode & 0o222 == 0, path


def test_a_folder_that_is_no_round_is_named(rounds):
    (rounds.folder / "round_0000").mkdir()
    with pytest.raises(RoundError, match=r"round_0000 is no round: .*round\.json"):
        rounds.latest()


def test_a_round_that_fails_leaves_the_last_good_one_and_nothing_of_itself(rounds):
    first = make(rounds)
    with pytest.raises(RuntimeError, match="out of memory"), rounds.start({}) as draft:
        (draft.model / "half.txt").write_text("half")
        raise RuntimeError("out of memory")
    assert rounds.latest() == first
    assert sorted(make(rounds).files) == ["ids.csv", "model/model.txt"]


def test_one_round_at_a_time(rounds):
    with (
        rounds.start({}),
        pytest.raises(RoundError, match="another process is making a round"),
        Rounds(rounds.folder).start({}),
    ):
        pass
    assert make(rounds).number == 0


def test_the_learning_curve_is_a_table(rounds):
    assert rounds.history().empty
    make(rounds, auc=0.8)
    make(rounds, auc=0.9, loss=0.1)
    curve = rounds.history()
    assert curve[["round", "train", "auc"]].to_dict("list") == {
        "round": [0, 1],
        "train": [30, 30],
        "auc": [0.8, 0.9],
    }
    assert math.isnan(curve["loss"][0]) and curve["loss"][1] == 0.1


KILLED_EVERYWHERE = """
import json, os, signal, sys
import pandas as pd
from pathlib import Path
from skysift.active_learning.rounds import Rounds

rounds = Rounds(Path(sys.argv[1]))

def make(moment):
    steps = iter(range(moment))
    def step(event, arguments):
        # Before each change of a file or a folder, and before each look, the process may die.
        if event in ("open", "os.rename", "os.chmod", "os.mkdir", "os.rmdir", "os.remove"):
            if str(rounds.folder) in str(arguments[0]) and next(steps, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(step)
    with rounds.start({"train": 30}) as draft:
        (draft.model / "model.txt").write_text("new")
        draft.finish({"auc": 0.9}, pd.DataFrame({"item": ["1"]}))

for moment in range(100):
    child = os.fork()
    if not child:
        make(moment)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    latest = rounds.latest()
    weights = (latest.model / "model.txt").read_text()
    print(json.dumps([os.waitstatus_to_exitcode(status), latest.number, weights]))
    if status == 0:
        break
    if latest.number:  # it was finished: taken away for the next try
        latest.folder.rename(rounds.folder.parent / f"killed_{moment}")
"""


def test_killed_at_any_moment_a_round_is_whole_or_not_there(rounds):
    make(rounds, "old")
    said = subprocess.run(
        [sys.executable, "-c", KILLED_EVERYWHERE, str(rounds.folder)],
        cwd=Path(__file__).parents[2],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    *killed, last = (tuple(json.loads(line)) for line in said.splitlines())
    before, after = (-signal.SIGKILL, 0, "old"), (-signal.SIGKILL, 1, "new")
    assert set(killed) == {before, after}
    assert killed == sorted(killed)
    assert last == (0, 1, "new")
