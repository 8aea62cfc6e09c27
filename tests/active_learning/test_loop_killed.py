"""Rounds whose process is killed: the next try ends where an undisturbed one does."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from skysift.active_learning.rounds import Rounds
from tests.active_learning.killed_loop import step

ROOT = Path(__file__).parents[2]


def test_kill_9_in_a_round_leaves_the_last_good_one_and_loses_no_answer(tmp_path):
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    undisturbed = [step(calm), step(calm)]
    first = step(killed)
    said = subprocess.run(
        [sys.executable, "-m", "tests.active_learning.killed_loop", killed, "fit", "save", "never"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    assert [tuple(map(int, line.split())) for line in said.splitlines()] == [
        (-signal.SIGKILL, 0, 23),  # 14 answers of round 0, and 9 of round 1
        (-signal.SIGKILL, 0, 23),
        (0, 1, 23),
    ]
    rounds = Rounds(killed / "rounds")
    assert rounds.get(0) == first
    assert rounds.get(1).files == undisturbed[1].files
    assert rounds.get(1).parameters == undisturbed[1].parameters
