"""The link that a running job follows: there all the time, and on the newest round."""

from __future__ import annotations

import threading

import pandas as pd
import pytest

from skysift.active_learning.rounds import Rounds
from skysift.campaigns.current import LinkError, point_to


@pytest.fixture
def rounds(tmp_path) -> Rounds:
    """Return three finished rounds, whose model says their number."""
    rounds = Rounds(tmp_path / "rounds")
    for number in range(3):
        with rounds.start({}) as draft:
            (draft.model / "vra.skops").write_text(str(number))
            draft.finish({}, pd.DataFrame({"item": []}))
    return rounds


def test_the_link_moves_on_and_can_be_moved_with_its_folder(rounds, tmp_path):
    link = tmp_path / "current"
    assert point_to(link, rounds.get(0))
    assert (link / "vra.skops").read_text() == "0"
    assert point_to(link, rounds.get(1))
    assert not point_to(link, rounds.get(1))
    moved = tmp_path.rename(tmp_path.with_name("elsewhere"))
    assert (moved / "current" / "vra.skops").read_text() == "1"


def test_a_reader_never_finds_none_or_half_of_one(rounds, tmp_path):
    link, stop, seen = tmp_path / "current", threading.Event(), set()
    point_to(link, rounds.get(0))

    def read() -> None:
        while not stop.is_set():
            seen.add((link / "vra.skops").read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(300):
        point_to(link, rounds.get(number % 3))
    stop.set()
    reader.join()
    assert seen == {"0", "1", "2"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_is_no_link_is_not_replaced(rounds, tmp_path):
    (tmp_path / "current").mkdir()
    with pytest.raises(LinkError, match="current is no link; move it away"):
        point_to(tmp_path / "current", rounds.get(0))
