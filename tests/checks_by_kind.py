"""Checks of the conformance battery that only modules, or only filters, are put to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from skysift.alerts.columns import COLUMNS, SURVEYS
from skysift.filters import Filter
from skysift.science_modules import ScienceModule
from tests.alert_samples import (
    BLANK,
    UNREADABLE,
    batch_of,
    frame_of,
    nothing,
    stamp_fault,
    with_fault,
)
from tests.answers import Sample, answer, assert_same, assert_sane
from tests.docstrings import examples_of

Check = Callable[[Any, Sample], None]

DTYPES = {
    "float": "f",
    "double": "f",
    "int": "iO",
    "bigint": "iO",
    "boolean": "bO",
    "string": "O",
    "array<float>": "O",
}
"""Kinds of arrays that an output of a SQL type may come in; O where it can be null."""


def scores_sound_alerts(unit: ScienceModule, sample: Sample) -> None:
    """Most sound alerts get a score: a module that only gives reasons would pass all else."""
    found = answer(unit, sample.alerts, sample.survey)
    assert_sane(unit, found, "nothing wrong")
    assert (found["status"] == "ok").mean() > 0.5
    assert found["version"].str.len().gt(0).all()


def answers_what_it_declares(unit: ScienceModule, sample: Sample) -> None:
    """Outputs are those of the declaration, in types that Spark takes for them."""
    found = answer(unit, sample.alerts, sample.survey)
    assert list(found.columns) == [*unit.outputs, "status", "version"]
    for name, kind in unit.outputs.items():
        assert found[name].to_numpy().dtype.kind in DTYPES[kind], name


def gives_blank_stamps_no_score(unit: ScienceModule, sample: Sample) -> None:
    """Of a stamp that cannot be read or holds nothing, there is no plausible score.

    A module may settle some alerts without a look at their stamps: then it answers as if these
    were whole. It looks at those of at least one alert.
    """
    if "stamps" not in unit.columns:
        return
    whole = answer(unit, sample.alerts, sample.survey)
    looked_at = [
        row
        for row in range(len(whole))
        if whole["status"][row] == "ok" and not _settled_unseen(unit, sample, whole, row)
    ]
    assert looked_at, "stamps of no alert are looked at"
    alert = sample.alerts[looked_at[0]]
    for path in COLUMNS["stamps"].paths[sample.survey]:
        names = (*UNREADABLE, *BLANK)
        bad = [with_fault(alert, stamp_fault(path, name)) for name in names]
        found = answer(unit, bad, sample.survey)
        scored = [n for n, s in zip(names, found["status"], strict=True) if s == "ok"]
        assert scored == [], path


def _settled_unseen(unit: ScienceModule, sample: Sample, whole: pd.DataFrame, row: int) -> bool:
    """Tell whether an alert is scored with stamps that cannot be read; then all is as before."""
    fault = stamp_fault(COLUMNS["stamps"].paths[sample.survey][0], "gzip of garbage")
    found = answer(unit, [with_fault(sample.alerts[row], fault)], sample.survey)
    if found["status"][0] != "ok":
        return False
    assert_same(found, whole.iloc[[row]].reset_index(drop=True), "settled without its stamps")
    return True


MODULE_CHECKS: tuple[Check, ...] = (
    scores_sound_alerts,
    answers_what_it_declares,
    gives_blank_stamps_no_score,
)


# What filters keep to


def keeps_one_and_drops_one(unit: Filter, sample: Sample) -> None:
    """It lets something through, and not everything."""
    kept = answer(unit, sample.alerts, sample.survey)["kept"]
    assert kept.any(), "no alert of tests/alert_samples.py is kept: add one that should be"
    assert not kept.all()


def drops_nulls(unit: Filter, sample: Sample) -> None:
    """An alert of nulls is dropped."""
    found = answer(unit, [with_fault(alert, nothing) for alert in sample.alerts], sample.survey)
    assert not found["kept"].any()


def answers_series_on_their_index(unit: Filter, sample: Sample) -> None:
    """Given pandas Series, it answers one, on their index; a light curve alone has no index."""
    batch = batch_of(unit.columns, sample.alerts, sample.survey)
    index = frame_of((), sample.alerts).index
    columns = [_as_series(batch.column(name), index) for name in unit.columns]
    kept = unit.function(*columns, **unit.settings)
    if not any(isinstance(values, (pd.Series, dict)) for values in columns):
        kept = pd.Series(kept, index=index)
    expected = pd.Series(unit.select(batch), index=index)
    pd.testing.assert_series_equal(kept, expected, check_names=False)


def has_a_topic(unit: Filter, sample: Sample) -> None:
    """Its topic's name is one that Kafka allows, another for each survey."""
    assert len({unit.topic_for(survey) for survey in SURVEYS}) == len(SURVEYS)


def shows_what_it_keeps(unit: Filter, sample: Sample) -> None:
    """Its example keeps an alert and drops one."""
    answers = "".join(
        example.want for test in examples_of(unit.function) for example in test.examples
    )
    assert "True" in answers
    assert "False" in answers


FILTER_CHECKS: tuple[Check, ...] = (
    keeps_one_and_drops_one,
    drops_nulls,
    answers_series_on_their_index,
    has_a_topic,
    shows_what_it_keeps,
)


def _as_series(values: Any, index: pd.Index) -> Any:
    if isinstance(values, dict):
        return {name: pd.Series(array, index=index) for name, array in values.items()}
    return pd.Series(values, index=index) if isinstance(values, np.ndarray) else values
