"""What a job has found so far: read back from what it wrote, so a restart tells it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import fastavro
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds


def read_routed(annotated: Path) -> pd.DataFrame:
    """Read the alerts that went to some topic.

    Parameters
    ----------
    annotated : Path
        Folder of a job's annotated Parquet.

    Returns
    -------
    DataFrame
        One row an alert; `topics` holds lists, each module's struct is flattened to
        ``module.output``.
    """
    if not annotated.exists():
        return pd.DataFrame({"topics": []})
    # the batch folders are no column; Spark's temporary files start with an underscore
    table = ds.dataset(annotated, format="parquet", partitioning=None).to_table(
        filter=pc.list_value_length(pc.field("topics")) > 0
    )
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table.to_pandas()


def topic_counts(routed: pd.DataFrame) -> Counter[str]:
    """Count the alerts of each topic."""
    return Counter(topic for topics in routed["topics"] for topic in topics)


def top_candidates(
    routed: pd.DataFrame, n: int, judges: Mapping[str, Collection[str]]
) -> pd.DataFrame:
    """Pick the best alert of each of the n best objects.

    An alert is as good as its place in one of its topics, by the score of those who judge there:
    scores of different modules do not compare, and one is a probability where another is a
    percentile. So the best of every topic come first. What no such score stands behind comes last.

    Parameters
    ----------
    routed : DataFrame
        From `read_routed`.
    n : int
    judges : mapping of str to collection of str
        The modules that the filter of each topic looks at.
    """
    place = pd.Series(np.inf, routed.index)
    for topic, modules in judges.items():
        scores = [name for name in (f"{module}.score" for module in modules) if name in routed]
        inside = routed["topics"].map(lambda topics, topic=topic: topic in topics).astype(bool)
        if scores and inside.any():
            worth = routed.loc[inside, scores].astype(float).max(axis=1)
            place[inside] = np.fmin(place[inside], worth.rank(ascending=False, method="first"))
    ranked = routed.assign(_place=place).sort_values("_place", kind="stable")
    return ranked.drop_duplicates("objectId").drop(columns="_place").head(n)


def find_alerts(topics: Path, alert_ids: set[int]) -> Iterator[dict[str, Any]]:
    """Read alerts back from topic folders, each once.

    Parameters
    ----------
    topics : Path
        Folder that holds a folder of Avro containers a topic.
    alert_ids : set of int
        The ``candid`` or ``diaSourceId`` of each.
    """
    wanted = set(alert_ids)
    for path in sorted(topics.glob("*/*.avro")):
        if not wanted:
            return
        with path.open("rb") as file:
            for alert in cast("Iterator[dict[str, Any]]", fastavro.reader(file)):
                number = alert.get("candid", alert.get("diaSourceId"))
                if number in wanted:
                    wanted.discard(number)
                    yield alert
