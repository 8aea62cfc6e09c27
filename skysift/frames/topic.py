"""Detections as messages of a Kafka topic, in the form of all topics of skysift.

The value is schemaless Avro, the key its schema as JSON. A detection is its row of the table, a
struct `tails` of the form that alerts get from the science module of that name, and three stamps as
alerts have them. Sent again, a message has the same ``alert_id``, and subscribers keep the first.
"""

from __future__ import annotations

import gzip
import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from astropy.io import fits
from confluent_kafka import KafkaError, KafkaException, Producer

from skysift import __version__
from skysift.alerts.encode import avro_schema, encode_row
from skysift.stream.kafka import SCHEME, KafkaAddress
from skysift.stream.received import ALERT_ID_HEADER
from skysift.stream.security import KafkaSecurity
from skysift.stream.subscribe import CONNECT_SECONDS
from skysift.stream.wire import fingerprint

TOPIC = "skysift_comets_ztf"

STAMPS = ("cutoutScience", "cutoutTemplate", "cutoutDifference")
"""ZTF's names, in the order of a triplet's images."""

SIDE = 63
"""Of a stamp [px], as in ZTF's alerts."""

SEND_SECONDS = 60
"""How long Kafka may take to keep what it was sent."""

AT_ONCE = 500
"""Messages on their way, some 20 MB."""

STAMP = pa.struct({"fileName": pa.string(), "stampData": pa.binary()})
SCORES = {"score": "p", "x": "x", "y": "y", "ra": "ra", "dec": "dec", "version": "tails_v"}
"""Of the struct `tails`: its fields, and the columns that they are."""


class CometTopic:
    """The topic of a cluster.

    Parameters
    ----------
    servers : str
        ``HOST:PORT``, several of them with commas between.
    security : KafkaSecurity, optional
        Log-in and encryption.

    Attributes
    ----------
    name : str
        What tells it from other places that detections are sent to.

    Raises
    ------
    ValueError
        If the servers are no addresses.
    """

    def __init__(self, servers: str, security: KafkaSecurity | None = None) -> None:
        self.servers = KafkaAddress.parse(SCHEME + servers).servers
        self.name = f"{SCHEME}{servers}/{TOPIC}"
        self._security = security or KafkaSecurity()

    def send(self, night: Path, rows: pa.Table) -> dict[str, str]:
        """Send detections of a night; when the call returns, Kafka has them all.

        Parameters
        ----------
        night : Path
            Its folder: the triplets lie in it.
        rows : pyarrow.Table
            Of `table.DETECTIONS`.

        Returns
        -------
        dict
            Frames of which a detection has no triplet that could be read, and why.

        Raises
        ------
        ConnectionError
            If Kafka does not answer, or refuses.
        """
        said: list[KafkaError] = []
        lost: list[KafkaError] = []
        refused: dict[str, str] = {}

        def delivered(error: KafkaError | None, _: object) -> None:
            if error is not None:
                lost.append(error)

        try:
            producer = self._connected(said)
            for at in range(rows.num_rows):
                row = rows.slice(at, 1)
                try:
                    made = message(night, row)
                except (OSError, ValueError) as error:
                    refused[row["id"][0].as_py()] = str(error)
                    continue
                producer.produce(TOPIC, on_delivery=delivered, **made)
                if len(producer) >= AT_ONCE:
                    producer.flush(SEND_SECONDS)
            left = producer.flush(SEND_SECONDS + 1)
        except (KafkaException, BufferError) as error:
            why = said[0].str() if said else str(error)
            raise ConnectionError(f"no answer from Kafka at {self.servers}: {why}") from None
        if left or lost:
            why = (*lost, *said)[0].str() if lost or said else "no answer"
            raise ConnectionError(f"Kafka at {self.servers} does not take detections: {why}")
        return refused

    def _connected(self, said: list[KafkaError]) -> Producer:
        """Connect, or raise; what the client complains of is noted, and logged nowhere else."""
        settings = {
            "bootstrap.servers": self.servers,
            "enable.idempotence": True,
            "message.timeout.ms": SEND_SECONDS * 1000,
            "error_cb": said.append,
            "log_level": 0,
            **self._security.for_client(),
        }
        producer = Producer(settings)
        try:
            producer.list_topics(timeout=CONNECT_SECONDS)
        finally:
            producer.poll(0)  # lets the client say why
        return producer


def message(night: Path, row: pa.Table) -> dict[str, Any]:
    """Make the message of a detection: ``key``, ``value`` and ``headers``.

    The header ``alert_id`` is the detection's `candid` as a number (the first 63 bits of its
    SHA-256), which subscribers know repeats by; `candid` itself is a header too.

    Parameters
    ----------
    night : Path
        Folder of its night.
    row : pyarrow.Table (1,)
        Of `table.DETECTIONS`.

    Raises
    ------
    OSError, ValueError
        If its triplet is missing or broken.
    """
    row = _with_stamps(row, night)
    schema, candid = avro_schema(row.schema), row["candid"][0].as_py()
    headers = {
        ALERT_ID_HEADER: str(alert_id(candid)),
        "candid": candid,
        "schema": fingerprint(schema),
        "skysift": __version__,
    }
    return {"key": schema.encode(), "value": encode_row(row, 0), "headers": headers}


def alert_id(candid: str) -> int:
    """Make a number of a detection's `candid`, the same each time.

    Examples
    --------
    >>> alert_id("ztf_20191014495961_000570_zr_c05_o_q3_0")
    369633035391603078
    """
    return int.from_bytes(hashlib.sha256(candid.encode()).digest()[:8], "big") >> 1


def _with_stamps(row: pa.Table, night: Path) -> pa.Table:
    """Add `objectId`, the struct `tails` and the stamps to one detection."""
    values = row.to_pylist()[0]
    tails = {name: values[column] for name, column in SCORES.items()} | {"status": "ok"}
    kinds = {name: row.schema.field(column).type for name, column in SCORES.items()}
    row = row.append_column("objectId", row["candid"])
    kind = pa.struct({**kinds, "status": pa.string()})
    row = row.append_column("tails", pa.array([tails], kind))
    images = np.load(night / values["id"] / values["cutouts"])
    for number, name in enumerate(STAMPS):
        stamp = {
            "fileName": f"{values['candid']}_{name}.fits.gz",
            "stampData": _encoded(_middle(images[..., number])),
        }
        row = row.append_column(name, pa.array([stamp], STAMP))
    return row


def _middle(image: np.ndarray) -> np.ndarray:
    """Cut a stamp out of a cutout, and lay it as ZTF's stamps lie: rows go south."""
    top, left = (length // 2 - SIDE // 2 for length in image.shape)
    return image[top : top + SIDE, left : left + SIDE][::-1]


def _encoded(image: np.ndarray) -> bytes:
    """FITS file of an image, compressed by gzip without a time stamp."""
    file = io.BytesIO()
    fits.PrimaryHDU(image.astype(np.float32)).writeto(file)
    return gzip.compress(file.getvalue(), mtime=0)
