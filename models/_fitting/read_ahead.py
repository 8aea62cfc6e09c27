"""Prepare the next batches while the network is busy with this one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

DEPTH = 4
"""Batches made ready before they are asked for."""

_POLL_SECONDS = 0.1


def ahead(items: Iterable[T], *, depth: int = DEPTH) -> Iterator[T]:
    """Yield `items` in their order; another thread draws them, at most `depth` early.

    An error among the items is raised here, in its turn. When the caller stops early, the thread
    ends too.

    Examples
    --------
    >>> list(ahead(range(3)))
    [0, 1, 2]
    """
    ready: queue.Queue[tuple[str, T | BaseException | None]] = queue.Queue(depth)
    left = threading.Event()

    def put(kind: str, value: T | BaseException | None) -> None:
        while not left.is_set():
            try:
                return ready.put((kind, value), timeout=_POLL_SECONDS)
            except queue.Full:
                continue

    def draw() -> None:
        try:
            for item in items:
                put("item", item)
                if left.is_set():
                    return
            put("end", None)
        except BaseException as error:
            put("error", error)

    threading.Thread(target=draw, daemon=True, name="read-ahead").start()
    try:
        while True:
            kind, value = ready.get()
            if kind == "end":
                return
            if kind == "error":
                raise value  # type: ignore[misc]
            yield value  # type: ignore[misc]
    finally:
        left.set()
