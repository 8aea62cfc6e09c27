"""The Spark session that the job runs in, with the settings that alerts need."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from skysift.stream.java import ensure_java

if TYPE_CHECKING:
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

ROWS_PER_ARROW_BATCH = 128
"""Spark's default is 10,000 rows: 770 MB of ZTF packets in one Python worker at a time."""

LOGGING = Path(__file__).with_name("log4j2.properties")

JIT = "-XX:TieredStopAtLevel=1"
"""Java's quick compiler alone: the JVM only hands rows on, and its optimising compiler took 12 s of
CPU time of a job's start, from the workers that do the work (benchmarks/README.md)."""

BYTES_PER_ARROW_BATCH = 16 * 2**20
"""Heeded by Spark 4.1 and later, where one row may be much larger than a ZTF packet."""


def build_session(*, kafka: bool = False) -> SparkSession:
    """Start Spark on all cores, or join the session there is, which then gets these settings.

    Python workers run the interpreter that runs this, with one compute thread each.

    Parameters
    ----------
    kafka : bool
        Load Spark's Kafka connector, which Spark fetches from Maven Central the first time.
    """
    conf = _configured(_settings("local[*]", 1) | _settings_of_sql(kafka))
    from pyspark.sql import SparkSession

    return SparkSession.builder.config(conf=conf).getOrCreate()


def build_context(*, master: str, threads: int) -> SparkContext:
    """Start Spark for jobs that need no SQL, or join the one there is as it is.

    Python workers run the interpreter that runs this.

    Parameters
    ----------
    master : str
        Where Spark runs, unless its own configuration (``spark-submit --master``) says.
    threads : int
        Compute threads of a Python worker.
    """
    conf = _configured(_settings(master, threads))
    from pyspark import SparkContext

    return SparkContext.getOrCreate(conf)


def hush() -> None:
    """Let Spark end without a word: of workers that still load networks it would tell as errors."""
    from pyspark.sql import SparkSession

    spark = SparkSession.getActiveSession()
    if spark is not None:
        spark.sparkContext.setLogLevel("OFF")


def _configured(settings: dict[str, str]) -> SparkConf:
    """Spark's own configuration, and of these settings what it does not say."""
    ensure_java()
    from pyspark import SparkConf

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    conf = SparkConf()
    for key, value in settings.items():
        conf.setIfMissing(key, value)
    return conf


def _settings(master: str, threads: int) -> dict[str, str]:
    return {
        "spark.app.name": "skysift",
        "spark.master": master,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": f"{JIT} -Dlog4j2.configurationFile={LOGGING.as_uri()}",
        "spark.executorEnv.OMP_NUM_THREADS": str(threads),
        "spark.executorEnv.SKYSIFT_THREADS": str(threads),
        "spark.executorEnv.TF_CPP_MIN_LOG_LEVEL": "3",
    }


def _settings_of_sql(kafka: bool) -> dict[str, str]:
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(ROWS_PER_ARROW_BATCH),
        "spark.sql.execution.arrow.maxBytesPerBatch": str(BYTES_PER_ARROW_BATCH),
    }
    if kafka:
        settings["spark.jars.packages"] = kafka_package()
    return settings


def kafka_package() -> str:
    """Maven coordinates of the Kafka connector that belongs to the installed Spark."""
    import pyspark

    scala = "2.13" if pyspark.__version__ >= "4" else "2.12"
    return f"org.apache.spark:spark-sql-kafka-0-10_{scala}:{pyspark.__version__}"
