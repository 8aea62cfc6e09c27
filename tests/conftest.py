"""What tests share: the folder of real data, a Spark session, a Kafka broker."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from pyspark.sql import SparkSession

from ci.kafka import Broker, start_broker
from ci.kafka_jars import KafkaUnavailable
from skysift.stream.java import ensure_java
from skysift.stream.session import JIT

ROOT = Path(__file__).parents[1]

# A busy machine is no failure; and CI tries the same examples every time, so that what it refuses
# can be seen again.
hypothesis.settings.register_profile("skysift", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("skysift")

# Scores are compared to the last digits; what half precision does has tests of its own.
os.environ["SKYSIFT_PRECISION"] = "float32"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real alerts, galaxies and weights beside the project."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real data: ../shared/data is not beside the project")
    return folder


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Return a Spark of two threads in this process, whose workers run this Python."""
    ensure_java()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    session = (
        SparkSession.builder.master("local[2]")
        .appName("skysift tests")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.extraJavaOptions", JIT)
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Return a real, empty Kafka on this machine; tests give their topics names of their own."""
    try:
        broker = start_broker(tmp_path_factory.mktemp("kafka"))
    except KafkaUnavailable as reason:
        pytest.skip(f"no Kafka: {reason}")
    yield broker
    broker.stop()
