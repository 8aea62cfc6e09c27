"""The Apache Kafka server's jars, and the command that runs a class of them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pyspark

from skysift.stream.java import JavaNotFoundError, ensure_java

VERSION = "4.1.1"
FETCH_SECONDS = 300.0

# The server, and the bridge that lets it write a log; the bridge's version is log4j's of Kafka 4.1.
_PACKAGES = (
    f"org.apache.kafka:kafka_2.13:{VERSION},org.apache.logging.log4j:log4j-slf4j-impl:2.24.3"
)

# Kafka's messages go to one file; a small heap and the plain collector suit two cores.
_JVM = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-Dorg.apache.logging.log4j.level=INFO")


class KafkaUnavailable(RuntimeError):
    """Kafka cannot be had on this machine: no Java, or its jars cannot be fetched."""


def java_command() -> list[str]:
    """Return the command that runs a class of the Kafka server, fetching the jars at first."""
    try:
        java = ensure_java()
    except JavaNotFoundError as error:
        raise KafkaUnavailable(str(error)) from error
    jars = fetch_jars()
    # The resolver leaves out Scala's library, which Spark brings itself.
    scala = next(Path(pyspark.__file__).with_name("jars").glob("scala-library-*.jar"))
    return [str(java / "bin" / "java"), *_JVM, "-cp", f"{jars}/*{os.pathsep}{scala}"]


def fetch_jars() -> Path:
    """Return the folder of the Kafka server's jars; Spark's resolver fills it at first use.

    Raises
    ------
    KafkaUnavailable
        If the resolver cannot get them, with its first complaint.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "skysift"
    jars = cache / f"kafka-{VERSION}"
    if jars.is_dir():
        return jars
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        _resolve(Path(scratch))
        if not jars.is_dir():  # else another process was faster
            (Path(scratch) / "jars").rename(jars)
    return jars


def _resolve(scratch: Path) -> None:
    """Run Spark's resolver; what it starts afterwards, Kafka's storage tool, proves the jars."""
    submit = Path(pyspark.__file__).with_name("bin") / "spark-submit"
    command = [
        str(submit), "--packages", _PACKAGES,
        "--conf", f"spark.jars.ivy={scratch}",
        "--class", "kafka.tools.StorageTool", "spark-internal", "random-uuid",
    ]  # fmt: skip
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise KafkaUnavailable(f"Kafka's jars did not come in {FETCH_SECONDS:.0f} s") from error
    if run.returncode != 0:
        lines = [line.strip() for line in run.stderr.splitlines() if line.strip()]
        told = (line for line in lines if "rror" in line or "not found" in line)
        reason = next(told, lines[-1] if lines else "no word why")
        raise KafkaUnavailable(f"Kafka's jars cannot be fetched: {reason}")
