"""Random search: draws, going on, what is written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skysift.models._settings import ConfigError
from skysift.models.btsbot.config import read_config
from skysift.models.btsbot.sweep import draw, training_sweep
from tests.models.made_up_sets import made_up_set

TABLES = {
    "network": {"name": "um_nn"},
    "training": {"epochs": 2, "batch": 32, "precision": "float32"},
    "sweep": {
        "network": {"head": {"low": 2, "high": 9}},
        "training": {"learning_rate": {"low": 1e-5, "high": 1e-1, "log": True}},
    },
}


def test_draws_fill_their_ranges():
    ranges = {
        "a": ["x", "y"],
        "b": {"low": 1, "high": 3},
        "c": {"low": 1e-4, "high": 1.0, "log": True},
        "d": {"low": 0.0, "high": 4.0},
        "e": {"low": 1, "high": 1000, "log": True},
    }
    drawn = pd.DataFrame([draw(ranges, 2, number) for number in range(400)])
    assert set(drawn["a"]) == {"x", "y"}
    assert set(drawn["b"]) == {1, 2, 3}
    assert np.median(drawn["c"]) == pytest.approx(1e-2, rel=0.5)
    assert drawn["d"].mean() == pytest.approx(2.0, abs=0.2)
    assert drawn["e"].dtype == int
    assert np.median(drawn["e"]) == pytest.approx(31, rel=0.4)


def test_a_sweep_goes_on_and_its_best_config_is_that_of_its_best_trial(tmp_path):
    alerts, config = made_up_set(), read_config(TABLES)
    training_sweep(alerts, config, tmp_path, trials=1)
    ticks = []
    rows = training_sweep(alerts, config, tmp_path, trials=3, progress=ticks.append)
    assert sum(tick.batch == 0 for tick in ticks) == 2 * 2  # the first trial is not done again
    table = pd.read_csv(tmp_path / "trials.csv")
    assert table["trial"].tolist() == [0, 1, 2]
    best = table.loc[table["best_validation_loss"].idxmin()]
    chosen = read_config(tmp_path / "best.toml")
    assert chosen.training.learning_rate == pytest.approx(best["training.learning_rate"])
    assert chosen.network.settings == {"head": best["network.head"]}
    assert (chosen.training.epochs, chosen.sweep.ranges) == (2, {})
    assert len({row["training.learning_rate"] for row in rows}) == 3

    other = {**TABLES, "sweep": {"training": {"batch": [16]}}}
    with pytest.raises(ValueError, match="trial-000 is of a sweep with other ranges"):
        training_sweep(alerts, read_config(other), tmp_path, trials=1)
    longer = replace(config, training=replace(config.training, epochs=3))
    with pytest.raises(ValueError, match="trial-000 is of a sweep with other settings"):
        training_sweep(alerts, longer, tmp_path, trials=1)
    with pytest.raises(ValueError, match="trial-000 is of a sweep with other alerts"):
        training_sweep(replace(alerts, facts={"made": "otherwise"}), config, tmp_path, trials=1)


def test_a_sweep_needs_ranges_that_can_be_compared(tmp_path):
    with pytest.raises(ValueError, match=r"the config has no \[sweep\]"):
        training_sweep(made_up_set(), read_config({}), tmp_path, trials=1)
    with pytest.raises(ConfigError, match=r"\[sweep\] training.class_weight .* loss itself"):
        read_config({"sweep": {"training": {"class_weight": ["alert", "none"]}}})
