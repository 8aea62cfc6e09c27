"""Config files: what is accepted, and errors that say where, what and what was meant."""

from __future__ import annotations

import pytest

from skysift.models._settings import ConfigError
from skysift.models.btsbot.config import Config, read_config, ready_made


def test_an_empty_config_is_the_default_and_a_config_survives_writing():
    assert read_config({}) == Config()
    config = read_config(
        {
            "set": {"somebody": "else's"},
            "network": {"name": "mm_cnn", "head": 16},
            "training": {"epochs": 3, "learning_rate": 1},
            "sweep": {"training": {"batch": [32, 64]}},
        }
    )
    assert config.network.settings == {"head": 16}
    assert isinstance(config.training.learning_rate, float)
    assert read_config(config.as_dict) == config


@pytest.mark.parametrize("name", ready_made())
def test_ready_made_configs_are_right_and_named_by_their_network(name):
    network = read_config(name).network
    assert network.name == name.removesuffix("_short").removesuffix("_host")
    assert network.settings.get("host", False) == name.endswith("_host")


def test_there_is_one_for_each_family():
    families = {"compact", "convnext", "maxvit", "mm_cnn", "um_cnn", "um_nn"}
    assert set(ready_made()) == families | {"mm_cnn_short", "convnext_host"}


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"trainig": {}}, r"the config has no key 'trainig'; did you mean 'training'\?"),
        ({"training": {"epoch": 3}}, r"\[training\] has no key 'epoch'; did you mean 'epochs'\?"),
        ({"training": {"epochs": 0}}, r"\[training\] epochs must be an integer ≥ 1\. Got: 0"),
        ({"training": {"epochs": 2.5}}, r"epochs must be an integer ≥ 1\. Got: 2\.5"),
        ({"training": {"epochs": True}}, r"epochs must be an integer ≥ 1\. Got: True"),
        ({"training": {"object_share": 0}}, r"object_share must be a number > 0 and ≤ 1\. Got: 0"),
        ({"training": {"augment": 1}}, r"augment must be true or false\. Got: 1"),
        ({"training": {"learning_rate": 0}}, r"learning_rate must be a number > 0\. Got: 0\.0"),
        ({"training": {"weight_decay": float("nan")}}, r"must be a number ≥ 0\. Got: nan"),
        ({"training": {"mask": 1.5}}, r"mask must be a number ≥ 0 and ≤ 1\. Got: 1\.5"),
        ({"training": {"schedule": "step"}}, r"schedule must be one of 'cosine', .*'step'"),
        ({"training": 3}, r"\[training\] must be a table\. Got: 3"),
        ({"network": {"name": "compcat"}}, r"name is not .* 'compcat'; did you mean 'compact'\?"),
        ({"network": {"dropuot": 1}}, r"\[network\] has no key 'dropuot'; did you mean 'dropout'"),
        ({"network": {"side": 21}}, r"\[network\] has no key 'side'"),
        ({"network": {"heads": 2.5}}, r"\[network\] heads must be an integer\. Got: 2\.5"),
        ({"network": {"heads": True}}, r"\[network\] heads must be an integer\. Got: True"),
        ({"network": {"dropout": "a"}}, r"\[network\] dropout must be a number\. Got: 'a'"),
        ({"network": {"channels": 8}}, r"channels must be a list of integers\. Got: 8"),
        ({"network": {"channels": []}}, r"channels must be a list of integers\. Got: \[\]"),
        ({"network": {"name": "mm_cnn", "dropouts": [0.5, "x"]}}, "must be a list of numbers"),
        (
            {"network": {"name": "convnext", "host": "yes"}},
            r"\[network\] host must be true or false\. Got: 'yes'",
        ),
        (
            {"network": {"name": "frozen_fusion", "image": "i.keras"}},
            r"\[network\] metadata must be the path of trained weights\. Got: nothing",
        ),
        ({"sweep": 3}, r"\[sweep\] must be a table\. Got: 3"),
        ({"sweep": {"training": [1]}}, r"\[sweep\.training\] must be a table\. Got: \[1\]"),
        ({"calibration": {"method": "beta"}}, r"\[calibration\] method must be one of"),
        ({"sweep": {"training": {"bach": [1]}}}, r"\[sweep\] has no key 'training.bach'; did you"),
        ({"sweep": {"training": {"batch": []}}}, r"training.batch must be a list of choices, or"),
        (
            {"sweep": {"training": {"learning_rate": {"low": 0, "high": 1, "log": True}}}},
            r"training.learning_rate must be a list of choices, or .*log",
        ),
    ],
)
def test_mistakes_are_named(tables, message):
    with pytest.raises(ConfigError, match=message):
        read_config(tables)


def test_files_that_are_not_there_or_not_toml_are_named(tmp_path):
    with pytest.raises(ConfigError, match=r"no config file .*ready-made ones are: compact, "):
        read_config(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[training\n")
    with pytest.raises(ConfigError, match=r"bad\.toml is not TOML: "):
        read_config(tmp_path / "bad.toml")


def test_a_file_may_name_weights_relative_to_itself(tmp_path):
    file = tmp_path / "fusion.toml"
    file.write_text(
        '[network]\nname = "frozen_fusion"\nimage = "a/i.keras"\nmetadata = "m.keras"\n'
    )
    settings = read_config(file).network.settings
    assert settings["image"] == str(tmp_path / "a" / "i.keras")
