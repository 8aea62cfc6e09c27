"""The broker of `ci.kafka`, held against an independent client (librdkafka)."""

from __future__ import annotations

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from ci.kafka import Broker, last_broker, start_broker


def scram(broker: Broker, *, password: str | None = None) -> dict[str, str]:
    return {
        "bootstrap.servers": broker.sasl,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": broker.user,
        "sasl.password": password or broker.password,
    }


def tls(broker: Broker) -> dict[str, str]:
    lines = broker.login.read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    return {"bootstrap.servers": broker.tls, **settings}


def plain(broker: Broker) -> dict[str, str]:
    return {"bootstrap.servers": broker.plaintext}


def send(client: dict[str, str], topic: str, value: bytes) -> None:
    producer = Producer(client)
    producer.produce(topic, value)
    assert producer.flush(30) == 0


def receive(client: dict[str, str], topic: str) -> bytes:
    consumer = Consumer({**client, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    try:
        message = consumer.poll(30)
        assert message is not None and message.error() is None
        return message.value()
    finally:
        consumer.close()


@pytest.mark.parametrize("way", [plain, scram, tls])
def test_what_is_sent_comes_back(kafka_broker, way):
    topic = f"ci_kafka_{way.__name__}"
    client = way(kafka_broker)
    AdminClient(client).list_topics(topic, timeout=30)  # makes it
    send(client, topic, b"alert")
    assert receive(client, topic) == b"alert"


def test_a_wrong_password_is_refused(kafka_broker):
    errors = []
    client = scram(kafka_broker, password="guess")
    admin = AdminClient({**client, "error_cb": errors.append, "log_level": 0})
    with pytest.raises(KafkaException):
        admin.list_topics(timeout=3)
    admin.poll(10)
    assert "SASL authentication error" in str(errors[0])


def test_the_password_is_in_no_log_and_no_repr(kafka_broker):
    log = (kafka_broker.folder / "server.log").read_text()
    assert "Kafka Server started" in log
    assert kafka_broker.password not in log
    assert kafka_broker.password not in repr(kafka_broker)


def test_a_stopped_broker_starts_again_with_what_it_held(kafka_broker, tmp_path):
    # `kafka_broker` is asked for only to skip with it where Kafka cannot be had.
    first = start_broker(tmp_path)
    send(plain(first), "kept", b"alert")
    first.stop()
    assert not first.is_running()
    assert last_broker(tmp_path) == first

    second = start_broker(tmp_path)
    try:
        assert receive(scram(second, password=first.password), "kept") == b"alert"
    finally:
        second.stop()
