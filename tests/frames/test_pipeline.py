"""What follows when frames are done: nights are made anew, detections sent, files cleared away."""

from __future__ import annotations

import pytest

from skysift.alerts.frame_name import FrameName
from skysift.frames.ids import files_in
from skysift.frames.night import NightMaker, read_night
from skysift.frames.pipeline import Pipeline
from skysift.frames.state import FrameStates
from skysift.frames.tidy import Cleanup, Tidier
from tests.frames.detections import NIGHT, detection, frame_id, write_frame

A, B, C = (frame_id(number) for number in range(3))
LATER = frame_id(0, night="20240504")


class Post:
    """A sink that notes what it gets, and may be away or refuse frames."""

    name = "post"

    def __init__(self):
        self.got, self.away, self.refuses = [], False, {}

    def send(self, night, rows):
        if self.away:
            raise ConnectionError("nobody answers")
        self.got += rows["candid"].to_pylist()
        return {
            frame: why for frame, why in self.refuses.items() if frame in rows["id"].to_pylist()
        }


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def states(tmp_path):
    with FrameStates(tmp_path) as states:
        yield states


@pytest.fixture
def pipeline(tmp_path, states, post):
    """Return a pipeline to which no frame is given: Spark is not asked."""
    tidier = Tidier(Cleanup.NONE, lambda frame: None)
    return Pipeline(tmp_path, states, None, NightMaker(tmp_path), [post], tidier)


def test_results_that_nobody_lived_to_note_are_done(pipeline, states, post, tmp_path):
    write_frame(tmp_path, detection(A, 0), detection(A, 1))
    write_frame(tmp_path, frame=B)
    assert pipeline.due([A, B, C]) == [C]
    assert {one.id: one.detections for one in states.all()} == {A: 2, B: 0}
    pipeline.follow_up()
    assert post.got == [f"{A}_0", f"{A}_1"]


def test_each_night_is_made_anew_and_each_detection_sent_once(pipeline, states, post, tmp_path):
    for frame in (A, LATER):
        write_frame(tmp_path, detection(frame, 0))
    pipeline.due([A, LATER])
    pipeline.follow_up()
    pipeline.follow_up()
    write_frame(tmp_path, detection(B, 0))
    pipeline.due([B])
    pipeline.follow_up()
    assert post.got == [f"{A}_0", f"{LATER}_0", f"{B}_0"]
    assert read_night(tmp_path / NIGHT)["id"].to_pylist() == [A, B]
    assert read_night(tmp_path / "20240504")["id"].to_pylist() == [LATER]


def test_a_night_that_is_asked_for_is_made_anew_for_who_knows_more_now(pipeline, states, tmp_path):
    write_frame(tmp_path, detection(A, 0))
    pipeline.due([A])
    pipeline.follow_up()
    page = tmp_path / NIGHT / "index.html"
    page.unlink()
    pipeline.make_nights([A, B])
    assert not page.exists()  # it was made by this very job
    nights = NightMaker(tmp_path)
    Pipeline(tmp_path, states, None, nights, [], None).make_nights([A, B])
    assert page.exists()


def test_who_is_away_gets_all_when_he_is_back(pipeline, post, tmp_path):
    write_frame(tmp_path, detection(A, 0))
    pipeline.due([A])
    post.away = True
    pipeline.follow_up()
    assert pipeline.unsent == {"post": "nobody answers"} and not post.got
    assert read_night(tmp_path / NIGHT).num_rows == 1
    post.away = False
    pipeline.follow_up()
    assert pipeline.unsent == {} and post.got == [f"{A}_0"]


def test_what_is_refused_is_offered_again_alone(pipeline, post, tmp_path):
    for frame in (A, B):
        write_frame(tmp_path, detection(frame, 0))
    pipeline.due([A, B])
    post.refuses = {B: "too large"}
    pipeline.follow_up()
    assert pipeline.unsent == {"post": f"1 frames refused; {B}: too large"}
    post.refuses = {}
    pipeline.follow_up()
    assert pipeline.unsent == {} and post.got == [f"{A}_0", f"{B}_0", f"{B}_0"]


def lay_files(folder, frames):
    for frame in frames:
        for path in files_in(folder, FrameName.parse(frame)).paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


@pytest.mark.parametrize(
    "what, science, reference",
    [("none", True, True), ("sci", False, True), ("ref", True, False), ("all", False, False)],
)
def test_files_of_frames_that_are_done_are_cleared_away(tmp_path, what, science, reference):
    other_field = C.replace("_000570_", "_000571_")
    lay_files(tmp_path, [A, B, other_field])
    tidier = Tidier(Cleanup(what), lambda frame: files_in(tmp_path, FrameName.parse(frame)))
    tidier([A, other_field], [B])
    a, b, c = (files_in(tmp_path, FrameName.parse(frame)) for frame in (A, B, other_field))
    assert a.science.exists() == a.difference.exists() == science
    assert c.reference.exists() == reference
    assert not b.missing()  # shares its reference with A, and needs it still
    assert a.reference == b.reference
