"""Ask services on the web about detections: on the driver, one after the other, never in a UDF."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Protocol

import pyarrow as pa

from skysift.frames.known.answer import FAILED, Answer, NoAnswerError
from skysift.frames.known.columns import with_column
from skysift.frames.known.mpc import MinorPlanetCenter
from skysift.frames.known.skybot import SkyBot

PATIENCE = 3
"""Failures in a row after which a service is left alone for this time."""

log = logging.getLogger(__name__)


class Service(Protocol):
    """Who can be asked about a place."""

    def ask(self, utc: float, ra: float, dec: float) -> Answer:
        """Answer, or raise a NoAnswerError."""


SERVICES: Mapping[str, type[Service]] = {"mpc": MinorPlanetCenter, "skybot": SkyBot}
"""By the name in their column, ``x_match_<name>``."""


def check_table(table: pa.Table, services: Mapping[str, Service]) -> pa.Table:
    """Ask about each detection that a service has not answered yet.

    Parameters
    ----------
    table : pyarrow.Table (n,)
        With ``candid``, ``jd``, ``ra``, ``dec`` and the columns of the services of
        `skysift.frames.table.DETECTIONS`.
    services : mapping
        Of names, ``mpc`` and ``skybot``, to services.

    Returns
    -------
    pyarrow.Table (n,)
        With ``x_match_<name>`` as JSON: ``{"status", "matches", "reason"}``, the nearest match
        first. Null is where nobody was asked: no service for it, or one left alone after `PATIENCE`
        failures in a row.
    """
    for name, service in services.items():
        column = f"x_match_{name}"
        texts = table[column].to_pylist()
        table = with_column(table, column, _asked(table, name, service, texts))
    return table


def answered(text: str | None) -> Answer | None:
    """What a column ``x_match_*`` holds; None where nobody was asked."""
    return None if text is None else Answer.read(text)


def _asked(table: pa.Table, name: str, service: Service, texts: list[str | None]) -> pa.StringArray:
    failures = 0
    for row, text in enumerate(texts):
        before = answered(text)
        if before is not None and before.status != FAILED:
            continue
        if failures == PATIENCE:
            log.warning("%s failed %d times in a row: not asked any more now", name, failures)
            break
        answer = _ask(service, *(table[key][row].as_py() for key in ("jd", "ra", "dec")))
        failures = failures + 1 if answer.status == FAILED else 0
        if answer.status == FAILED:
            log.warning("%s about %s: %s", name, table["candid"][row], answer.reason)
        texts[row] = answer.text()
    return pa.array(texts, pa.string())


def _ask(service: Service, utc: float | None, ra: float | None, dec: float | None) -> Answer:
    if utc is None or ra is None or dec is None:
        return Answer(FAILED, reason="the detection has no time or no place")
    try:
        return service.ask(utc, ra, dec)
    except NoAnswerError as error:
        return Answer(FAILED, reason=str(error))
