"""The VRA's table: each alert once, with the features that serving makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skysift.alerts.batch import AlertBatch
from skysift.datasets import feature_table
from skysift.models.vra.inputs import FEATURES
from skysift.science_modules import get
from skysift.simulate import simulate_night, write_night


def test_each_alert_stands_once_with_its_features(tmp_path: Path) -> None:
    write_night(12, 5, tmp_path / "night", alerts_per_object=2)
    told: list[tuple[int, int]] = []
    table = feature_table(
        [tmp_path / "night", tmp_path / "night"], progress=lambda *numbers: told.append(numbers)
    )
    packets = [packet for packet, _ in simulate_night(12, seed=5, alerts_per_object=2)]
    assert sorted(table["candid"]) == sorted(packet["candid"] for packet in packets)
    assert list(table.columns) == ["candid", "objectId", "jd", "status", *FEATURES]
    assert told[-1][0] == 24
    drb = {packet["candid"]: packet["candidate"]["drb"] for packet in packets}
    np.testing.assert_allclose(table["drb"], [drb[name] for name in table["candid"]], rtol=1e-6)
    batch = AlertBatch.from_pandas(pd.DataFrame(packets), "ztf")
    status = dict(zip(batch.column("alert_id"), get("vra").annotate(batch)["status"], strict=True))
    assert table["status"].tolist() == [status[name] for name in table["candid"]]


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises((FileNotFoundError, ValueError)):
        feature_table([tmp_path / "nowhere"])
