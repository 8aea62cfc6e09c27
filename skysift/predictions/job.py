"""The Spark job: images handed out to workers, rows gathered into one table."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from skysift.predictions.looker import CONTENT, PATH, Looker
from skysift.predictions.table import check_output, write_table
from skysift.predictions.wanted import Wanted
from skysift.stream.session import build_session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

AT_ONCE = 256
"""Rows of a catalog that are one piece of work."""

OPEN_COST = "512k"
"""What Spark reckons a file with besides its bytes: pieces of some hundred small images."""

LOOK_SECONDS = 0.5
"""How often it is looked how far the job is."""

GROUP = "skysift-predict-{number}"
"""Name of a run's jobs, whose tasks are counted; a process may have several runs."""

_numbers = count(1)


def predict(
    wanted: Wanted,
    looker: Looker,
    output: Path,
    progress: Callable[[int, int], None] | None = None,
) -> pa.Table:
    """Look at images and write a row for each; a file is there whole or not at all.

    Parameters
    ----------
    wanted : Wanted
    looker : Looker
    output : Path
        Parquet, CSV or HDF5, by its ending; see `table.write_table`.
    progress : callable, optional
        Called with how many images are done, about, and how many there are.

    Returns
    -------
    pyarrow.Table
        The rows: of a catalog in its order, of a folder in the order of the files' names.

    Raises
    ------
    ValueError
        If the file's ending is none that is written.
    RuntimeError
        If rows were lost, as when files vanish while they are looked at.
    """
    check_output(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    spark = build_session()
    with _scratch(output) as folder:
        images = _files(spark, wanted) if wanted.galaxies is None else _rows(spark, wanted, folder)
        rows = images.mapInArrow(looker, _struct(looker.schema))
        done = folder / "rows"
        run(spark, lambda: rows.write.parquet(_hadoop(done)), wanted.count, progress)
        table = pq.read_table(done, schema=looker.schema)
    if len(table) != wanted.count:
        raise RuntimeError(
            f"{len(table):,} rows came of {wanted.count:,} images: {wanted.root} has changed "
            "meanwhile; run it again"
        )
    table = table.sort_by([("place", "ascending"), ("file", "ascending")]).drop(["place"])
    write_table(table, looker.tree, output)
    return table


def _files(spark: SparkSession, wanted: Wanted) -> DataFrame:
    """Have Spark read all images of a folder."""
    spark.conf.set("spark.sql.files.openCostInBytes", OPEN_COST)
    source = spark.read.format("binaryFile").option("pathGlobFilter", wanted.pattern)
    source = source.option("recursiveFileLookup", "true")
    return source.load(_hadoop(wanted.root)).select(PATH, CONTENT)


def _rows(spark: SparkSession, wanted: Wanted, folder: Path) -> DataFrame:
    """Have Spark hand out the rows of a catalog, whose images workers read themselves."""
    assert wanted.galaxies is not None
    names = folder / "names"
    names.mkdir()
    pq.write_table(pa.Table.from_pandas(wanted.galaxies, preserve_index=False),
                   names / "names.parquet")  # fmt: skip
    pieces = math.ceil(wanted.count / AT_ONCE)
    return spark.read.parquet(_hadoop(names)).repartition(pieces)


def run(
    spark: SparkSession,
    action: Callable[[], object],
    of: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Run a job of Spark's on a thread of its own; what it raises is raised.

    Parameters
    ----------
    spark : SparkSession
    action : callable
        Starts the job and waits for it.
    of : int
        How much there is to do.
    progress : callable, optional
        Called now and then with how much is done, about, and `of`.
    """
    from pyspark import InheritableThread

    context, group = spark.sparkContext, GROUP.format(number=next(_numbers))
    trouble: list[BaseException] = []

    def run() -> None:
        context.setJobGroup(group, "skysift predict", interruptOnCancel=True)
        try:
            action()
        except BaseException as error:  # raised below, where somebody hears it
            trouble.append(error)

    thread = InheritableThread(target=run, name=group, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(LOOK_SECONDS)
            if progress is not None:
                progress(int(_share_done(spark, group) * of), of)
    except BaseException:
        context.cancelJobGroup(group)
        raise
    if trouble:
        raise trouble[0]


def _share_done(spark: SparkSession, group: str) -> float:
    """Tell the share of the tasks of a group's jobs that are done."""
    tracker = spark.sparkContext.statusTracker()
    jobs = filter(None, (tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(group)))
    stages = [tracker.getStageInfo(stage) for job in jobs for stage in job.stageIds]
    known = [stage for stage in stages if stage is not None]
    tasks = sum(stage.numTasks for stage in known)
    return sum(stage.numCompletedTasks for stage in known) / tasks if tasks else 0.0


def _struct(schema: pa.Schema) -> StructType:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)


def _hadoop(path: Path) -> str:
    """Name a local path so that nothing in it is taken for a pattern."""
    return "file://" + re.sub(r"([\\\[\]{}*?])", r"\\\1", str(path.resolve()))


@contextmanager
def _scratch(output: Path) -> Iterator[Path]:
    """Make a folder beside the output, and take it away at the end."""
    folder = output.with_name(f".{output.name}.rows")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
