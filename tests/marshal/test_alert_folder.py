"""Folders as jobs and subscribers leave them, while they still write."""

from __future__ import annotations

import shutil

import pytest

from skysift.marshal import alert_folder
from skysift.marshal.alert_folder import AlertFolder
from skysift.stream.inbox import Inbox
from tests.marshal.test_entries import write


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """Look at the folder anew each time."""
    monkeypatch.setattr(alert_folder, "LOOK_AGAIN", 0.0)
    monkeypatch.setattr(alert_folder, "SHARE", 0)


def ids(entries) -> set[int]:
    return {entry.alert_id for entry in entries}


def test_a_jobs_sink_has_its_topics_and_nothing_else_of_it(tmp_path, night_alerts):
    write(tmp_path / "topics" / "one" / "000000000-00000-ab.avro", night_alerts[:3])
    write(tmp_path / "topics" / "two" / "000000000-00001-ab.avro", night_alerts[2:4])
    write(tmp_path / "annotated" / "x.avro", night_alerts[5:6])
    topics = AlertFolder(tmp_path).topics()
    assert {name: len(found) for name, found in topics.items()} == {"one": 3, "two": 2}


def test_a_subscribers_folder_has_the_topics_it_saved(tmp_path, night_alerts):
    import io
    import json

    import fastavro

    from tests.marshal.test_entries import ALERT, SCORE

    schema = {**ALERT, "fields": [*ALERT["fields"], SCORE]}
    inbox = Inbox(tmp_path)
    for alert in night_alerts[:3]:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, fastavro.parse_schema(schema), alert)
        inbox.keep("skysift_x_ztf", alert["candid"], json.dumps(schema), out.getvalue())
    inbox.close()
    folder = AlertFolder(tmp_path)
    assert ids(folder.topics()["skysift_x_ztf"]) == {a["candid"] for a in night_alerts[:3]}
    assert folder.problems() == []


def test_plain_alerts_are_a_topic_named_after_their_folder_or_file(tmp_path, night_alerts):
    file = write(tmp_path / "mine" / "a.avro", night_alerts[:2])
    assert list(AlertFolder(tmp_path / "mine").topics()) == ["mine"]
    assert list(AlertFolder(file).topics()) == ["a.avro"]


def test_what_comes_changes_and_goes_is_noticed(tmp_path, night_alerts):
    first = write(tmp_path / "t" / "1.avro", night_alerts[:2])
    folder = AlertFolder(tmp_path)
    assert ids(folder.entries().values()) == {a["candid"] for a in night_alerts[:2]}
    write(tmp_path / "t" / "2.avro", night_alerts[2:3])
    assert len(folder.entries()) == 3
    write(first, night_alerts[5:9])  # a job has tried the batch again
    assert len(folder.topics()["t"]) == 5
    assert folder.find(night_alerts[0]["candid"]) is None
    first.unlink()
    assert ids(folder.topics()["t"]) == {night_alerts[2]["candid"]}


def test_files_that_are_the_same_are_not_read_again(tmp_path, night_alerts, monkeypatch):
    write(tmp_path / "t" / "1.avro", night_alerts[:2])
    folder = AlertFolder(tmp_path)
    folder.refresh()
    read: list = []
    monkeypatch.setattr(alert_folder, "read_entries", lambda files: read.extend(files) or [])
    folder.refresh()
    write(tmp_path / "t" / "2.avro", night_alerts[2:3])
    folder.refresh()
    assert [file.name for file in read] == ["2.avro"]


def test_an_alert_of_several_files_counts_once_a_topic(tmp_path, night_alerts):
    write(tmp_path / "t" / "1.avro", night_alerts[:2])
    write(tmp_path / "t" / "2.avro", night_alerts[1:3])
    assert len(AlertFolder(tmp_path).topics()["t"]) == 3


def test_problems_are_told_with_their_files_until_these_are_gone(tmp_path, night_alerts):
    write(tmp_path / "t" / "good.avro", night_alerts[:1])
    (tmp_path / "t" / "bad.avro").write_bytes(b"garbage")
    folder = AlertFolder(tmp_path)
    (line,) = folder.problems()
    assert "bad.avro" in line
    (tmp_path / "t" / "bad.avro").unlink()
    assert folder.problems() == []


def test_an_empty_folder_may_fill_and_one_that_is_not_there_is_refused(tmp_path, night_alerts):
    folder = AlertFolder(tmp_path)
    assert folder.topics() == {}
    write(tmp_path / "topics" / "one" / "a.avro", night_alerts[:1])
    assert list(folder.topics()) == ["one"]
    shutil.rmtree(tmp_path / "topics")
    assert folder.topics() == {}
    shutil.rmtree(tmp_path)
    assert folder.topics() == {}
    with pytest.raises(FileNotFoundError, match="nothing at"):
        AlertFolder(tmp_path / "nowhere")
