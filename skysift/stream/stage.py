"""The one Python stage of the job: bytes in; scored, filtered, encoded alerts out.

Runs in Spark's Python workers: in the file source itself (`skysift.stream.source`), or under
``mapInArrow`` behind Kafka's. It knows no module and no filter by name: the plan brings them. Each
alert that arrives leaves as one row, a scored alert or a dead letter.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from skysift.alerts.batch import AlertBatch
from skysift.alerts.decode import DeadLetter, DecodedAlerts, decode
from skysift.alerts.payloads import Payload
from skysift.filters import Filter
from skysift.science_modules._worker import settle
from skysift.stream.plan import Plan
from skysift.stream.rows import arrow_schema, to_record_batch
from skysift.stream.wire import annotated_schema, append_structs

log = logging.getLogger(__name__)

ROUTING = {
    "row": "string",
    "alert_id": "bigint",
    "source": "string",
    "offset": "bigint",
    "topics": "array<string>",
    "schema": "string",
    "value": "binary",
    "reason": "string",
}
"""Columns of every row beside the alert's own: where it came from and where it goes.

`row` names the row within the stream; `schema` and `value` are the annotated alert, present where
there are topics, and in a dead letter `value` holds the bytes as they came and `reason` says why.
"""

Chunks = Iterator[list[Payload]]


class Stage:
    """Turns batches of payloads into Arrow batches of annotated alerts.

    Parameters
    ----------
    plan : Plan
        What to run.
    unpack : callable
        Makes lists of payloads out of one of the source's batches: Kafka's messages in Arrow, the
        path of a spooled unit.
    """

    def __init__(self, plan: Plan, unpack: Callable[[Any], Chunks]) -> None:
        self.plan = plan
        self.unpack = unpack

    @property
    def ddl(self) -> str:
        """SQL schema of the rows that leave."""
        structs = {module.name: module.ddl for module in self.plan.modules}
        fields = {**ROUTING, **self.plan.kept, **structs}
        return ", ".join(f"`{name}` {kind}" for name, kind in fields.items())

    def __call__(self, batches: Iterable[Any]) -> Iterator[pa.RecordBatch]:
        """Process what one Spark task is given."""
        for batch in batches:
            for payloads in self.unpack(batch):
                yield from self.process(payloads)
        settle()

    def process(self, payloads: list[Payload]) -> list[pa.RecordBatch]:
        """Decode, annotate, filter and encode some payloads.

        Whatever goes wrong, the stream goes on: payloads that fail together are tried one by one,
        and one that fails alone becomes a dead letter.
        """
        try:
            return self._process(payloads)
        except Exception as error:
            if len(payloads) > 1:
                return [rows for payload in payloads for rows in self.process([payload])]
            log.exception("payload %s#%d failed", payloads[0].source, payloads[0].offset)
            reason = f"{type(error).__name__}: {error}"
            (lost,) = payloads
            return [self._dead([DeadLetter(lost.source, lost.offset, reason, lost.data)])]

    def _process(self, payloads: list[Payload]) -> list[pa.RecordBatch]:
        decoded = decode(payloads, self.plan.columns)
        dead = list(decoded.dead)
        rows = []
        for alerts in decoded.alerts:
            if alerts.batch.survey == self.plan.survey:
                rows.append(self._annotated(alerts))
            else:
                reason = f"an alert of {alerts.batch.survey} in a job for {self.plan.survey}"
                dead += alerts.as_dead_letters(reason)
        return [*rows, self._dead(dead)] if dead else rows

    def _annotated(self, alerts: DecodedAlerts) -> pa.RecordBatch:
        batch = alerts.batch
        for module in self.plan.modules:
            module.annotate(batch, **self.plan.settings.get(module.name, {}))
        topics = self._topics(batch)
        columns = {
            "row": _row_names(alerts.source, alerts.offset),
            "alert_id": batch.column("alert_id"),
            "source": alerts.source,
            "offset": alerts.offset,
            "topics": topics,
            **self._encoded(alerts, topics),
            "reason": None,
            **{name: batch.column(name) for name in self.plan.kept},
            **{module.name: batch.column(module.name) for module in self.plan.modules},
        }
        return self._rows(columns, len(batch))

    def _topics(self, batch: AlertBatch) -> list[list[str]]:
        topics: list[list[str]] = [[] for _ in range(len(batch))]
        for chosen in self.plan.filters:
            topic = self.plan.topics[chosen.name]
            for i in np.flatnonzero(_selected(chosen, batch)):
                topics[i].append(topic)
        return topics

    def _encoded(self, alerts: DecodedAlerts, topics: list[list[str]]) -> dict[str, list]:
        """Encode the alerts that go somewhere; the others cost nothing here."""
        structs = self.plan.structs
        schemas: list[str | None] = [None] * len(topics)
        values: list[bytes | None] = [None] * len(topics)
        for i in (i for i, names in enumerate(topics) if names):
            schema = alerts.schema_json(i)
            scored = {name: _struct_row(alerts.batch.column(name), i) for name in structs}
            schemas[i] = annotated_schema(schema, structs)
            values[i] = append_structs(alerts.record_bytes(i), schema, structs, scored)
        return {"schema": schemas, "value": values}

    def _dead(self, letters: list[DeadLetter]) -> pa.RecordBatch:
        source = np.array([letter.source for letter in letters], dtype=object)
        offset = np.array([letter.offset for letter in letters], dtype=np.int64)
        columns = {
            "row": _row_names(source, offset),
            "source": source,
            "offset": offset,
            "value": [letter.data for letter in letters],
            "reason": [letter.reason for letter in letters],
        }
        return self._rows(columns, len(letters))

    def _rows(self, columns: Mapping[str, Any], n: int) -> pa.RecordBatch:
        schema = arrow_schema({**ROUTING, **self.plan.kept}, self.plan.structs)
        return to_record_batch(columns, schema, n)


def _selected(chosen: Filter, batch: AlertBatch) -> np.ndarray:
    """Apply a filter; one that fails selects nothing, and the log says so."""
    try:
        return chosen.select(batch)
    except Exception:
        log.exception("filter %s failed on a batch of %d alerts", chosen.name, len(batch))
        return np.zeros(len(batch), dtype=bool)


def _row_names(source: np.ndarray, offset: np.ndarray) -> list[str]:
    return [f"{name}#{number}" for name, number in zip(source, offset, strict=True)]


def _struct_row(struct: Mapping[str, np.ndarray], i: int) -> dict[str, Any]:
    row = {name: struct[name][i] for name in struct}
    return {name: None if _is_nan(value) else _plain(value) for name, value in row.items()}


def _is_nan(value: Any) -> bool:
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value
