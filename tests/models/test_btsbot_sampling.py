"""A share of a training set's objects: whole objects, of every source set, nested."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from skysift.models.btsbot import training
from skysift.models.btsbot.config import read_config
from skysift.models.btsbot.sampling import some_objects
from tests.models.made_up_sets import made_up_set


@pytest.fixture
def alerts():
    alerts = made_up_set(objects=200, alerts_each=3)
    of_set = np.where(alerts.label, "trues", np.where(alerts.table["chinr"] > 19.9, "junk", "vars"))
    first = dict(zip(alerts.group[::-1], of_set[::-1], strict=True))
    return replace(alerts, table=alerts.table.assign(source_set=[first[n] for n in alerts.group]))


def sets_of(alerts):
    return alerts.table.drop_duplicates("objectId")["source_set"].value_counts()


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_share_is_of_each_source_set_and_objects_stay_whole(alerts, share):
    some = some_objects(alerts, share)
    whole, left = sets_of(alerts), sets_of(some)
    assert 0 < whole["junk"] < 10 < whole["trues"]
    for name, count in whole.items():
        assert abs(left[name] - share * count) <= max(0.5, 1 - share * count)
    assert (some.table["objectId"].value_counts() == 3).all()
    np.testing.assert_array_equal(some.triplet(slice(0, 3)), alerts.triplet(some.rows[:3]))


def test_a_smaller_share_is_of_the_larger_and_the_order_is_of_no_matter(alerts):
    few, many = (set(some_objects(alerts, share).group) for share in (0.1, 0.5))
    assert few < many < set(alerts.group)
    turned = alerts.select(np.arange(len(alerts))[::-1])
    assert set(some_objects(turned, 0.5).group) == many


def test_a_training_learns_from_the_share_alone_and_says_so(alerts, tmp_path):
    config = read_config(
        {
            "network": {"name": "um_nn"},
            "training": {"object_share": 0.25, "epochs": 1, "precision": "float32"},
            "gate": {"enabled": False},
        }
    )
    facts = training.train(alerts, config, tmp_path, name="it", trained_on="noise")["training"]
    some = some_objects(alerts.part("train"), 0.25)
    assert facts["object_share"] == 0.25
    assert facts["alerts"] == {"train": len(some), "validation": len(alerts.part("validation"))}
    assert facts["objects"]["train"] == sets_of(some).sum() < 0.3 * 160
