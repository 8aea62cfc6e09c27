"""Reference sources along the light curve, against points read one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skysift.alerts.batch import AlertBatch, MissingColumnError
from tests.alert_samples import simulated_ztf
from tests.models.vra_samples import history_of


def test_each_point_has_the_source_that_the_packet_says() -> None:
    alerts = simulated_ztf()
    batch = AlertBatch.from_pandas(pd.DataFrame(alerts), "ztf")
    found, curve = batch.column("reference_sources"), batch.column("light_curve")
    points = [[*(alert["prv_candidates"] or []), alert["candidate"]] for alert in alerts]
    expected = history_of(points)
    assert len(found) == len(alerts)
    np.testing.assert_array_equal(found.offsets, curve.offsets)
    for name in ("distnr", "magnr", "sigmagnr"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert np.isfinite(found.magnr).any() and np.isnan(found.magnr).any()


def test_fink_s_flat_histories_have_them_too(shared_data) -> None:
    table = pq.read_table(shared_data / "ztf" / "tables" / "fink_v4_slsn_55.parquet")
    nested = AlertBatch.from_table(table).column("reference_sources")
    rows = table.select(["candidate", "prv_candidates"]).to_pylist()
    flat = {"objectId": table["objectId"].to_pylist(), "candid": table["candid"].to_pylist()}
    for name in ("jd", "distnr", "magnr", "sigmagnr"):
        flat[f"c{name}"] = [
            [point[name] for point in [*(row["prv_candidates"] or []), row["candidate"]]]
            for row in rows
        ]
    batch = AlertBatch.from_table(pa.table(flat), "ztf")
    found = batch.column("reference_sources")
    np.testing.assert_array_equal(found.offsets, nested.offsets)
    np.testing.assert_array_equal(found.magnr, nested.magnr)


def test_alerts_without_them_are_told_so() -> None:
    frame = pd.DataFrame(simulated_ztf()).drop(columns="prv_candidates")
    with pytest.raises(MissingColumnError, match=r"prv_candidates\.distnr"):
        AlertBatch.from_pandas(frame, "ztf").column("reference_sources")
