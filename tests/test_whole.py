"""Files that are there whole or not at all."""

import os

import pytest

from skysift.whole import flush, whole


def test_a_reader_finds_the_old_file_until_the_new_one_is_complete(tmp_path):
    path = tmp_path / "told.txt"
    path.write_text("old")
    with whole(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
        assert list(tmp_path.glob("*.txt")) == [path]
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("written", [True, False])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, written):
    path = tmp_path / "told.txt"
    path.write_text("old")
    with pytest.raises(OSError, match="disk full"), whole(path) as part:
        if written:
            part.write_text("ne")
        raise OSError("disk full")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_to_last_is_flushed_before_it_takes_its_name(tmp_path, monkeypatch):
    path, flushed = tmp_path / "told.txt", []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append((os.fstat(handle), path)))
    with whole(path, lasting=True) as part:
        part.write_text("new")
        inode = part.stat().st_ino
    assert [facts.st_ino for facts, _ in flushed] == [inode] == [path.stat().st_ino]


def test_a_folder_can_be_flushed_too(tmp_path):
    flush(tmp_path)
    with pytest.raises(FileNotFoundError):
        flush(tmp_path / "none")
