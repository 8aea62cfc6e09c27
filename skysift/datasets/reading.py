"""Alerts of many files, some hundred at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from skysift.alerts.batch import AlertBatch
from skysift.alerts.columns import SURVEYS, source_paths
from skysift.alerts.decode import REQUIRED, decode
from skysift.alerts.payloads import Payload, iter_payloads
from skysift.datasets.exclusions import Exclusions
from skysift.models._fitting.read_ahead import ahead

SURVEY = "ztf"
CHUNK_BYTES = 16 * 2**20
"""Of packets decoded together: some 300 of ZTF's."""

CHUNKS_AHEAD = 2
"""Read and decompressed by another thread meanwhile."""

UNDECODABLE, OTHER_SURVEY = "undecodable", "of_another_survey"
NOT_HARVESTED = (UNDECODABLE, OTHER_SURVEY)
"""Why alerts are left out before anything else is asked of them."""


def iter_batches(
    paths: Iterable[Path],
    columns: Iterable[str],
    exclusions: Exclusions,
    *,
    survey: str = SURVEY,
) -> Iterator[AlertBatch]:
    """Yield the alerts of files and folders, in an order that never changes.

    Parameters
    ----------
    paths : iterable of Path
    columns : iterable of str
        Alert columns that will be asked for.
    exclusions : Exclusions
        Told of what is no alert of the survey.
    survey : str
        Whose alerts are wanted: ``ztf`` or ``lsst``.

    Raises
    ------
    FileNotFoundError
        If there is nothing at a path.
    """
    columns = tuple(columns)
    wanted = {of: (*REQUIRED, *columns) if of == survey else REQUIRED for of in SURVEYS}
    fields = [path for of, names in wanted.items() for path in source_paths(names, of)]
    payloads = chain.from_iterable(iter_payloads(path, columns=fields) for path in paths)
    for chunk in ahead(_chunks(payloads), depth=CHUNKS_AHEAD):
        decoded = decode(chunk, columns)
        exclusions.add(UNDECODABLE, (f"{d.source}#{d.offset}: {d.reason}" for d in decoded.dead))
        for alerts in decoded.alerts:
            if alerts.batch.survey == survey:
                yield alerts.batch
            else:
                exclusions.add(OTHER_SURVEY, alerts.batch.column("alert_id"))


def _chunks(payloads: Iterable[Payload]) -> Iterator[list[Payload]]:
    """Group payloads up to CHUNK_BYTES."""
    chunk: list[Payload] = []
    size = 0
    for payload in payloads:
        chunk.append(payload)
        size += len(payload.data)
        if size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
