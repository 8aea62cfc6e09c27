"""The Spark job: frames apart from each other, whatever becomes of one."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest

from skysift.alerts.frame_name import FrameName
from skysift.frames.fetch import NotThereError
from skysift.frames.ids import files_in
from skysift.frames.job import FramesJob
from skysift.frames.state import FrameStates
from skysift.frames.task import Task
from tests.frames.detections import frame_id
from tests.frames.killers import Search

FRAMES = [frame_id(number) for number in range(8)]


@pytest.fixture
def states(tmp_path):
    with FrameStates(tmp_path / "out") as states:
        yield states


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


def find(frame):
    return files_in(Path("nowhere"), FrameName.parse(frame))


def run(search, states, *, find=find, frames=FRAMES, stop=None, report=lambda _: None):
    """Run the job on two workers; return the outcomes by frame."""
    outcomes = {}
    stop = stop or threading.Event()

    def note(outcome):
        outcomes[outcome.frame] = outcome
        report(outcome)

    FramesJob(Task(search, memory=4), find, states, stop, workers=2).run(frames, note)
    return outcomes


def statuses(states):
    return {state.id: state.status for state in states.all()}


def tries(notes):
    return Counter(path.name.partition(".")[0] for path in notes.iterdir())


def test_each_frame_is_a_task_on_one_of_two_workers(spark, states, notes):
    outcomes = run(Search(notes), states)
    assert tries(notes) == Counter(FRAMES)
    assert len({path.read_text() for path in notes.iterdir()}) == 2
    assert statuses(states) == dict.fromkeys(FRAMES, "done")
    assert {one.searched.detections for one in outcomes.values()} == {1}


def test_a_session_that_is_there_keeps_its_settings(spark, states, notes):
    before = spark.conf.getAll
    run(Search(notes), states, frames=FRAMES[:1])
    assert statuses(states) == {FRAMES[0]: "done"}
    assert spark.conf.getAll == before


def test_what_goes_wrong_with_a_frame_goes_wrong_with_it_alone(spark, states, notes):
    missing, unreadable = FRAMES[1], FRAMES[2]

    def find_some(frame):
        if frame == missing:
            raise NotThereError("not at the archive yet")
        if frame == unreadable:
            raise PermissionError(13, "Permission denied", "frame.fits")
        return find(frame)

    search = Search(notes, kills=FRAMES[4], breaks=FRAMES[6])
    outcomes = run(search, states, find=find_some)
    expected = dict.fromkeys(FRAMES, "done") | {
        missing: "waiting", unreadable: "failed", FRAMES[4]: "failed", FRAMES[6]: "failed",
    }  # fmt: skip
    assert statuses(states) == expected
    reasons = {frame: one.searched.reason for frame, one in outcomes.items()}
    assert reasons[missing] == "not at the archive yet"
    assert "Permission denied" in reasons[unreadable]
    assert reasons[FRAMES[4]] == "its worker died: killed, or out of memory"
    assert reasons[FRAMES[6]] == "broken"
    assert {state.id for state in states.all() if state.next_try} == {
        missing, unreadable, FRAMES[4], FRAMES[6],
    }  # fmt: skip


def test_a_job_that_is_stopped_finishes_what_is_under_way(spark, states, notes):
    stop = threading.Event()
    outcomes = run(Search(notes), states, stop=stop, report=lambda _: stop.set())
    found = Counter(one.status for one in outcomes.values())
    assert found["done"] >= 1 and found["new"] >= 1
    assert set(outcomes) <= set(FRAMES) and found.total() < 8
    left = [frame for frame in FRAMES if statuses(states).get(frame) != "done"]
    assert states.due(FRAMES) == left
    run(Search(notes), states, frames=left)
    assert tries(notes) == Counter(FRAMES)
