"""Truth: fastavro reads the container; processes with other hash seeds write the same bytes."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys

import fastavro
import pytest

from skysift.simulate.containers import _long, encode_packet
from skysift.simulate.packets import load_schema

PROGRAM = """
import hashlib
from skysift.simulate import simulate_night
from skysift.simulate.containers import encode_packet
packet, _ = next(simulate_night(1, seed=9))
print(hashlib.sha256(encode_packet(packet)).hexdigest())
"""


@pytest.mark.parametrize("value", [0, 1, 63, 64, 300, 2**20, 2**40])
def test_numbers_are_written_as_fastavro_writes_them(value: int) -> None:
    expected = io.BytesIO()
    fastavro.schemaless_writer(expected, "long", value)
    assert _long(value) == expected.getvalue()


def test_a_container_declares_the_schema_and_holds_one_packet(alerts) -> None:
    reader = fastavro.reader(io.BytesIO(encode_packet(alerts[0][0])))
    assert fastavro.parse_schema(reader.writer_schema) == load_schema()
    assert reader.codec == "null"
    assert [packet["candid"] for packet in reader] == [alerts[0][0]["candid"]]


def test_every_process_writes_the_same_bytes() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2", "3")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 2 * hashlib.sha256().digest_size
