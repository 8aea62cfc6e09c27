"""The topic of comets on a real Kafka: read as strangers read it, and by `skysift subscribe`."""

from __future__ import annotations

import io
import json
import uuid

import fastavro
import numpy as np
import pytest

from skysift.alerts.stamp import decode_stamp
from skysift.frames import topic
from skysift.frames.topic import CometTopic, alert_id, message
from skysift.stream.subscribe import subscribe
from tests.frames.detections import detection, frame_id, table, triplet

ROWS = [
    detection(frame_id(0), 0, known_status="none"),
    detection(frame_id(0), 1, p=0.63, mag=None, tracklet="T1", rate=0.5, rate_pa=10.0),
]


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """Write the triplets where a night has them."""
    folder = tmp_path_factory.mktemp("night")
    for row in ROWS:
        (folder / row["id"]).mkdir(exist_ok=True)
        np.save(folder / row["id"] / row["cutouts"], triplet(level=row["ni"]))
    return folder


@pytest.fixture(scope="module")
def sent(kafka_broker, night):
    """Send detections twice, as after a crash; return the broker's address and the topic."""
    name = f"{topic.TOPIC}_{uuid.uuid4().hex}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(topic, "TOPIC", name)
        comets = CometTopic(kafka_broker.plaintext)
        comets.send(night, table(*ROWS))
        comets.send(night, table(*ROWS))
    return kafka_broker.plaintext, name


def test_a_subscriber_keeps_each_detection_once(sent, tmp_path):
    servers, name = sent
    with subscribe(servers, [name], save=tmp_path, timeout=5) as alerts:
        got = list(alerts)
    assert (alerts.summary.received, alerts.summary.kept, alerts.summary.repeated) == (4, 2, 2)
    assert [one.alert["candid"] for one in got] == [row["candid"] for row in ROWS]
    assert got[1].alert["tails"] == {
        "score": pytest.approx(0.63), "x": 100.0, "y": 80.0, "ra": 150.1, "dec": -12.5,
        "version": "tails-made-up", "status": "ok",
    }  # fmt: skip
    assert got[1].alert["mag"] is None and got[1].alert["tracklet"] == "T1"
    assert got[0].headers["candid"] == ROWS[0]["candid"]
    assert len(list((tmp_path / name).glob("*.avro"))) == 2


def test_a_message_is_avro_with_its_schema_as_key(night):
    made = message(night, table(ROWS[0]))
    schema = fastavro.parse_schema(json.loads(made["key"]))
    body = io.BytesIO(made["value"])
    alert = fastavro.schemaless_reader(body, schema, None)
    assert body.read() == b""
    assert {name: alert[name] for name in ("id", "ni", "jd", "radecstr")} == {
        name: ROWS[0][name] for name in ("id", "ni", "jd", "radecstr")
    }
    whole = triplet(0)[::-1]  # cutouts have north up, stamps have rows that go south
    for at, name in enumerate(("cutoutScience", "cutoutTemplate", "cutoutDifference")):
        stamp = decode_stamp(alert[name]["stampData"])
        np.testing.assert_array_equal(stamp, whole[96:159, 97:160, at])
        assert stamp.shape == (63, 63)


def test_a_detection_without_its_triplet_is_refused(night, kafka_broker):
    gone = frame_id(7)
    comets = CometTopic(kafka_broker.plaintext)
    refused = comets.send(night, table(detection(gone)))
    assert list(refused) == [gone] and "No such file" in refused[gone]


def test_ids_tell_detections_apart_and_are_the_same_each_time():
    ids = {alert_id(f"{frame_id(n)}_{ni}") for n in range(50) for ni in range(4)}
    assert len(ids) == 200
    assert all(0 <= one < 2**63 for one in ids)
    assert alert_id(ROWS[0]["candid"]) == alert_id(ROWS[0]["candid"])


def test_no_broker_is_said(night, monkeypatch, capfd):
    monkeypatch.setattr(topic, "CONNECT_SECONDS", 2)
    comets = CometTopic("127.0.0.1:9")
    with pytest.raises(ConnectionError, match=r"no answer from Kafka at 127\.0\.0\.1:9: .*refused"):
        comets.send(night, table(ROWS[0]))
    assert capfd.readouterr() == ("", "")


def test_servers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="is not a Kafka address"):
        CometTopic("localhost")
