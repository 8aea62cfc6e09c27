"""The subscriber against a real Kafka: every alert once, whatever the topic holds.

Messages are made by fastavro alone, in the wire format of DESIGN.md; that format itself is held
against fink-client's own decoding, as its users run it.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor

import fastavro
import pytest
from confluent_kafka import Producer

from skysift.stream.inbox import SeenIds
from skysift.stream.security import KafkaSecurity
from skysift.stream.subscribe import subscribe

BTSBOT = {
    "type": "record",
    "name": "skysift_btsbot",
    "fields": [
        {"name": "score", "type": ["null", "float"]},
        {"name": "status", "type": "string"},
    ],
}
SCHEMA = {
    "type": "record",
    "name": "alert",
    "fields": [
        {"name": "candid", "type": "long"},
        {"name": "objectId", "type": "string"},
        {"name": "cutoutDifference", "type": ["null", "bytes"]},
        {"name": "btsbot", "type": ["null", BTSBOT]},
    ],
}
KEY = json.dumps(SCHEMA).encode()
PARSED = fastavro.parse_schema(SCHEMA)


def alert(candid: int) -> dict:
    score = {"score": 0.5, "status": "ok"}
    return {"candid": candid, "objectId": "ZTF26a", "cutoutDifference": b"\x1f", "btsbot": score}


def wire(candid: int, **changes) -> dict:
    body = io.BytesIO()
    fastavro.schemaless_writer(body, PARSED, alert(candid))
    headers = {"alert_id": str(candid), "skysift": "0.1"}
    return {"key": KEY, "value": body.getvalue(), "headers": headers} | changes


def send(broker, *messages: dict, topic: str | None = None) -> str:
    """Send messages to one partition of a topic, by default a new one, and name it."""
    topic = topic or f"skysift_{uuid.uuid4().hex}"
    producer = Producer({"bootstrap.servers": broker.plaintext})
    for message in messages:
        producer.produce(topic, partition=0, **message)
    assert producer.flush(30) == 0
    return topic


def read(broker, topics, count, **options):
    """Read so many new alerts; return them and the summary."""
    options = {"max_messages": count, "timeout": 60} | options
    with subscribe(broker.plaintext, topics.split(), **options) as alerts:
        return list(alerts), alerts.summary


def ids(received) -> list[int]:
    return [r.alert_id for r in received]


def counts(summary) -> tuple[int, int, int, int]:
    return summary.received, summary.kept, summary.repeated, summary.bad


def test_an_alert_comes_back_as_it_was_sent(kafka_broker):
    topic = send(kafka_broker, wire(7))
    (received,), summary = read(kafka_broker, topic, 1)
    assert received.alert == alert(7)
    assert (received.topic, received.alert_id) == (topic, 7)
    assert json.loads(received.key) == SCHEMA
    assert received.headers["skysift"] == "0.1"
    assert counts(summary) == (1, 1, 0, 0)


def test_a_repeated_alert_is_given_once_a_topic(kafka_broker):
    one = send(kafka_broker, wire(1), wire(1), wire(2))
    two = send(kafka_broker, wire(1))
    received, summary = read(kafka_broker, f"{one} {two}", 3)
    assert {(r.topic, r.alert_id) for r in received} == {(one, 1), (one, 2), (two, 1)}
    assert counts(summary) == (4, 3, 1, 0)


def test_saved_alerts_are_containers_that_any_reader_opens(kafka_broker, tmp_path):
    topic = send(kafka_broker, wire(1), wire(2))
    read(kafka_broker, topic, 2, save=tmp_path)
    files = sorted((tmp_path / topic).glob("*.avro"))
    assert [f.name for f in files] == ["1.avro", "2.avro"]
    with files[1].open("rb") as file:
        assert list(fastavro.reader(file)) == [alert(2)]
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_folder_goes_on_where_it_ended(kafka_broker, tmp_path):
    topic = send(kafka_broker, wire(1), wire(2), wire(3))
    read(kafka_broker, topic, 2, save=tmp_path)
    received, summary = read(kafka_broker, topic, 1, save=tmp_path)
    assert ids(received) == [3]
    assert summary.received == 1


def test_what_is_in_the_folder_is_not_kept_twice_when_all_is_read_anew(kafka_broker, tmp_path):
    topic = send(kafka_broker, wire(1), wire(2))
    read(kafka_broker, topic, 1, save=tmp_path)
    kept = (tmp_path / topic / "1.avro").stat().st_ino
    received, summary = read(kafka_broker, topic, 1, save=tmp_path, group=f"other-{topic}")
    assert ids(received) == [2]
    assert counts(summary) == (2, 1, 1, 0)
    assert (tmp_path / topic / "1.avro").stat().st_ino == kept


def test_an_alert_that_the_caller_did_not_finish_comes_again(kafka_broker):
    topic = send(kafka_broker, wire(1), wire(2))
    with subscribe(kafka_broker.plaintext, [topic], group=topic) as alerts:
        next(alerts)
        next(alerts)  # asks for the second, so the first is finished
    received, _ = read(kafka_broker, topic, 1, group=topic)
    assert ids(received) == [2]


def test_a_quiet_topic_ends_it(kafka_broker):
    topic = send(kafka_broker, wire(1))
    received, _ = read(kafka_broker, topic, None, timeout=2.0)
    assert ids(received) == [1]


GARBAGE = {
    "random bytes": {"value": b"\xff" * 40},
    "cut short": {"value": wire(5)["value"][:-3]},
    "bytes left over": {"value": wire(5)["value"] + b"\x00"},
    "no value": {"value": None},
    "no key": {"key": None},
    "key is no JSON": {"key": b"candid"},
    "key is no schema": {"key": b'{"type": "star"}'},
    "id is no number": {"headers": {"alert_id": "../../etc/passwd"}},
    "schema of no record": {"key": b'"long"', "value": b"\x02", "headers": None},
    "no id": {
        "key": b'{"type": "record", "name": "a", "fields": [{"name": "x", "type": "long"}]}',
        "value": b"\x02",
        "headers": None,
    },
}


def test_garbage_is_put_away_with_its_reason_and_stops_nothing(kafka_broker, tmp_path):
    bad = [wire(5, **changes) for changes in GARBAGE.values()]
    topic = send(kafka_broker, wire(1), *bad, wire(2))
    received, summary = read(kafka_broker, topic, 2, save=tmp_path)
    assert ids(received) == [1, 2]
    assert counts(summary) == (len(bad) + 2, 2, 0, len(bad))
    assert sorted(f.name for f in tmp_path.iterdir()) == ["_dead", "_group.txt", topic]
    for offset, message in enumerate(bad, start=1):
        place = tmp_path / "_dead" / f"{topic}-0-{offset}"
        assert place.with_suffix(".bin").read_bytes() == (message["value"] or b"")
        about = json.loads(place.with_suffix(".json").read_text())
        assert about["reason"] and about["offset"] == offset


def test_without_headers_the_id_is_the_surveys_own(kafka_broker):
    lsst = {"type": "record", "name": "a", "fields": [{"name": "diaSourceId", "type": "long"}]}
    other = {"key": json.dumps(lsst).encode(), "value": b"\x12", "headers": None}
    topic = send(kafka_broker, wire(3, headers=None), other)
    assert ids(read(kafka_broker, topic, 2)[0]) == [3, 9]


def test_latest_starts_at_the_end(kafka_broker):
    topic = send(kafka_broker, wire(1))
    with (
        subscribe(kafka_broker.plaintext, [topic], start="latest") as alerts,
        ThreadPoolExecutor(1) as pool,
    ):
        first = pool.submit(next, alerts)
        number = 2
        while not first.done():  # until it has joined, what is sent lies before its start
            send(kafka_broker, wire(number), topic=topic)
            number += 1
        assert first.result().alert_id > 1


def test_a_schema_is_parsed_once(kafka_broker, monkeypatch):
    topic = send(kafka_broker, *(wire(n) for n in range(5)), wire(9, key=KEY + b" "))
    parsed = []
    real = fastavro.parse_schema
    monkeypatch.setattr(fastavro, "parse_schema", lambda s: parsed.append(s) or real(s))
    received, _ = read(kafka_broker, topic, 6)
    assert len(received) == 6
    assert len(parsed) <= 2  # none where an earlier test parsed the first


def test_nobody_at_the_address_is_an_error(monkeypatch):
    monkeypatch.setattr("skysift.stream.subscribe.CONNECT_SECONDS", 1.0)
    with pytest.raises(ConnectionError, match=r"127\.0\.0\.1:9"):
        subscribe("127.0.0.1:9", ["any"])


def test_it_reads_over_sasl_and_tls(kafka_broker):
    topic = send(kafka_broker, wire(1))
    security = KafkaSecurity(
        username=kafka_broker.user, password=kafka_broker.password, ca_file=str(kafka_broker.ca)
    )
    with subscribe(kafka_broker.tls, [topic], security=security) as alerts:
        assert next(alerts).alert_id == 1


READ_FOREVER = """
import sys
from skysift.stream.subscribe import subscribe
with subscribe(sys.argv[1], [sys.argv[2]], save=sys.argv[3]) as alerts:
    for received in alerts:
        print(received.alert_id, flush=True)
