"""The puller on a real Kafka: nothing moves on by itself, and nothing is waited for in vain."""

from __future__ import annotations

import uuid

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from skysift.stream.pull import Puller, RefusedError, once_settled
from skysift.stream.security import KafkaSecurity


def send(broker, *values: bytes, topic: str | None = None, partition: int = 0) -> str:
    topic = topic or f"pull_{uuid.uuid4().hex}"
    producer = Producer({"bootstrap.servers": broker.plaintext})
    for value in values:
        producer.produce(topic, value=value, partition=partition)
    assert producer.flush(30) == 0
    return topic


def pulled(puller: Puller, count: int) -> list:
    """Pull until there are so many."""
    found: list = []
    for _ in range(40):
        found += puller.pull(count - len(found), 0.5)
        if len(found) == count:
            return found
    raise AssertionError(f"{len(found)} messages instead of {count}")


def values(messages) -> list[bytes]:
    return [message.value() for message in messages]


def test_what_was_not_committed_comes_again_to_whoever_is_next(kafka_broker):
    topic = send(kafka_broker, b"1", b"2", b"3")
    with Puller(kafka_broker.plaintext, [topic], topic) as puller:
        first = pulled(puller, 3)
        puller.commit(first[:1])
    with Puller(kafka_broker.plaintext, [topic], topic) as puller:
        assert values(pulled(puller, 2)) == [b"2", b"3"]
    with Puller(kafka_broker.plaintext, [topic], f"other-{topic}") as puller:
        assert values(pulled(puller, 3)) == [b"1", b"2", b"3"]


def test_several_partitions_and_topics_are_committed_each_to_its_place(kafka_broker):
    one = send(kafka_broker, b"a", b"b")
    send(kafka_broker, b"c", topic=one, partition=1)
    two = send(kafka_broker, b"d")
    with Puller(kafka_broker.plaintext, [one, two], one) as puller:
        messages = pulled(puller, 4)
        assert sorted(values(messages)) == [b"a", b"b", b"c", b"d"]
        puller.commit(messages)
    send(kafka_broker, b"e", topic=one, partition=1)
    with Puller(kafka_broker.plaintext, [one, two], one) as puller:
        assert values(pulled(puller, 1)) == [b"e"]


def test_the_end_is_met_and_left_behind_again(kafka_broker):
    topic = send(kafka_broker, b"1")
    with Puller(kafka_broker.plaintext, [topic], topic) as puller:
        assert not puller.at_end()
        pulled(puller, 1)
        while not puller.at_end():
            assert puller.pull(1, 0.5) == []
        send(kafka_broker, b"2", topic=topic)
        puller.commit(pulled(puller, 1))
        assert not puller.at_end()


def test_a_topic_that_comes_later_is_found(kafka_broker):
    topic = f"pull_{uuid.uuid4().hex}"
    with Puller(kafka_broker.plaintext, [topic], topic) as puller:
        assert puller.pull(1, 0.1) == []
        send(kafka_broker, b"1", topic=topic)
        while not (found := puller.pull(1, 0.5)):
            puller.find_partitions()
        assert values(found) == [b"1"]


def test_nobody_at_the_address_is_no_answer(monkeypatch):
    monkeypatch.setattr("skysift.stream.pull.CONNECT_SECONDS", 1.0)
    with pytest.raises(ConnectionError, match=r"no answer from Kafka at 127\.0\.0\.1:9"):
        Puller("127.0.0.1:9", ["any"], "any")


def test_a_wrong_password_is_refused(kafka_broker, monkeypatch):
    monkeypatch.setattr("skysift.stream.pull.CONNECT_SECONDS", 5.0)
    security = KafkaSecurity(username=kafka_broker.user, password="wrong")
    with pytest.raises(RefusedError, match="refuses") as told:
        Puller(kafka_broker.sasl, ["any"], "any", security)
    assert "wrong" not in str(told.value)


def failing(*codes):
    """Return a call that fails with these codes, one after the other, and then answers."""
    left = list(codes)

    def ask() -> str:
        if left:
            raise KafkaException(KafkaError(left.pop(0)))
        return "places"

    return ask


def test_while_brokers_agree_on_who_keeps_the_place_it_is_asked_again():
    ask = failing(KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS)
    assert once_settled(ask, seconds=5, every=0.01) == "places"
    with pytest.raises(KafkaException, match=r"authorized|AUTHORIZATION"):
        once_settled(failing(KafkaError.GROUP_AUTHORIZATION_FAILED), seconds=5, every=0.01)
    with pytest.raises(KafkaException, match="oordinator"):
        once_settled(failing(*[KafkaError.NOT_COORDINATOR] * 99), seconds=0.05, every=0.01)
