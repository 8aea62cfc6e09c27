"""``skysift train`` and ``skysift data build``: from packets and labels to weights that load."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from skysift.cli.main import app
from skysift.datasets import fetch
from skysift.models.btsbot import load
from skysift.models.btsbot.training_set import read_set
from skysift.simulate import write_night
from tests.datasets.mirror import Mirror, serving
from tests.datasets.published import FILES, REGISTERED

MIX = {"supernova": 0.5, "agn": 0.5}
CONFIG = """
[set]
alerts = ["packets"]
labels = "truth.csv"
shares = {train = 0.5, validation = 0.25, test = 0.25}
[set.sources]
trues = ["supernova"]
vars = ["agn"]
[network]
name = "um_nn"
[training]
epochs = 1
warm_up = 0
[gate]
enabled = false
[guard]
enabled = false
"""


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night")
    write_night(120, 3, folder, mix=MIX, workers=1)
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    return folder


def skysift(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_config_is_enough_to_build_a_set_and_train_on_it(night, tmp_path):
    done = skysift(
        "train", "btsbot", "--config", night / "config.toml", "--output", tmp_path,
        "--name", "mine", "--trained-on", "my alerts",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    scorer = load(tmp_path / "mine.keras")
    assert scorer.trained_on == "my alerts"
    assert scorer.version.startswith("mine+")
    built = read_set(tmp_path / "set")
    facts = json.loads((tmp_path / "mine.json").read_text())
    assert facts["training"]["alerts"] == {
        part: len(built.part(part)) for part in ("train", "validation")
    }
    for word in ("validation", "trues", "cut_positive", "one alert"):
        assert word in done.output


def test_a_set_that_is_there_is_used_and_the_command_line_overrides_the_file(night, tmp_path):
    config, folder = night / "config.toml", tmp_path / "set"
    built = skysift("data", "build", "btsbot", "--config", config, "--output", folder)
    assert built.exit_code == 0, built.output
    stamp = (folder / "triplets.npy").stat().st_mtime_ns
    done = skysift(
        "train", "btsbot", "--config", config, "--set", folder, "--output", tmp_path / "weights",
        "--seed", 5, "--epochs", 2,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    facts = json.loads((tmp_path / "weights" / "btsbot-own.json").read_text())
    assert (facts["training"]["seed"], facts["training"]["epochs"]) == (5, 2)
    assert (folder / "triplets.npy").stat().st_mtime_ns == stamp
    assert not (tmp_path / "weights" / "set").exists()


def test_alerts_and_labels_on_the_command_line_need_no_file(night, tmp_path):
    labels = pd.read_csv(night / "truth.csv").drop_duplicates("objectId")
    labels[["objectId", "label"]].to_parquet(tmp_path / "labels.parquet")
    (tmp_path / "config.toml").write_text(CONFIG[CONFIG.index("[network]") :], encoding="utf-8")
    done = skysift(
        "train", "btsbot", "--config", tmp_path / "config.toml", "--output", tmp_path / "out",
        "--alerts", night / "packets", "--labels", tmp_path / "labels.parquet",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert set(read_set(tmp_path / "out" / "set").table["source_set"]) == {"trues", "rejects"}


def test_the_fetched_set_is_trained_on_by_the_same_command(night, tmp_path):
    with serving(Mirror(dict(FILES))) as url:
        fetch(REGISTERED, tmp_path / "published", base_url=url)
    done = skysift(
        "train", "btsbot", "--config", night / "config.toml", "--set", tmp_path / "published",
        "--output", tmp_path / "weights",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    facts = json.loads((tmp_path / "weights" / "btsbot-own.json").read_text())
    assert facts["preprocessing"] == "published"
    assert facts["training"]["alerts"] == {"train": 10, "validation": 10}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--set", "somewhere", "--labels", "labels.csv"], "give --set, or --alerts and --labels"),
        (["--set", "nowhere"], "no complete training set in nowhere"),
        (["--config", "compact"], "names no alerts"),
        (["--config", "compac"], "no config file compac; ready-made ones are: compact"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_done(tmp_path, words, complaint):
    done = skysift("train", "btsbot", "--output", tmp_path / "out", *words)
    assert done.exit_code != 0
    assert complaint in str(done.exception)
    assert not (tmp_path / "out").exists()


HOSTS = """
[network]
name = "convnext"
widths = [4]
depths = [1]
patch = 9
meta = [4, 4]
host = true
[training]
epochs = 1
warm_up = 0
precision = "float32"
[gate]
enabled = false
"""


def test_what_the_network_lacks_is_said_before_an_alert_is_read(night, tmp_path):
    own = CONFIG.replace('"packets"', f'"{night}/packets"').replace('"truth', f'"{night}/truth')
    about_the_set = own[: own.index("[network]")]
    config, out = tmp_path / "config.toml", tmp_path / "out"
    words = "train", "btsbot", "--config", config, "--output", out
    config.write_text(own, encoding="utf-8")
    for more, complaint in (
        (["--name", "a/b"], "must be that of a file, without folder. Got: 'a/b'"),
        (["--sweep", 2], "the config has no [sweep]"),
    ):
        refused = skysift(*words, *more)
        assert complaint in str(refused.exception)
        assert not out.exists()
    for network, complaint in (
        (HOSTS, "the network looks at host images, and the set has none: build it with --hosts"),
        ("[network]\nheads = 0", r"[network] a compact cannot be built so: "),
        ('[network]\nstart = "gone"', f"no weights at {tmp_path / 'gone'}"),
    ):
        config.write_text(about_the_set + network, encoding="utf-8")
        refused = skysift(*words)
        assert isinstance(refused.exception, ValueError)
        assert complaint in str(refused.exception)
        assert not out.exists()


def test_hosts_that_were_added_to_the_set_that_is_there_are_enough(night, tmp_path):
    own = CONFIG.replace('"packets"', f'"{night}/packets"').replace('"truth', f'"{night}/truth')
    config, folder = tmp_path / "config.toml", tmp_path / "out" / "set"
    config.write_text(own[: own.index("[network]")] + HOSTS, encoding="utf-8")
    built = skysift("data", "build", "btsbot", "--config", config, "--output", folder)
    assert built.exit_code == 0, built.output
    (tmp_path / "cutouts").mkdir()
    rng = np.random.default_rng(5)
    for name in np.unique(read_set(folder).group)[:9]:
        np.save(tmp_path / "cutouts" / f"{name}.npy", rng.integers(0, 256, (63, 63, 3), np.uint8))
    added = skysift("data", "build", "hosts", "--pictures", tmp_path / "cutouts", "-o", folder)
    assert added.exit_code == 0, added.output
    done = skysift("train", "btsbot", "--config", config, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert load(tmp_path / "out").needs == ("host",)


def test_a_sweep_writes_a_config_to_train_with(night, tmp_path):
    ranges = "[sweep.training]\nlearning_rate = {low = 1e-4, high = 1e-2, log = true}\n"
    (tmp_path / "sweep.toml").write_text(CONFIG[CONFIG.index("[network]") :] + ranges)
    folder = tmp_path / "set"
    skysift("data", "build", "btsbot", "--config", night / "config.toml", "--output", folder)
    done = skysift(
        "train", "btsbot", "--config", tmp_path / "sweep.toml", "--set", folder, "--output",
        tmp_path / "out", "--sweep", 2,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "best of 2 trials" in done.output
    trials = pd.read_csv(tmp_path / "out" / "trials.csv")
    assert trials["training.learning_rate"].between(1e-4, 1e-2).all()
    assert (tmp_path / "out" / "best.toml").exists()
