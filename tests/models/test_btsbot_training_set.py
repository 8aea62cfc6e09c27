"""A training set held in memory: parts, choices, and what does not fit together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.training_set import COLUMNS, TrainingSet


@pytest.fixture
def alerts() -> TrainingSet:
    """Six alerts; their triplets lie among ten, in reverse."""
    table = pd.DataFrame({name: np.arange(6.0) for name in COLUMNS}).assign(
        objectId=list("aabbcc"),
        label=[True, True, False, False, True, True],
        split=["train"] * 3 + ["test", "validation", "test"],
        kept=[True, False, True, True, False, True],
    )
    triplets = np.arange(10.0)[:, None, None, None] * np.ones((1, 63, 63, 3))
    return TrainingSet(table, triplets, np.arange(9, 3, -1), "centred", {})


def numbers(alerts: TrainingSet) -> list[float]:
    return alerts.triplet(slice(None))[:, 0, 0, 0].tolist()


def test_each_alert_has_its_own_triplet(alerts):
    assert numbers(alerts) == [9, 8, 7, 6, 5, 4]
    assert alerts.triplet(np.array([5, 0]))[:, 0, 0, 0].tolist() == [4, 9]
    assert alerts.triplet(alerts.label)[:, 0, 0, 0].tolist() == [9, 8, 5, 4]
    assert alerts.triplet(slice(0, 1)).dtype == np.float32


def test_arrays_have_the_types_that_networks_take(alerts):
    assert alerts.metadata.shape == (6, len(FEATURES))
    assert alerts.metadata.dtype == np.float32
    assert alerts.label.dtype == bool
    assert alerts.group.tolist() == list("aabbcc")


def test_choices_of_choices_keep_alerts_and_triplets_together(alerts):
    chosen = alerts.select(alerts.label).select(np.array([3, 1]))
    assert chosen.group.tolist() == ["c", "a"]
    assert numbers(chosen) == [4, 8]
    assert chosen.triplets is alerts.triplets
    assert len(alerts.select(np.zeros(6, bool))) == 0


def test_a_part_is_thinned_unless_told_otherwise(alerts):
    assert numbers(alerts.part("train")) == [9, 7]
    assert numbers(alerts.part("train", thinned=False)) == [9, 8, 7]
    assert numbers(alerts.part("test")) == [6, 4]
    assert len(alerts.part("validation")) == 0


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda a: {"table": a.table.drop(columns=["fid", "drb"])}, "lacks: fid, drb"),
        (lambda a: {"rows": a.rows[:4]}, "6 rows in the table, but 4 triplets"),
        (lambda a: {"triplets": a.triplets[:8]}, "triplets 4 to 9, but there are only 8"),
    ],
)
def test_what_does_not_fit_together_is_refused(alerts, change, complaint):
    with pytest.raises(ValueError, match=complaint):
        replace(alerts, **change(alerts))
