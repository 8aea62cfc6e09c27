"""Listeners in processes of their own: ``python -m …killed_listener SOURCE POOL WHEN…``.

WHEN says where the process is killed, as by ``kill -9``: ``half-K``, in the middle of writing its
K-th part; ``kept-K``, when that part is in its place; ``sign-K``, before it signs for its K-th
delivery; or ``never``. For each of them a line says how the process ended.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from threading import Event

from skysift.campaigns import get, sources, store
from skysift.campaigns.listening import Listener
from skysift.campaigns.sources import FILES, Delivery, FolderSource, KafkaSource, group_of
from skysift.stream.kafka import KafkaAddress, is_kafka
from skysift.stream.security import KafkaSecurity

FEW = 7
"""Messages of a delivery, so that there are many deliveries."""


def mine(number: int, before: Callable[..., object] = lambda *_: None) -> Callable[..., None]:
    """Make a function whose call of this number, from 1, does a last thing and ends the process."""
    calls = count(1)

    def call(*arguments: object) -> None:
        if next(calls) == number:
            before(*arguments)
            os.kill(os.getpid(), signal.SIGKILL)

    return call


def before(function: Callable[..., object], call: Callable[..., None]) -> Callable[..., object]:
    """Put a mine before a function."""

    def mined(*arguments, **options):
        call(*arguments)
        return function(*arguments, **options)

    return mined


def arm(when: str) -> None:
    """Lay the mine."""
    what, _, number = when.partition("-")
    if what == "half":
        half = mine(
            int(number), lambda table, file: (file.write(b"PAR1 and no more"), file.flush())
        )
        store.pq.write_table = before(store.pq.write_table, half)
    elif what == "kept":
        store.flush = before(store.flush, mine(int(number)))
    elif what == "sign":
        at_sign = mine(int(number))
        for kind in (FolderSource, KafkaSource):
            kind.fetch = signed_after(kind.fetch, at_sign)


def signed_after(fetch: Callable, call: Callable[..., None]) -> Callable:
    """Put a mine before the signature of each delivery."""

    def mined(self) -> Delivery | None:
        found = fetch(self)
        return found and Delivery(found.payloads, before(found.sign, call))

    return mined


def run(where: str, pool: Path) -> None:
    """Listen until all there is has been kept."""
    kind, kept = get("vra"), store.Store(pool)
    if is_kafka(where):
        address = KafkaAddress.parse(where)
        source = KafkaSource(address, group_of(pool), KafkaSecurity())
    else:
        source = FolderSource(Path(where), pool / FILES)
    Listener(source, kept, kind.rows, kind.settings()).run(Event(), once=True)


if __name__ == "__main__":
    sources.MESSAGES = FEW
    for when in sys.argv[3:]:
        child = os.fork()
        if not child:
            arm(when)
            run(sys.argv[1], Path(sys.argv[2]))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
