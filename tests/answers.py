"""What the conformance checks share: units, samples, their answers, and how these compare."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skysift import science_modules
from skysift.alerts.columns import COLUMNS
from skysift.filters import Filter
from skysift.science_modules import ScienceModule
from tests.alert_samples import Alert, batch_of

Unit = ScienceModule | Filter

STATUSES = {
    "ok",
    "missing_stamp",
    "bad_stamp",
    "damaged_stamp",
    "swapped_stamps",
    "no_detection",
    "no_history",
    "nan_feature",
    "missing_feature",
    "out_of_range",
}
"""Reasons that a module may give; ``module_error`` is none, it is a fault of the module."""

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Sample:
    """Sound alerts of one survey."""

    survey: str
    alerts: Sequence[Alert]


def serves(unit: Unit, survey: str) -> bool:
    """Tell whether alerts of a survey hold what the unit needs."""
    if isinstance(unit, ScienceModule) and survey not in unit.surveys:
        return False
    modules = science_modules.discover()
    return all(
        COLUMNS[name].offered_by(survey) if name in COLUMNS else serves(modules[name], survey)
        for name in unit.columns
    )


def function_of(unit: Unit) -> Callable[..., Any]:
    """Return the function that the unit's author wrote."""
    return unit.score if isinstance(unit, ScienceModule) else unit.function


def answer(unit: Unit, alerts: Sequence[Alert], survey: str) -> pd.DataFrame:
    """Run the unit on alerts: what a module says, or a column ``kept``."""
    batch = batch_of(unit.columns, alerts, survey)
    if isinstance(unit, ScienceModule):
        return pd.DataFrame(unit.annotate(batch))
    return pd.DataFrame({"kept": unit.select(batch)})


def assert_same(found: pd.DataFrame, expected: pd.DataFrame, about: str = "") -> None:
    """Compare answers row by row, numbers to `TOLERANCE`."""
    assert list(found.columns) == list(expected.columns), about
    for name in expected:
        a, b = found[name].to_numpy(), expected[name].to_numpy()
        if b.dtype.kind == "O" and any(isinstance(value, np.ndarray) for value in b):
            _assert_same_rows(a, b, f"{about} {name}")
        elif b.dtype.kind == "f":
            np.testing.assert_allclose(a, b, rtol=0, atol=TOLERANCE, err_msg=f"{about} {name}")
        else:
            np.testing.assert_array_equal(a, b, err_msg=f"{about} {name}")


def _assert_same_rows(found: np.ndarray, expected: np.ndarray, about: str) -> None:
    """Compare arrays, or nulls in their place, alert by alert."""
    for a, b in zip(found, expected, strict=True):
        assert (a is None) == (b is None), about
        if b is not None:
            np.testing.assert_allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE, err_msg=about)


def assert_sane(unit: Unit, found: pd.DataFrame, about: str) -> None:
    """Nothing is told where the status is a reason, else at least the first output.

    A filter's answer is a truth value.
    """
    if isinstance(unit, Filter):
        assert found["kept"].dtype == bool, about
        return
    status = found["status"]
    assert set(status) <= STATUSES, f"{about}: status {set(status)}"
    for place, name in enumerate(unit.outputs):
        told = found[name].notna()
        wrong = told != (status == "ok") if place == 0 else told & (status != "ok")
        assert not wrong.any(), f"{about}: {name} is {found[name].tolist()}, {status.tolist()}"


_opened: list[list[str]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        for opened in _opened:
            opened.append(str(arguments[0]))


sys.addaudithook(_watch)


@contextmanager
def opened_files() -> Iterator[list[str]]:
    """Collect the files that are opened meanwhile."""
    _opened.append([])
    try:
        yield _opened[-1]
    finally:
        _opened.pop()
