"""Listening to a folder: what is new, what cannot be read, and what fails for a while."""

from __future__ import annotations

import os
import shutil
import threading
from threading import Event

import numpy as np
import pandas as pd
import pytest

from skysift.alerts.packet import split
from skysift.campaigns import get, listening
from skysift.campaigns.kind import Rows
from skysift.campaigns.listening import Listener
from skysift.campaigns.sources import FILES, Delivery, FolderSource
from skysift.campaigns.store import Store, find_packet, read_pool
from skysift.datasets import feature_table
from skysift.models.vra.inputs import FEATURES
from skysift.stream.kafka import message_payload
from skysift.stream.pull import RefusedError
from skysift.stream.wire import annotated_schema, append_structs
from tests.campaigns.conftest import listen


def counts(listener: Listener) -> tuple[int, int, int]:
    heard = listener.heard
    return heard.alerts, heard.new, heard.dead


def test_a_night_is_listened_to_with_the_features_of_serving(night, truth, listened):
    table = read_pool(listened).set_index("candid")
    assert sorted(table.index) == sorted(truth["candid"])
    served = feature_table([night / "packets"]).set_index("candid").loc[table.index]
    pd.testing.assert_frame_equal(table[list(FEATURES)], served[list(FEATURES)])
    assert table["status"].tolist() == served["status"].tolist()
    assert table["source"].str.contains(".avro#0", regex=False).all()


def test_files_are_read_once_and_new_ones_later(night, tmp_path):
    packets = sorted((night / "packets").glob("*.avro"))
    folder = tmp_path / "coming"
    folder.mkdir()
    for path in packets[:5]:
        shutil.copy(path, folder)
    assert counts(listen(folder, tmp_path / "pool")) == (5, 5, 0)
    assert counts(listen(folder, tmp_path / "pool")) == (0, 0, 0)
    shutil.copy(packets[5], folder)
    shutil.copy(packets[0], folder / "again.avro")
    assert counts(listen(folder, tmp_path / "pool")) == (2, 1, 0)


def test_what_cannot_be_read_is_put_away_and_stops_nothing(night, tmp_path):
    folder = tmp_path / "coming"
    folder.mkdir()
    (good, bad) = sorted((night / "packets").glob("*.avro"))[:2]
    shutil.copy(good, folder / "2.avro")
    (folder / "1.avro").write_bytes(bad.read_bytes()[:5000])
    assert counts(listen(folder, tmp_path / "pool")) == (1, 1, 1)
    (about,) = (tmp_path / "pool" / "_dead").glob("*.json")
    assert "1.avro" in about.read_text() and about.with_suffix(".bin").exists()


def test_an_alert_that_the_model_cannot_bear_is_put_away_alone(night, tmp_path):
    kind, pool = get("vra"), Store(tmp_path / "pool")
    first = sorted(path.stem for path in (night / "packets").glob("*.avro"))[0]

    def make(batch, settings):
        if int(first) in batch.column("candid"):
            raise ZeroDivisionError("of no good")
        return kind.rows.make(batch, settings)

    rows = Rows(kind.rows.survey, kind.rows.columns, make)
    source = FolderSource(night / "packets", pool.folder / FILES)
    heard = Listener(source, pool, rows, kind.settings()).run(Event(), once=True)
    assert (heard.new, heard.dead) == (89, 1)
    (about,) = (pool.folder / "_dead").glob("*.json")
    assert "ZeroDivisionError: of no good" in about.read_text()


# What fails for a while


@pytest.fixture
def waits(monkeypatch) -> list[float]:
    """Note how long is waited, instead of waiting."""
    noted: list[float] = []
    monkeypatch.setattr(listening._Patience, "wait", lambda self, seconds: noted.append(seconds))
    return noted


def failing(function, times: int, error: Exception):
    """Let a function fail so many times before it works."""
    left = [error] * times

    def mended(*arguments, **options):
        if left:
            raise left.pop()
        return function(*arguments, **options)

    return mended


def test_a_full_disk_is_waited_for_ever_more_patiently(night, truth, tmp_path, monkeypatch, waits):
    monkeypatch.setattr(Store, "_write", failing(Store._write, 3, OSError(28, "disk full")))
    assert listen(night / "packets", tmp_path / "pool").heard.new == len(truth)
    assert waits == [1.0, 2.0, 4.0]


def test_waiting_has_its_limit(monkeypatch, waits):
    patience = listening._Patience(Event(), None)
    assert patience.keep_trying(failing(lambda: "done", 9, ConnectionError("away"))) == "done"
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_who_waits_for_the_end_gives_up_in_the_end(night, tmp_path, monkeypatch, waits):
    monkeypatch.setattr(FolderSource, "fetch", failing(None, 9, ConnectionError("away")))
    with pytest.raises(ConnectionError, match="away"):
        listen(night / "packets", tmp_path / "pool")
    assert len(waits) == listening.TRIES_ONCE - 1


def test_a_refusal_is_final(night, tmp_path, monkeypatch, waits):
    monkeypatch.setattr(FolderSource, "fetch", failing(None, 1, RefusedError("no")))
    with pytest.raises(RefusedError):
        listen(night / "packets", tmp_path / "pool")
    assert waits == []


