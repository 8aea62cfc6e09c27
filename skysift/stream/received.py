"""One message of a topic as an alert: ours, or any whose key is the Avro schema of its value."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import fastavro
from confluent_kafka import Message

ALERT_ID_HEADER = "alert_id"
ALERT_ID_FIELDS = ("candid", "diaSourceId")
"""What identifies an alert of ZTF, or of LSST, where no header does."""


@dataclass(frozen=True)
class Received:
    """One alert.

    Attributes
    ----------
    topic : str
    alert_id : int
        ``candid`` or ``diaSourceId``.
    alert : dict
        The decoded alert, with the structs of the science modules.
    key : str
        The Avro schema that it was decoded with, as JSON.
    record : bytes
        The alert as it came, schemaless Avro.
    headers : dict of str to str
        What else the sender says of it, such as the version of skysift.
    """

    topic: str
    alert_id: int
    alert: dict[str, Any]
    key: str
    record: bytes
    headers: dict[str, str]


def decode(message: Message) -> Received:
    """Decode a message whose key is the Avro schema of its value.

    Raises
    ------
    ValueError
        If it has no key, no value or no id, or bytes left over.
    Exception
        Whatever `fastavro` raises on bytes that do not fit the schema.
    """
    topic, key, value = message.topic(), message.key(), message.value()
    if not (topic and key and value):
        raise ValueError("no key with a schema" if value else "no value")
    body = io.BytesIO(value)
    alert: Any = fastavro.schemaless_reader(body, _schema(key), None)
    if body.tell() != len(value):
        raise ValueError(f"{len(value) - body.tell()} bytes left over: not of the key's schema")
    headers = {name: _text(content) for name, content in dict(message.headers() or []).items()}
    return Received(topic, _alert_id(alert, headers), alert, key.decode(), value, headers)


def _alert_id(alert: Any, headers: dict[str, str]) -> int:
    if ALERT_ID_HEADER in headers:
        return int(headers[ALERT_ID_HEADER])
    for field in ALERT_ID_FIELDS:
        if isinstance(alert.get(field), int):
            return alert[field]
    raise ValueError(f"no alert id: neither a header {ALERT_ID_HEADER} nor {ALERT_ID_FIELDS}")


@lru_cache(maxsize=64)
def _schema(key: bytes) -> Any:
    """Parse a schema, once however many alerts come with it."""
    return fastavro.parse_schema(json.loads(key))


def _text(content: bytes | str | None) -> str:
    return content.decode() if isinstance(content, bytes) else content or ""
