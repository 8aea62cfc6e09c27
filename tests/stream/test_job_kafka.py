"""The job between two topics of a real Kafka, read back as strangers would read it."""

from __future__ import annotations

import io
import json
import re
import signal
import uuid
from pathlib import Path

import fastavro
import pytest
from confluent_kafka import Consumer, Producer

from skysift.stream.subscribe import subscribe
from tests.stream.jobs import annotated, candids, kill, skysift, start, wait_for

BRIGHT = "skysift_bts_candidates_ztf"
DEAD = "skysift_dead_letters"


@pytest.fixture(scope="module")
def alerts(packets: Path) -> list[bytes]:
    """Read the packets as the survey would send them."""
    return [path.read_bytes() for path in sorted(packets.glob("*.avro"))]


@pytest.fixture(scope="module")
def ran(kafka_broker, alerts, tmp_path_factory) -> tuple[str, Path]:
    """Run the job over a topic that also holds a repeat and garbage."""
    topic = send(kafka_broker.plaintext, [*alerts, alerts[0], b"no packet at all"])
    state = tmp_path_factory.mktemp("state")
    skysift(
        "run", "--once", "--checkpoint", state,
        "--source", f"kafka://{kafka_broker.plaintext}/{topic}",
        "--sink", f"kafka://{kafka_broker.plaintext}",
    )  # fmt: skip
    return topic, state


def send(servers: str, messages: list[bytes], topic: str | None = None, **login: str) -> str:
    topic = topic or f"ztf_{uuid.uuid4().hex}"
    producer = Producer({"bootstrap.servers": servers, **login})
    for message in messages:
        producer.produce(topic, value=message)
    assert producer.flush(30) == 0
    return topic


def messages(servers: str, topic: str) -> list:
    """Read a topic to its end with nothing of ours."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": uuid.uuid4().hex,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        }
    )
    partitions = consumer.list_topics(topic, 10).topics[topic].partitions
    consumer.subscribe([topic])
    found, ends = [], 0
    while ends < len(partitions):
        message = consumer.poll(30)
        assert message is not None, f"{topic} does not answer"
        if message.error():
            ends += 1
        else:
            found.append(message)
    consumer.close()
    return found


def test_every_packet_is_annotated_once(ran, alerts):
    assert annotated(ran[1])["candid"].is_unique
    assert len(annotated(ran[1])) == len(alerts)


def test_the_topic_is_what_a_plain_avro_reader_understands(ran, kafka_broker):
    rows = annotated(ran[1])
    routed = rows[[BRIGHT in topics for topics in rows["topics"]]].set_index("candid")
    found = messages(kafka_broker.plaintext, BRIGHT)
    for message in found:
        schema = fastavro.parse_schema(json.loads(message.key()))
        alert = fastavro.schemaless_reader(io.BytesIO(message.value()), schema)
        headers = dict(message.headers())
        assert headers["alert_id"] == str(alert["candid"]).encode()
        expected = routed.loc[alert["candid"]]["btsbot"]["score"]
        assert alert["btsbot"]["score"] == pytest.approx(expected, abs=1e-7)
    assert len(found) == len(routed) > 0


def test_fink_client_decodes_the_topic(ran, kafka_broker):
    decode = pytest.importorskip("fink_client.avro_utils", reason="fink-client is not installed")
    message = messages(kafka_broker.plaintext, BRIGHT)[0]
    schema = fastavro.parse_schema(json.loads(message.key()))
    alert = decode._decode_avro_alert(io.BytesIO(message.value()), schema)
    assert alert["btsbot"]["status"] == "ok"


def test_skysift_subscribe_keeps_each_alert_once(ran, kafka_broker, tmp_path):
    shown = skysift(
        "subscribe", "--servers", kafka_broker.plaintext, "--topics", BRIGHT,
        "--save", tmp_path, "--timeout", 10,
    )  # fmt: skip
    rows = annotated(ran[1])
    routed = rows[[BRIGHT in topics for topics in rows["topics"]]]
    assert sorted(int(p.stem) for p in (tmp_path / BRIGHT).glob("*.avro")) == sorted(
        routed["candid"]
    )
    assert f"{len(routed)} alerts kept" in shown


def test_garbage_goes_to_the_dead_letters_with_reason_source_and_offset(ran, kafka_broker):
    (letter,) = messages(kafka_broker.plaintext, DEAD)
    headers = {name: value.decode() for name, value in letter.headers()}
    assert letter.value() == b"no packet at all"
    assert re.fullmatch(rf"kafka:{ran[0]}/\d+@\d+", headers["source"])
    assert headers["offset"] == "0"
    assert headers["reason"]


def test_killed_and_restarted_a_subscriber_keeps_each_alert_once(kafka_broker, alerts, tmp_path):
    servers, state, log = kafka_broker.sasl, tmp_path / "state", tmp_path / "log"
    login = tmp_path / "login.toml"
    login.write_text(f'username = "{kafka_broker.user}"\npassword = "{kafka_broker.password}"\n')
    topic = send(kafka_broker.plaintext, alerts[:50])
    run = [
        "run", "--checkpoint", state, "--kafka-security", login, "--filters", "bts_candidates",
        "--source", f"kafka://{servers}/{topic}", "--sink", f"kafka://{servers}",
    ]  # fmt: skip
    job = start(*run, log=log)
    wait_for(lambda: any(state.glob("seen/*.npy")), job, log)
    kill(job)
    send(kafka_broker.plaintext, alerts[50:], topic)
    job = start(*run, log=log)
    wait_for(lambda: _annotated_count(state) >= len(alerts), job, log)
    job.send_signal(signal.SIGTERM)
    assert job.wait(60) == 0, log.read_text()

    rows = annotated(state)
    assert sorted(rows["candid"]) == sorted(_candid(alert) for alert in alerts)
    with subscribe(kafka_broker.plaintext, [BRIGHT], timeout=10) as received:
        kept = candids([r.alert for r in received])
    assert kept == sorted(rows[[BRIGHT in t for t in rows["topics"]]]["candid"])
    assert kafka_broker.password not in log.read_text()


def _annotated_count(state: Path) -> int:
    if not any(state.glob("annotated/*/_SUCCESS")):
        return 0
    return len(annotated(state))


def _candid(packet: bytes) -> int:
    return next(fastavro.reader(io.BytesIO(packet)))["candid"]
