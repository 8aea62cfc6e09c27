"""Where frames are found: here, elsewhere, in the archive, or not yet."""

from __future__ import annotations

import pytest

from skysift.alerts.frame_name import FrameName
from skysift.frames.fetch import Archive, NotThereError
from skysift.frames.finding import Finder
from skysift.frames.ids import files_in
from tests.frames.archive_server import fill, serve

NAME = FrameName.parse("ztf_20191014495961_000570_zr_c05_o_q3")
OTHER = FrameName.parse("ztf_20191014518961_000571_zr_c05_o_q3")


@pytest.fixture
def server(tmp_path):
    fill(tmp_path / "archive", NAME)
    with serve(tmp_path / "archive") as server:
        yield server


def test_what_is_here_is_not_asked_for(server, tmp_path):
    fill(tmp_path / "data", NAME)
    files = Finder(tmp_path / "data", Archive(server.url))(NAME.id)
    assert files == files_in(tmp_path / "data", NAME) and server.asked == []


def test_what_lies_elsewhere_is_found_there(tmp_path):
    fill(tmp_path / "mine", NAME)
    finder = Finder(tmp_path / "data", None)
    finder.here = {NAME.id: files_in(tmp_path / "mine", NAME)}
    assert finder(NAME.id).science.is_relative_to(tmp_path / "mine")


def test_what_is_not_here_is_fetched(server, tmp_path):
    files = Finder(tmp_path / "data", Archive(server.url))(NAME.id)
    assert files == files_in(tmp_path / "data", NAME) and not files.missing()


def test_what_is_nowhere_may_come(server, tmp_path):
    with pytest.raises(NotThereError, match=r"sciimg\.fits is not there \(yet\)"):
        Finder(tmp_path / "data", Archive(server.url))(OTHER.id)
    with pytest.raises(NotThereError, match=r"sciimg\.fits is not there \(yet\)"):
        Finder(tmp_path / "data", None)(OTHER.id)


def test_a_network_of_two_images_needs_no_difference(server, tmp_path):
    finder = Finder(tmp_path / "data", Archive(server.url), difference=False)
    files = finder(NAME.id)
    assert files.missing() == [files.difference]
    asked = len(server.asked)
    assert finder(NAME.id) == files and len(server.asked) == asked
