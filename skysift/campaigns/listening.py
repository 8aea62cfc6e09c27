"""Listen: alerts in, a pool to learn from out; without end if nobody stops it.

Each delivery is decoded, turned into rows, kept, and only then signed for. So a process that dies
anywhere, by ``kill -9`` too, has lost nothing; and what it had kept but not signed for is known by
its ``candid`` when it comes again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import pandas as pd

from skysift.alerts.decode import DeadLetter, DecodedAlerts, decode
from skysift.alerts.packet_table import PACKET, PACKET_SCHEMA
from skysift.alerts.payloads import Payload
from skysift.campaigns.kind import Rows, RowsError
from skysift.campaigns.sources import Delivery, Source
from skysift.campaigns.store import Store
from skysift.stream.pull import RefusedError

log = logging.getLogger(__name__)
T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds to the first try after a failure, and at most; each wait is twice the one before."""

TRIES_ONCE = 4
"""Of somebody who waits for the end."""

FINAL = (RefusedError, FileNotFoundError, NotADirectoryError)
"""Failures that waiting does not mend."""

DEAD = "_dead"
OK = "ok"


@dataclass
class Heard:
    """Counts so far: alerts that came, those that were new, those new ones whose status is ok,
    and what could not be read."""

    alerts: int = 0
    new: int = 0
    ok: int = 0
    dead: int = 0


class Listener:
    """Fills a pool from a source.

    Parameters
    ----------
    source : Source
    store : Store
    rows : Rows
    settings : object
        For `rows`.
    report : callable, optional
        Told the counts after each delivery.
    """

    def __init__(
        self,
        source: Source,
        store: Store,
        rows: Rows,
        settings: Any,
        *,
        report: Callable[[Heard], object] = lambda heard: None,
    ) -> None:
        self.heard = Heard()
        self._source = source
        self._store = store
        self._rows = rows
        self._settings = settings
        self._report = report

    def run(self, stop: Event, *, once: bool = False) -> Heard:
        """Listen until told to stop; what fails is tried again, ever more patiently.

        Parameters
        ----------
        stop : Event
        once : bool
            Stop when all there is has been kept, and give up after `TRIES_ONCE` failures.

        Returns
        -------
        Heard

        Raises
        ------
        ConnectionError
            If Kafka refuses; or, with `once`, does not answer.
        OSError
            If there is nothing at the path; or, with `once`, the pool cannot be written.
        RowsError
            If the model cannot make rows, of whatever alert.
        """
        patience = _Patience(stop, TRIES_ONCE if once else None)
        with self._store.alone():
            try:
                while not stop.is_set():
                    delivery = patience.keep_trying(self._fetch)
                    if delivery is not None:
                        self._take(delivery, patience)
                    elif once and self._source.exhausted():
                        break
                    else:
                        stop.wait(self._source.rest)
            except _StoppedError:
                log.info("stopped while waiting; what was not kept comes again")
            finally:
                self._source.close()
        return self.heard

    def _fetch(self) -> Delivery | None:
        try:
            return self._source.fetch()
        except OSError:
            self._source.close()
            raise

    def _take(self, delivery: Delivery, patience: _Patience) -> None:
        """Keep a delivery, then sign for it; where that fails it comes again, and is known."""
        found, dead = self._made(delivery.payloads)
        for rows in found:
            patience.keep_trying(partial(self._add, rows))
        for letter in dead:
            patience.keep_trying(partial(bury, letter, self._store.folder / DEAD))
        self.heard.dead += len(dead)
        self._report(self.heard)
        try:
            delivery.sign()
        except FINAL:
            raise
        except OSError as problem:
            log.warning("kept, but not signed for: %s", problem)
            self._source.close()
            patience.wait(FIRST_WAIT)

    def _add(self, rows: pd.DataFrame) -> None:
        new = self._store.add(rows)
        self.heard.alerts += len(rows)
        self.heard.new += len(new)
        self.heard.ok += int((new["status"] == OK).sum())

    def _made(self, payloads: Sequence[Payload]) -> tuple[list[pd.DataFrame], list[DeadLetter]]:
        """Decode payloads and make their rows; those that fail together are tried one by one."""
        try:
            return self._made_at_once(payloads)
        except RowsError:
            raise
        except Exception as error:
            if len(payloads) > 1:
                parts = [self._made([payload]) for payload in payloads]
                return [r for rows, _ in parts for r in rows], [
                    d for _, dead in parts for d in dead
                ]
            (lost,) = payloads
            log.exception("%s#%d failed", lost.source, lost.offset)
            reason = f"{type(error).__name__}: {error}"
            return [], [DeadLetter(lost.source, lost.offset, reason, lost.data)]

    def _made_at_once(
        self, payloads: Sequence[Payload]
    ) -> tuple[list[pd.DataFrame], list[DeadLetter]]:
        decoded = decode(payloads, self._rows.columns)
        rows, dead = [], list(decoded.dead)
        for alerts in decoded.alerts:
            if alerts.batch.survey == self._rows.survey:
                rows.append(self._table(alerts))
            else:
                reason = f"an alert of {alerts.batch.survey}; this pool is of {self._rows.survey}"
                dead += alerts.as_dead_letters(reason)
        return rows, dead

    def _table(self, alerts: DecodedAlerts) -> pd.DataFrame:
        n = len(alerts.batch)
        return self._rows.make(alerts.batch, self._settings).assign(
            source=[f"{s}#{o}" for s, o in zip(alerts.source, alerts.offset, strict=True)],
            **{
                PACKET: [alerts.record_bytes(i) for i in range(n)],
                PACKET_SCHEMA: [alerts.schema_json(i) for i in range(n)],
            },
        )


class _StoppedError(Exception):
    """Somebody said stop while we waited."""


class _Patience:
    """Tries again what fails, until it works, somebody says stop, or it failed too often."""

    def __init__(self, stop: Event, tries: int | None) -> None:
        self._stop = stop
        self._tries = tries

    def keep_trying(self, attempt: Callable[[], T]) -> T:
        wait, failed = FIRST_WAIT, 0
        while True:
            try:
                return attempt()
            except FINAL:
                raise
            except OSError as problem:  # of the disk; and ConnectionError is one
                failed += 1
                if failed == self._tries:
                    raise
                log.warning("%s; trying again in %.0f s", problem, wait)
            self.wait(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def wait(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise _StoppedError


def bury(letter: DeadLetter, folder: Path) -> None:
    """Put away what could not be read, under a name of its content, with the reason."""
    folder.mkdir(exist_ok=True)
    name = hashlib.sha256(f"{letter.source}#{letter.offset}".encode()).hexdigest()[:16]
    about = {"source": letter.source, "offset": letter.offset, "reason": letter.reason}
    (folder / f"{name}.bin").write_bytes(letter.data)
    (folder / f"{name}.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
