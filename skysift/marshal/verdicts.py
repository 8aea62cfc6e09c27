"""What science modules say of an alert, as it is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from skysift.marshal.open_alert import OpenAlert
from skysift.marshal.structs import SIGNS

OK = "ok"
MOST_SHOWN = 8
"""Numbers of a list output that are shown; an embedding has hundreds."""


@dataclass(frozen=True)
class Output:
    """One output: its name, its value as shown, and its share of 1 where it lies within 0 to 1."""

    name: str
    value: str | None
    share: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What one module says."""

    module: str
    status: str
    version: str
    outputs: list[Output]

    @property
    def is_ok(self) -> bool:
        """Tell whether there is a score."""
        return self.status == OK


def verdicts_of(alert: OpenAlert) -> list[Verdict]:
    """Tell what each module says, in the order in which they stand in the alert."""
    return [
        Verdict(
            name,
            str(struct["status"]),
            str(struct["version"]),
            [_output(key, value) for key, value in struct.items() if key not in SIGNS],
        )
        for name, struct in alert.modules.items()
    ]


def _output(name: str, value: Any) -> Output:
    if isinstance(value, float):
        if not math.isfinite(value):
            return Output(name, None)
        return Output(name, _number(value), value if 0 <= value <= 1 else None)
    if isinstance(value, list):
        shown = ", ".join(f"{number:.3g}" for number in value[:MOST_SHOWN])
        more = f", … ({len(value)} numbers)" if len(value) > MOST_SHOWN else ""
        return Output(name, shown + more)
    return Output(name, None if value is None else str(value))


def _number(value: float) -> str:
    return f"{value:.1e}" if 0 < abs(value) < 5e-4 else f"{value:.3f}"
