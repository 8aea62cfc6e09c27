"""What is told of a training before its alerts are read."""

from __future__ import annotations

import pytest

from skysift.models import btsbot
from skysift.models._keras_file import check_name
from skysift.models._settings import ConfigError
from skysift.models._weights import WeightsError
from skysift.models.btsbot.beforehand import inputs_of
from skysift.models.btsbot.config import read_config

SHIPPED = btsbot.__path__[0] + "/weights"


@pytest.mark.parametrize(
    ("network", "inputs"),
    [
        ({}, {"triplet", "metadata"}),
        ({"name": "um_nn"}, {"metadata"}),
        ({"name": "um_cnn", "channels": [2, 2]}, {"triplet"}),
        (
            {"name": "convnext", "widths": [4], "depths": [1], "host": True},
            {"triplet", "metadata", "host"},
        ),
        ({"name": "frozen_fusion", "image": SHIPPED, "metadata": SHIPPED}, {"triplet", "metadata"}),
        ({"embedding": 64, "start": SHIPPED}, {"triplet", "metadata"}),
    ],
)
def test_a_network_needs_what_its_settings_say(network, inputs):
    assert set(inputs_of(read_config({"network": network}))) == inputs


@pytest.mark.parametrize(
    ("network", "complaint"),
    [
        ({"heads": 0}, r"^\[network\] a compact cannot be built so: .*units=0"),
        ({"dropout": 2.0}, r"a compact cannot be built so: .*rate=2"),
        ({"name": "mm_cnn", "channels": [1]}, "a mm_cnn cannot be built so: "),
        ({"name": "convnext", "widths": [4], "depths": [1, 1]}, "a convnext cannot be built so: "),
        ({"name": "convnext", "patch": 64}, r"a convnext cannot be built so: .*\(64, 64"),
    ],
)
def test_one_that_cannot_be_built_is_told_as_a_config_error(network, complaint):
    with pytest.raises(ConfigError, match=complaint) as told:
        inputs_of(read_config({"network": network}))
    assert "\n" not in str(told.value)


def test_it_is_built_for_the_crop_that_the_training_has():
    inputs_of(read_config({"network": {"name": "um_cnn_small"}, "training": {"crop": 9}}))
    with pytest.raises(ConfigError, match="a um_cnn cannot be built so: "):
        inputs_of(read_config({"network": {"name": "um_cnn"}, "training": {"crop": 3}}))


@pytest.mark.parametrize(
    ("network", "complaint"),
    [
        ({"start": "nowhere"}, "no weights at nowhere"),
        ({"start": SHIPPED, "meta": [8, 8]}, "the metadata branch of .* does not fit this compact"),
        ({"name": "frozen_fusion", "image": SHIPPED, "metadata": "gone"}, "no weights at gone"),
    ],
)
def test_earlier_weights_are_looked_at(network, complaint):
    with pytest.raises(WeightsError, match=complaint):
        inputs_of(read_config({"network": network}))


@pytest.mark.parametrize("name", ["", "a/b", "/a", "..", "a/"])
def test_weights_are_named_as_a_file_is(name):
    check_name("btsbot-own+1.2")
    with pytest.raises(ValueError, match="must be that of a file, without folder"):
        check_name(name)
