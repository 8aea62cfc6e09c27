"""What was left out of a training set: counted, with examples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

EXAMPLES = 5


class Exclusions:
    """Counts of what was left out, by reason, and the first few of each by name."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Any]] = {}

    def add(self, reason: str, names: Iterable[Any], unit: str = "alerts") -> None:
        """Take note.

        Parameters
        ----------
        reason : str
        names : iterable
            One for each that is left out: a candid, an objectId, a file.
        unit : str
            What they are: ``alerts``, ``objects``.
        """
        names = [str(name) for name in names]
        if not names:
            return
        entry = self._kept.setdefault(reason, {"unit": unit, "count": 0, "examples": []})
        entry["count"] += len(names)
        entry["examples"] += names[: EXAMPLES - len(entry["examples"])]

    def count(self, reason: str) -> int:
        """Return how many were left out for this reason."""
        return self._kept.get(reason, {}).get("count", 0)

    @property
    def counts(self) -> dict[str, int]:
        """By reason, how many."""
        return {reason: entry["count"] for reason, entry in self._kept.items()}

    @property
    def as_dict(self) -> dict[str, dict[str, Any]]:
        """By reason, in the order in which they were first met: unit, count, examples."""
        return {reason: dict(entry) for reason, entry in self._kept.items()}