print("left with", alerts.summary.kept, flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_and_commits(kafka_broker, tmp_path, number):
    topic = send(kafka_broker, wire(1), wire(2))
    with start_reader(kafka_broker, topic, tmp_path) as process:
        assert [process.stdout.readline() for _ in range(2)] == ["1\n", "2\n"]
        process.send_signal(number)
        assert process.communicate(timeout=30)[0] == "left with 2\n"
    assert process.returncode == 0
    send(kafka_broker, wire(3), topic=topic)
    assert read(kafka_broker, topic, 1, save=tmp_path)[1].received == 1


def test_a_killed_reader_keeps_nothing_twice_and_loses_nothing(kafka_broker, tmp_path):
    topic = send(kafka_broker, *(wire(n) for n in range(1, 51)))
    with start_reader(kafka_broker, topic, tmp_path) as process:
        for _ in range(20):
            process.stdout.readline()
        process.kill()
    before = sum(1 for _ in (tmp_path / topic).glob("*.avro"))
    received, _ = read(kafka_broker, topic, 50 - before, save=tmp_path)
    assert before >= 20
    assert len(received) == 50 - before
    seen = (tmp_path / topic / "_seen.txt").read_text().split()
    assert sorted(map(int, seen)) == list(range(1, 51))
    assert sum(1 for _ in (tmp_path / topic).glob("*.avro")) == 50


def start_reader(broker, topic, folder):
    command = [sys.executable, "-c", READ_FOREVER, broker.plaintext, topic, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)


def test_an_id_half_written_in_a_crash_is_forgotten(tmp_path):
    path = tmp_path / "_seen.txt"
    path.write_bytes(b"11\n12\n1")
    seen = SeenIds(path)
    assert 11 in seen and 12 in seen and 1 not in seen
    seen.add(13)
    seen.close()
    assert path.read_bytes() == b"11\n12\n13\n"


def test_fink_client_reads_the_same(kafka_broker):
    fink = pytest.importorskip("fink_client.consumer", reason="fink-client is not installed")
    topic = send(kafka_broker, wire(1))
    login = {"username": kafka_broker.user, "password": kafka_broker.password}
    config = {**login, "bootstrap.servers": kafka_broker.sasl, "group.id": topic}
    with fink.AlertConsumer([topic], config, survey="ztf") as client:
        name, decoded, key = client.poll(30)
    (ours,), _ = read(kafka_broker, topic, 1)
    assert (name, decoded, key) == (ours.topic, ours.alert, ours.key)


def test_a_topic_that_comes_later_is_waited_for(kafka_broker):
    topic = f"skysift_{uuid.uuid4().hex}"
    with subscribe(kafka_broker.plaintext, [topic]) as alerts:
        send(kafka_broker, wire(1), topic=topic)
        assert next(alerts).alert_id == 1
