"""The memory of frames: what is done stays done, what failed comes back, later each time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from skysift.frames.state import ABSENT, BROKEN, FrameStates, StateError, alone


@pytest.fixture
def states(tmp_path):
    with FrameStates(tmp_path) as states:
        yield states


@pytest.fixture
def clock(monkeypatch):
    """Return a clock of one hand that tests turn."""
    hands = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: hands[0])
    return hands


def delays(states, clock, note, tries):
    """Note something so many times, each when its time has come; return the seconds between."""
    waited = []
    for _ in range(tries):
        assert states.due(["a"]) == ["a"]
        states.begin("a")
        note("a", "because")
        (frame,) = states.all()
        if frame.next_try is None:
            break
        waited.append(frame.next_try - clock[0])
        clock[0] = frame.next_try - 0.1
        assert states.due(["a"]) == []
        clock[0] = frame.next_try
    return waited


def test_what_nobody_knows_is_due_once_and_in_order(states):
    assert states.due(["b", "a", "b"]) == ["b", "a"]


def test_what_is_done_or_under_way_is_not_due(states):
    states.begin("a")
    states.begin("b")
    states.done("b", 3)
    assert states.due(["a", "b"], anyway=True) == []
    assert [(f.id, f.status, f.detections) for f in states.all()] == [
        ("a", "working", None),
        ("b", "done", 3),
    ]


def test_what_is_broken_is_tried_later_and_later_and_then_given_up(states, clock):
    assert delays(states, clock, states.failed, 99) == [60, 120, 240, 480]
    (frame,) = states.all()
    assert (frame.status, frame.tries, frame.reason) == ("failed", BROKEN.tries, "because")
    clock[0] += 1e9
    assert states.due(["a"]) == []
    assert states.due(["a"], anyway=True) == ["a"]


def test_what_is_not_there_yet_is_waited_for_longer_than_what_is_broken(states, clock):
    waited = delays(states, clock, states.waits, ABSENT.tries + 1)
    assert waited[:6] == [600, 1200, 2400, 4800, 9600, 14400]
    assert max(waited) == ABSENT.longest
    assert len(waited) == ABSENT.tries - 1
    assert sum(waited) > 7 * 86400
    assert states.all()[0].status == "failed"


def test_waiting_is_no_failure(states, clock):
    states.waits("a", "not there")
    states.failed("a", "broken")
    (frame,) = states.all()
    assert (frame.tries, frame.waits) == (1, 1)
    assert frame.next_try == clock[0] + BROKEN.first


def test_success_forgets_the_reason(states):
    states.failed("a", "broken")
    states.done("a", 0)
    (frame,) = states.all()
    assert (frame.reason, frame.next_try) == (None, None)


DRIVER = """
import os, sys
from pathlib import Path
from skysift.frames.state import FrameStates, alone
with alone(Path(sys.argv[1])), FrameStates(Path(sys.argv[1])) as states:
    states.done("a", 2)
    states.begin("b")
    states.failed("c", "broken")
    print("ready", flush=True)
    os.kill(os.getpid(), 9)
"""


def test_kill_9_loses_nothing_and_leaves_nothing_under_way(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "ready\n")
    with alone(tmp_path), FrameStates(tmp_path) as states:
        assert [(f.id, f.status) for f in states.all()] == [
            ("a", "done"), ("b", "new"), ("c", "failed"),
        ]  # fmt: skip
        assert states.due(["a", "b", "c"]) == ["b"]


def test_two_drivers_do_not_share_a_folder(tmp_path):
    told = pytest.raises(StateError, match=r"another skysift frames .*--output")
    with alone(tmp_path), told, alone(tmp_path):
        pass


def test_a_folder_holds_frames_searched_in_one_way(tmp_path):
    with FrameStates(tmp_path) as states:
        states.claim({"threshold": 0.5, "weights": "a"})
        states.claim({"threshold": 0.5, "weights": "a"})
    told = pytest.raises(StateError, match=r"threshold 0\.5, not 0\.7: give another --output")
    with FrameStates(tmp_path) as states, told:
        states.claim({"threshold": 0.7})


def test_each_sink_gets_each_frame_with_detections_once(states):
    for frame, found in (("a", 1), ("b", 0), ("c", 2)):
        states.done(frame, found)
    states.failed("d", "broken")
    assert states.untold("kafka") == ["a", "c"]
    states.told("kafka", ["a"])
    assert states.untold("kafka") == ["c"]
    assert states.untold("skyportal") == ["a", "c"]
    assert states.untold("page", empty=True) == ["a", "b", "c"]
