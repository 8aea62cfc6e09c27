"""The table [set]: what is read, what is refused and how the refusal helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from skysift.datasets.config import SetConfig, ValidationCuts, read_set_config

WHOLE = """
[set]
alerts = ["nights/0", "nights/1.tar.gz"]
labels = "truth.csv"
hosts = "cutouts"
preprocessing = "published"
cuts = ["positive", "public"]
exclude = []
shares = {train = 0.8, validation = 0.2}
seed = 5
n_max = {trues = 7}
validation = {sne_only = true, near_threshold = false}
[set.sources]
trues = ["SN Ia", "SN II"]
vars = "CV"
[training]
epochs = 3
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_whole_table_is_read_with_paths_relative_to_the_file(tmp_path):
    config = read_set_config(write(tmp_path, WHOLE))
    assert config == SetConfig(
        alerts=(tmp_path / "nights/0", tmp_path / "nights/1.tar.gz"),
        labels=tmp_path / "truth.csv",
        preprocessing="published",
        cuts=("positive", "public"),
        exclude=(),
        shares={"train": 0.8, "validation": 0.2, "test": 0.0},
        seed=5,
        n_max={"trues": 7, "dims": 100, "rejects": 100, "vars": 100},
        validation=ValidationCuts(sne_only=True, near_threshold=False, rise_only=False),
        sources={"trues": ("SN Ia", "SN II"), "vars": ("CV",)},
        hosts=tmp_path / "cutouts",
    )


def test_the_defaults_are_the_published_choices(tmp_path):
    config = read_set_config(write(tmp_path, '[set]\nalerts = "a"\nlabels = "b"'))
    assert config.cuts == ("positive", "g_or_r", "ps1_match")
    assert config.shares == {"train": 0.81, "validation": 0.09, "test": 0.10}
    assert config.seed == 2
    assert set(config.n_max.values()) == {100}


def test_paths_on_the_command_line_come_first_and_are_enough(tmp_path):
    config = read_set_config(
        write(tmp_path, WHOLE), alerts=[Path("other")], labels=Path("other.csv")
    )
    assert (config.alerts, config.labels) == ((Path.cwd() / "other",), Path.cwd() / "other.csv")
    bare = write(tmp_path, "[training]\nepochs = 1")
    assert read_set_config(bare, alerts=[Path("a")], labels=Path("b")).seed == 2


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("shards = 1", r"\[set\] has no key 'shards'; did you mean 'shares'\?"),
        ('preprocessing = "corner"', r"\[set\] preprocessing must be one of published, centred"),
        ('cuts = ["positiv"]', r"\[set\] cuts does not know 'positiv'; did you mean 'positive'\?"),
        ('cuts = ["positive", 3]', "must be a list of texts"),
        ('exclude = ["dim"]', "exclude does not know 'dim'"),
        ("shares = {train = 0.5, test = 0.5}", r"shares.validation must be more than 0. Got: 0.0"),
        ("shares = {train = nan, validation = 0.5, test = 0.5}", "train must be more than 0"),
        ("shares = {train = inf, validation = 0.5}", "must add up to 1. Got: inf"),
        ("shares = {train = 0.5, validation = 0.4}", "must add up to 1. Got: 0.9"),
        ("shares = {train = 1.1, validation = 0.1, test = -0.2}", "test must be 0 or more"),
        (
            "shares = {train = 0.9, val = 0.1}",
            "shares has no key 'val'.*Known: train, val",
        ),
        ("shares = 0.5", "shares must be a table"),
        ('seed = "2"', "seed must be an integer ≥ 0"),
        ("seed = true", "seed must be an integer ≥ 0"),
        ("n_max = {trues = 0}", "n_max.trues must be an integer ≥ 1"),
        ("n_max = {true = 5}", "n_max has no key 'true'; did you mean 'trues'"),
        ("validation = {sne = true}", "validation.* has no key 'sne'.*Known: sne_only"),
        ("validation = {sne_only = 1}", "sne_only must be true or false"),
        ('sources = {trues = ["a"], dims = ["a"]}', "puts 'a' into more than one set"),
        ('sources = {truth = ["a"]}', "sources has no key 'truth'; did you mean 'trues'"),
        ("labels = 3", "labels must be a text"),
    ],
)
def test_what_cannot_be_is_refused_with_key_rule_and_value(tmp_path, line, complaint):
    text = '[set]\nalerts = ["a"]\n' + ("" if "labels" in line else 'labels = "b"\n') + line
    with pytest.raises(ValueError, match=complaint):
        read_set_config(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[set]\nlabels = 'b'", "names no alerts: give them there, or with --alerts"),
        ("[set]\nalerts = 'a'", "names no labels: give them there, or with --labels"),
        ("set = 3", r"\[set\] must be a table"),
        ("[set", "is not TOML"),
    ],
)
def test_a_file_without_what_is_needed_is_refused(tmp_path, text, complaint):
    with pytest.raises(ValueError, match=complaint):
        read_set_config(write(tmp_path, text))


def test_a_file_is_the_same_from_whatever_folder_it_is_named(tmp_path, monkeypatch):
    file = write(tmp_path, WHOLE)
    monkeypatch.chdir(tmp_path)
    assert read_set_config(file.name) == read_set_config(file)
