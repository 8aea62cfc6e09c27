"""Listeners that are killed anywhere: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pandas as pd
import pytest
from confluent_kafka import Producer

from skysift.alerts.decode import decode
from skysift.alerts.payloads import iter_payloads
from skysift.campaigns.store import read_pool

ROOT = Path(__file__).parents[2]
WHENS = ("half-2", "kept-1", "sign-2", "never")
KILLED = [-signal.SIGKILL] * 3 + [0]


def listen_killed(source: object, pool: Path) -> list[int]:
    """Listen again and again; return how each process ended."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.campaigns.killed_listener", str(source), pool, *WHENS],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    return list(map(int, said.split()))


def is_whole(pool: Path, truth: pd.DataFrame) -> None:
    """Check that each alert is there once, in its night, with its features and its packet."""
    table = read_pool(pool)
    assert sorted(table["candid"]) == sorted(truth["candid"])
    assert dict(zip(table["candid"], table["objectId"], strict=True)) == dict(
        zip(truth["candid"], truth["objectId"], strict=True)
    )
    assert table["ndets"].notna().all()
    decoded = decode(list(iter_payloads(pool)), [])
    packets = [int(n) for alerts in decoded.alerts for n in alerts.batch.column("candid")]
    assert sorted(packets) == sorted(truth["candid"]) and not decoded.dead
    nights = [pd.to_datetime(jd, unit="D", origin="julian").date() for jd in table["jd"]]
    folders = {path.parent.name for path in pool.rglob("*.parquet")}
    assert folders == {f"night={night}" for night in nights}


def test_kill_9_of_a_listener_to_a_folder(night, truth, tmp_path):
    assert listen_killed(night / "packets", tmp_path / "pool") == KILLED
    is_whole(tmp_path / "pool", truth)


@pytest.fixture
def topic(kafka_broker, night) -> str:
    """Return the address of a topic with the night's packets, as ZTF sends them: containers."""
    name = f"ztf_{uuid.uuid4().hex}"
    producer = Producer({"bootstrap.servers": kafka_broker.plaintext})
    for number, packet in enumerate(sorted((night / "packets").glob("*.avro"))):
        producer.produce(name, value=packet.read_bytes(), partition=number % 2)
    assert producer.flush(60) == 0
    return f"kafka://{kafka_broker.plaintext}/{name}"


def test_kill_9_of_a_listener_to_kafka(topic, truth, tmp_path):
    assert listen_killed(topic, tmp_path / "pool") == KILLED
    is_whole(tmp_path / "pool", truth)


def test_the_command_is_killed_goes_on_and_is_stopped(topic, truth, tmp_path):
    pool = tmp_path / "pool"
    command = [sys.executable, "-m", "skysift", "learn", "vra", "listen"]
    command += ["--source", topic, "--output", str(pool)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(pool.rglob("*.parquet")):
            time.sleep(0.01)
        process.kill()
    kept = len(read_pool(pool))
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and len(read_pool(pool)) < len(truth):
            time.sleep(0.1)
        process.terminate()
        told = process.communicate(timeout=60)[1]
    assert process.returncode == 0
    assert f"{len(truth) - kept} new" in told
    is_whole(pool, truth)
