"""The conformance battery: what every science module and every filter keeps to.

`yield_checks` picks the checks for a unit by its kind. They run on every unit that is discovered
(`tests/science_modules/test_conformance.py`, `tests/filters/test_conformance.py`), on simulated
alerts and, where they are at hand, on real ones: a newcomer's test is already written.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator

import pandas as pd
import pytest
from pyspark import cloudpickle

from docs.docstrings import described, sections
from skysift import science_modules
from skysift.alerts.columns import COLUMNS
from skysift.science_modules import ScienceModule
from tests.alert_samples import batch_of, faults, frame_of, null_column, with_fault
from tests.answers import (
    Sample,
    Unit,
    answer,
    assert_same,
    assert_sane,
    function_of,
    opened_files,
)
from tests.checks_by_kind import FILTER_CHECKS, MODULE_CHECKS, Check
from tests.docstrings import run_examples

EXCLUSIONS: tuple[tuple[str, str, str], ...] = ()
"""Checks that a unit is let off: (unit, check, reason)."""

DESCRIPTIONS = (".toml", ".json")
"""Small files that say what the weights are; they may be read again."""

FAULTS_AT_ONCE = 6
"""Faulty alerts in one batch of `survives_faulty_alerts`: few enough to tell which it was."""

UNIT = re.compile(r"\b(mag|deg|arcsec|px|nJy|days?|seconds?|hours?)\b|\[0, \d+\]", re.IGNORECASE)


def yield_checks(unit: Unit) -> Iterator[Check]:
    """Pick the checks that a unit must pass: ``check(unit, sample)`` each."""
    own = MODULE_CHECKS if isinstance(unit, ScienceModule) else FILTER_CHECKS
    excluded = {name for of, name, _ in EXCLUSIONS if of == unit.name}
    yield from (check for check in (*SHARED_CHECKS, *own) if check.__name__ not in excluded)


# What both kinds keep to


def takes_columns_that_there_are(unit: Unit, sample: Sample) -> None:
    """Every positional parameter is an alert column or the struct of a module."""
    modules = science_modules.discover()
    unknown = [name for name in unit.columns if name not in COLUMNS and name not in modules]
    assert not unknown
    assert unit.columns, "a unit that reads nothing cannot run in Spark"


def keeps_rows_and_index(unit: Unit, sample: Sample) -> None:
    """Rows in are rows out, on whatever index the caller has."""
    frame = frame_of(unit.columns, sample.alerts)
    found = unit.for_pandas(frame)
    pd.testing.assert_index_equal(found.index, frame.index)
    expected = answer(unit, sample.alerts, sample.survey)
    found = found if isinstance(found, pd.DataFrame) else found.to_frame("kept")
    assert_same(found, expected)
    named = frame.set_axis(["twice"] * len(frame))
    pd.testing.assert_index_equal(unit.for_pandas(named).index, named.index)


def answers_the_same_twice(unit: Unit, sample: Sample) -> None:
    """Same alerts, same answer."""
    first, second = (answer(unit, sample.alerts, sample.survey) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def does_not_heed_the_order(unit: Unit, sample: Sample) -> None:
    """An alert's answer does not depend on where it stands."""
    forward = answer(unit, sample.alerts, sample.survey)
    backward = answer(unit, sample.alerts[::-1], sample.survey)
    assert_same(backward[::-1], forward)


def does_not_heed_the_batch(unit: Unit, sample: Sample) -> None:
    """An alert's answer does not depend on how many come with it."""
    together = answer(unit, sample.alerts, sample.survey)
    for size in (1, 7):
        starts = range(0, len(sample.alerts), size)
        parts = [sample.alerts[start : start + size] for start in starts]
        apart = pd.concat([answer(unit, part, sample.survey) for part in parts])
        assert_same(apart, together, f"in batches of {size}:")


def survives_faulty_alerts(unit: Unit, sample: Sample) -> None:
    """Whatever is wrong with an alert, it gets an answer, and its neighbours get theirs."""
    first, second, other = sample.alerts[:3]
    sound = answer(unit, [first, other], sample.survey)
    every = list(faults(second, unit.columns, sample.survey))
    for start in range(0, len(every), FAULTS_AT_ONCE):
        names, some = zip(*every[start : start + FAULTS_AT_ONCE], strict=True)
        damaged = [with_fault(second, fault) for fault in some]
        found = answer(unit, [first, *damaged, other], sample.survey)
        assert_same(found.iloc[[0, -1]], sound, f"beside alerts with {'; '.join(names)}:")
        assert_sane(unit, found, f"alerts with {'; '.join(names)}")


