"""Scoring without a stream: a path with alerts in, one Parquet table out, no Spark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from skysift.alerts.decode import DeadLetter, DecodedAlerts, decode
from skysift.alerts.payloads import Payload, iter_payloads
from skysift.stream.plan import Plan
from skysift.stream.rows import arrow_schema, to_record_batch
from skysift.whole import whole

IDENTITY = {"candid": "bigint", "objectId": "string", "alert_id": "bigint", "jd": "double"}
"""Columns that say which alert a score belongs to; `candid` where the survey has it."""

PAYLOADS_AT_ONCE = 256
BYTES_AT_ONCE = 32 * 2**20


@dataclass
class ScoreReport:
    """What was scored.

    Attributes
    ----------
    alerts : int
        Rows written.
    statuses : dict of str to Counter
        Of each module, how many alerts got which status.
    dead : list of DeadLetter
        Records that could not be decoded, without their bytes.
    """

    alerts: int = 0
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    dead: list[DeadLetter] = field(default_factory=list)


def score_path(
    path: Path, plan: Plan, output: Path, progress: Callable[[ScoreReport], None] | None = None
) -> ScoreReport:
    """Score every alert of a path and write one row an alert, repeats kept.

    Parameters
    ----------
    path : Path
        An alert file, a folder, a nightly tarball or Parquet.
    plan : Plan
        The modules to run.
    output : Path
        The Parquet file; it appears under this name only when it is complete.
    progress : callable, optional
        Told the report so far after each chunk.

    Returns
    -------
    ScoreReport
    """
    report = ScoreReport()
    fields = _fields(plan)
    output.parent.mkdir(parents=True, exist_ok=True)
    schema = arrow_schema(fields, plan.structs)
    with whole(output) as part, pq.ParquetWriter(part, schema) as writer:
        for payloads in _chunks(iter_payloads(path)):
            decoded = decode(payloads, plan.columns)
            _note_dead(report, decoded.dead)
            for alerts in decoded.alerts:
                _score(alerts, plan, report, writer, fields)
            if progress is not None:
                progress(report)
    return report


def _fields(plan: Plan) -> dict[str, str]:
    return {name: kind for name, kind in IDENTITY.items() if name in {*plan.kept, "alert_id"}}


def _score(
    alerts: DecodedAlerts,
    plan: Plan,
    report: ScoreReport,
    writer: pq.ParquetWriter,
    fields: dict[str, str],
) -> None:
    batch = alerts.batch
    if batch.survey != plan.survey:
        reason = f"an alert of {batch.survey} among alerts of {plan.survey}; use --survey"
        _note_dead(report, alerts.as_dead_letters(reason))
        return
    for module in plan.modules:
        scored = module.annotate(batch, **plan.settings.get(module.name, {}))
        report.statuses.setdefault(module.name, Counter()).update(scored["status"].tolist())
    columns = {name: batch.column(name) for name in [*fields, *plan.structs]}
    writer.write_batch(to_record_batch(columns, arrow_schema(fields, plan.structs), len(batch)))
    report.alerts += len(batch)


def _note_dead(report: ScoreReport, letters: list[DeadLetter]) -> None:
    report.dead += [DeadLetter(d.source, d.offset, d.reason, b"") for d in letters]


def _chunks(payloads: Iterator[Payload]) -> Iterator[list[Payload]]:
    """Group payloads so that neither their number nor their bytes grow large."""
    chunk: list[Payload] = []
    size = 0
    for payload in payloads:
        chunk.append(payload)
        size += len(payload.data)
        if len(chunk) >= PAYLOADS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
