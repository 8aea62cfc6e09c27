"""Kafka as the job's source and sink, through Spark's own connector."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from skysift import __version__
from skysift.alerts.payload import Kind, Payload
from skysift.stream.wire import fingerprint

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

SCHEME = "kafka://"
MESSAGES_PER_BATCH = 3000
"""About 240 MB of ZTF packets in one micro-batch."""

CONTAINER_MAGIC = b"Obj\x01"


@dataclass(frozen=True)
class KafkaAddress:
    """``kafka://HOST:PORT[,HOST:PORT…][/TOPIC[,TOPIC…]]``."""

    servers: str
    topics: str | None

    @classmethod
    def parse(cls, url: str) -> KafkaAddress:
        """Read an address.

        Raises
        ------
        ValueError
            If it is not of that form.
        """
        match = re.fullmatch(r"kafka://([^/\s]+:\d+)(?:/([\w.,*-]+))?/?", url)
        if not match:
            raise ValueError(f"{url!r} is not a Kafka address of the form kafka://HOST:PORT/TOPIC")
        return cls(match[1], match[2])


def is_kafka(place: str) -> bool:
    """Tell a Kafka address from a path."""
    return place.startswith(SCHEME)


def read_messages(
    spark: SparkSession, address: KafkaAddress, security: Mapping[str, str]
) -> DataFrame:
    """Stream the messages of one or more topics, from the earliest on."""
    options = {
        "kafka.bootstrap.servers": address.servers,
        "subscribe": address.topics or "",
        "startingOffsets": "earliest",
        "maxOffsetsPerTrigger": str(MESSAGES_PER_BATCH),
        # A topic that expired under a job that was down must not keep it down.
        "failOnDataLoss": "false",
        **security,
    }
    rows = spark.readStream.format("kafka").options(**options).load()
    return rows.select("value", "key", "topic", "partition", "offset")


def unpack_messages(batch: pa.RecordBatch) -> Iterator[list[Payload]]:
    """Make payloads of Kafka messages: container files, or records with their schema as key.

    The source of each is ``kafka:TOPIC/PARTITION@OFFSET``, so that the alerts of a message that
    holds several are told apart by their number in it.
    """
    yield [message_payload(**row) for row in batch.to_pylist()]


def message_payload(
    value: bytes | None, key: bytes | None, topic: str, partition: int, offset: int
) -> Payload:
    """Make a payload of one Kafka message; see `unpack_messages`."""
    data = value or b""
    kind: Kind = "ocf" if data.startswith(CONTAINER_MAGIC) else "record"
    return Payload(kind, data, key, f"kafka:{topic}/{partition}@{offset}", 0)


def write_alerts(alerts: DataFrame, servers: str, security: Mapping[str, str]) -> None:
    """Send annotated alerts, each to every topic it was routed to, in one write.

    Parameters
    ----------
    alerts : DataFrame
        Rows of the job's stage that have topics.
    servers : str
        Kafka's bootstrap servers.
    security : mapping
        Spark's ``kafka.…`` options for authentication and encryption.
    """
    from pyspark.sql import functions as F

    named = F.udf(fingerprint, "string")
    messages = alerts.select(
        F.explode("topics").alias("topic"),
        F.col("schema").cast("binary").alias("key"),
        "value",
        _headers(
            {
                "alert_id": F.col("alert_id").cast("string"),
                "schema": named("schema"),
                "skysift": F.lit(__version__),
            }
        ),
    )
    _send(messages, servers, security)


def write_dead_letters(
    letters: DataFrame, servers: str, security: Mapping[str, str], topic: str
) -> None:
    """Send what could not be decoded, as it came, with reason, source and offset as headers."""
    from pyspark.sql import functions as F

    headers = {name: F.col(name).cast("string") for name in ("reason", "source", "offset")}
    _send(
        letters.select(F.lit(topic).alias("topic"), "value", _headers(headers)), servers, security
    )


def _headers(values: Mapping[str, Column]) -> Column:
    from pyspark.sql import functions as F

    pairs = [
        F.struct(F.lit(name).alias("key"), value.cast("binary").alias("value"))
        for name, value in values.items()
    ]
    return F.array(*pairs).alias("headers")


def _send(messages: DataFrame, servers: str, security: Mapping[str, str]) -> None:
    options = {"kafka.bootstrap.servers": servers, **security}
    messages.write.format("kafka").options(**options).save()