def survives_null_columns(unit: Unit, sample: Sample) -> None:
    """A column that is null throughout has no type of its own, and is no error."""
    alerts = sample.alerts[:3]
    for name in (name for name in unit.columns if name in COLUMNS):
        fault = null_column(name, sample.survey)
        found = answer(unit, [with_fault(alert, fault) for alert in alerts], sample.survey)
        assert_sane(unit, found, f"{name} null throughout")


def survives_an_empty_batch(unit: Unit, sample: Sample) -> None:
    """Nothing in, nothing out, with the columns of a full answer."""
    full = answer(unit, sample.alerts[:1], sample.survey)
    none = answer(unit, [], sample.survey)
    assert (len(none), list(none.columns)) == (0, list(full.columns))


def leaves_its_input_alone(unit: Unit, sample: Sample) -> None:
    """Columns are shared with all other units of the job: nobody writes into them."""
    batch = batch_of(unit.columns, sample.alerts, sample.survey)
    before = pickle.dumps([batch.column(name) for name in unit.columns])
    columns = pickle.loads(before)  # arrays that can be written into, which Arrow's cannot
    function_of(unit)(*columns, **unit.settings)
    assert pickle.dumps(columns) == pickle.dumps(pickle.loads(before))


def can_be_sent_to_workers(unit: Unit, sample: Sample) -> None:
    """It pickles as Spark pickles it, and then answers as before."""
    sent = cloudpickle.loads(cloudpickle.dumps(unit))
    assert_same(*(answer(one, sample.alerts[:2], sample.survey) for one in (sent, unit)))


def loads_its_model_once(unit: Unit, sample: Sample) -> None:
    """After the first batch no file is opened any more, but to see whether the weights changed."""
    answer(unit, sample.alerts[:2], sample.survey)
    with opened_files() as opened:
        answer(unit, sample.alerts[:2], sample.survey)
    loaded = [path for path in opened if not path.endswith(DESCRIPTIONS)]
    assert not loaded, loaded


def refuses_an_unknown_setting(unit: Unit, sample: Sample) -> None:
    """A typing error in a setting is told, by name, and never passed over."""
    with pytest.raises(ValueError, match="no_such_setting"):
        if isinstance(unit, ScienceModule):
            unit.check_settings({"no_such_setting": 1})
        else:
            unit.with_settings({"no_such_setting": 1})
    if isinstance(unit, ScienceModule):
        with pytest.raises(ValueError, match="no_such_setting"):
            unit.for_pandas(frame_of(unit.columns, sample.alerts[:1]), no_such_setting=1)


def takes_settings_from_toml(unit: Unit, sample: Sample) -> None:
    """Defaults are of types that TOML has, or None."""
    for name, default in unit.settings.items():
        assert default is None or isinstance(default, (bool, int, float, str, list)), name


def is_documented(unit: Unit, sample: Sample) -> None:
    """The docstring tells each setting, real numbers with their unit, and what is returned."""
    text = sections(function_of(unit))
    assert text[""].partition("\n")[0].endswith("."), "one sentence comes first"
    assert text.get("Returns", "").strip()
    told = described(function_of(unit))
    for name, default in unit.settings.items():
        assert told.get(name), f"setting {name} is not described"
        if isinstance(default, float):
            assert UNIT.search(told[name]), f"setting {name} is described without its unit"


def runs_its_examples(unit: Unit, sample: Sample) -> None:
    """Examples in the docstring give what they say."""
    assert run_examples(function_of(unit)) == ""


SHARED_CHECKS: tuple[Check, ...] = (
    takes_columns_that_there_are,
    keeps_rows_and_index,
    answers_the_same_twice,
    does_not_heed_the_order,
    does_not_heed_the_batch,
    survives_faulty_alerts,
    survives_null_columns,
    survives_an_empty_batch,
    leaves_its_input_alone,
    can_be_sent_to_workers,
    loads_its_model_once,
    refuses_an_unknown_setting,
    takes_settings_from_toml,
    is_documented,
    runs_its_examples,
)