def test_stop_ends_the_waiting(night, tmp_path, monkeypatch):
    stop = Event()
    monkeypatch.setattr(FolderSource, "fetch", failing(None, 99, ConnectionError("away")))
    kind, pool = get("vra"), Store(tmp_path / "pool")
    source = FolderSource(night / "packets", pool.folder / FILES)
    threading.Timer(0.2, stop.set).start()
    assert Listener(source, pool, kind.rows, kind.settings()).run(stop).alerts == 0


def test_what_was_kept_but_not_signed_for_comes_again_and_is_known(night, truth, tmp_path, waits):
    kind, pool = get("vra"), Store(tmp_path / "pool")
    source = FolderSource(night / "packets", pool.folder / FILES)
    source._note = failing(source._note, 2, OSError(28, "disk full"))
    heard = Listener(source, pool, kind.rows, kind.settings()).run(Event(), once=True)
    assert (heard.alerts, heard.new) == (3 * len(truth), len(truth))
    assert sorted(read_pool(pool.folder)["candid"]) == sorted(truth["candid"])


# What topics hold


class Messages:
    """A source of Kafka's messages, as they would come."""

    rest = 0.0

    def __init__(self, *messages: tuple[bytes, bytes | None]) -> None:
        payloads = [message_payload(*m, "topic", 0, i) for i, m in enumerate(messages)]
        self.left = [Delivery(payloads, lambda: None)]

    def fetch(self) -> Delivery | None:
        return self.left.pop() if self.left else None

    def exhausted(self) -> bool:
        return True

    def close(self) -> None:
        pass


def test_surveys_brokers_and_our_own_messages_come_into_one_pool(night, tmp_path):
    packed = [path.read_bytes() for path in sorted((night / "packets").glob("*.avro"))[:3]]
    bare = [(bytes(p.records[0]), p.schema.text) for p in map(split, packed)]
    structs = {"vra": {"rank": "float", "status": "string", "version": "string"}}
    said = {"vra": {"rank": 7.0, "status": "ok", "version": "1"}}
    ours = append_structs(*bare[2], structs, said), annotated_schema(bare[2][1], structs)
    source = Messages(
        (packed[0], None),  # a survey's: a container
        (bare[1][0], bare[1][1].encode()),  # Fink's: a record, its schema as the key
        (ours[0], ours[1].encode()),  # ours: with the structs of modules
        (b"garbage", None),
    )
    kind, store = get("vra"), Store(tmp_path / "pool")
    heard = Listener(source, store, kind.rows, kind.settings()).run(Event(), once=True)
    assert (heard.new, heard.dead) == (3, 1)
    table = read_pool(store.folder)
    served = feature_table([night / "packets"]).set_index("candid").loc[table["candid"]]
    np.testing.assert_array_equal(table[list(FEATURES)], served[list(FEATURES)])
    assert table["source"].tolist() == [f"kafka:topic/0@{i}#0" for i in range(3)]
    packet = find_packet(store.folder, int(table["candid"][2]))
    assert (packet.data, packet.key.decode()) == ours


# Folders


def test_a_file_that_somebody_may_still_be_writing_waits(night, tmp_path):
    path = tmp_path / "in" / "1.avro"
    path.parent.mkdir()
    shutil.copy(next((night / "packets").glob("*.avro")), path)
    source = FolderSource(path.parent, tmp_path / "notes", settle=60.0)
    assert source.fetch() is None and source.exhausted()
    os.utime(path, (0, path.stat().st_mtime - 61))
    assert source.fetch() is not None
    assert not source.exhausted()


def test_a_file_that_is_gone_before_it_is_looked_at_is_nothing(tmp_path, monkeypatch):
    gone = tmp_path / "in" / "gone.avro"
    gone.parent.mkdir()
    monkeypatch.setattr("skysift.campaigns.sources.list_files", lambda path: [gone])
    source = FolderSource(gone.parent, tmp_path / "notes")
    assert source.fetch() is None and source.exhausted()


def test_a_delivery_is_not_larger_than_is_good_for_memory(night, tmp_path, monkeypatch):
    monkeypatch.setattr("skysift.campaigns.sources.MESSAGES", 40)
    source = FolderSource(night / "packets", tmp_path / "notes")
    sizes = []
    while (delivery := source.fetch()) is not None:
        sizes.append(len(delivery.payloads))
        delivery.sign()
    assert sizes == [40, 40, 10] and source.exhausted()


def test_nothing_at_the_path_is_said_at_once(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is nothing at"):
        listen(tmp_path / "nowhere", tmp_path / "pool")


def test_alerts_of_another_survey_are_put_away(night, truth, tmp_path):
    kind, pool = get("vra"), Store(tmp_path / "pool")
    rows = Rows("lsst", kind.rows.columns, kind.rows.make)
    source = FolderSource(night / "packets", pool.folder / FILES)
    heard = Listener(source, pool, rows, kind.settings()).run(Event(), once=True)
    assert (heard.alerts, heard.dead) == (0, len(truth))
    about = next((pool.folder / "_dead").glob("*.json")).read_text()
    assert "an alert of ztf; this pool is of lsst" in about
