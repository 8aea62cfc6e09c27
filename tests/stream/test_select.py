"""Filters in a broker's Spark job: the rows that pandas would keep, and no others."""

from __future__ import annotations

import pyarrow as pa
import pytest

from skysift import filters
from skysift.alerts.batch import AlertBatch
from skysift.science_modules import annotate, get
from skysift.stream.select import select
from tests.alert_samples import simulated_ztf
from tests.science_modules.frames import as_dataframe

FILTERS = sorted(filters.discover())
MODULES = ["btsbot", "tails", "vra"]


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return pa.Table.from_pylist(simulated_ztf())


@pytest.fixture(scope="module")
def annotated(spark, table, tmp_path_factory):
    alerts = as_dataframe(spark, table, tmp_path_factory.mktemp("alerts"))
    return annotate(alerts, MODULES)


@pytest.mark.parametrize("name", FILTERS)
def test_spark_keeps_what_the_filter_keeps_without_it(name, annotated, table):
    batch = AlertBatch.from_table(table)
    for module in MODULES:
        get(module).annotate(batch)
    expected = batch.column("candid")[filters.get(name).select(batch)].tolist()
    assert expected, "no simulated alert passes: give the sample another seed"
    kept = select(annotated, name)
    assert kept.columns == annotated.columns
    assert [row.candid for row in kept.select("candid").collect()] == expected


def test_a_filter_without_its_modules_struct_is_refused_before_anything_runs(annotated):
    with pytest.raises(ValueError, match="bts_trigger needs the column of module 'btsbot'"):
        select(annotated.drop("btsbot"), "bts_trigger")
