"""Looking for frames again and again: what appears is seen, unreadable places are passed over."""

from __future__ import annotations

import os
import threading
import time

import pytest

from skysift.alerts.frame_name import FrameName
from skysift.frames.finding import Finder
from skysift.frames.ids import files_in
from skysift.frames.sources import Window, julian_date
from skysift.frames.watch import Lookout, watch
from tests.frames.detections import frame_id

A, B = frame_id(0), frame_id(1)
C = frame_id(2).replace("_000570_", "_000571_")  # has a reference of its own


def lay(folder, frame, *, age=60.0):
    """Put a frame's files into a folder, written some seconds ago."""
    for path in files_in(folder, FrameName.parse(frame)).paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (time.time() - age,) * 2)


def test_a_folder_and_a_list_are_looked_at_together(tmp_path):
    lay(tmp_path, A)
    lay(tmp_path, C, age=0.0)
    ids = tmp_path / "ids.txt"
    ids.write_text(f"{B}\n{A}\n")
    finder = Finder(tmp_path / "fetched", None)
    look = Lookout(tmp_path, ids, Window())
    assert look(finder) == [A, B]
    assert finder.files(A).science.is_relative_to(tmp_path / "sci")
    assert finder.files(B).science.is_relative_to(tmp_path / "fetched")
    lay(tmp_path, C)
    assert look(finder) == [A, C, B]


def test_a_window_leaves_out_what_is_older(tmp_path):
    lay(tmp_path, A)
    lay(tmp_path, B)
    start = julian_date("20240503") + 0.2003
    assert Lookout(tmp_path, None, Window(start=start))(Finder(tmp_path, None)) == [B]


def test_frames_are_done_as_they_come_until_told_to_stop():
    stop, done = threading.Event(), []
    seen = iter([[A], OSError("the disk is away"), ValueError("half a line"), [A, B]])

    def look():
        found = next(seen)
        if isinstance(found, Exception):
            raise found
        return found

    def do(there):
        done.append(there)
        if B in there:
            stop.set()

    watch(look, do, stop, every=0.01)
    assert done == [[A], [A, B]]


def test_what_goes_wrong_in_the_work_is_not_passed_over():
    def do(there):
        raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"):
        watch(lambda: [A], do, threading.Event(), every=0.01)
