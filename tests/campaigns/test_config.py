"""A campaign's file: what it may say, and what it is told when it says something else."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from skysift.campaigns import get, names
from skysift.campaigns.config import Asking, read_config, template
from skysift.models._settings import ConfigError

VRA = get("vra")


def read(tmp_path: Path, text: str):
    path = tmp_path / "campaign.toml"
    path.write_text(text)
    return read_config(path, VRA)


def beside(path: Path, settings):
    """Settings as a file means them: paths, other than words for something, begin in its folder."""
    paths = {}
    for one in fields(settings):
        value = getattr(settings, one.name)
        if "path" in one.metadata and value and value not in one.metadata["path"]:
            paths[one.name] = str(path.parent / value)
    return replace(settings, **paths)


@pytest.mark.parametrize("name", names())
def test_the_template_says_the_defaults(tmp_path, name):
    kind = get(name)
    path = tmp_path / "campaign.toml"
    path.write_text(template(kind))
    config = read_config(path, kind)
    assert config.asking == Asking()
    assert config.settings == beside(path, kind.settings())
    assert config.places.name == name


def test_an_empty_file_says_the_same(tmp_path):
    assert read(tmp_path, "") == read(tmp_path, template(VRA))


def test_places_are_beside_the_file(tmp_path):
    config = read(tmp_path, '[campaign]\npool = "../nights"\n[vra]\nlabels = "mine.toml"\n')
    assert config.pool == tmp_path / "../nights"
    assert config.ledger == tmp_path / "labels.db"
    assert config.settings.labels == str(tmp_path / "mine.toml")


def test_addresses_stay_what_they_are(tmp_path):
    config = read(tmp_path, '[campaign]\nledger = "postgresql://h/l"\ntracking = "http://h:1"\n')
    assert (config.ledger, config.tracking) == ("postgresql://h/l", "http://h:1")
    assert read(tmp_path, '[campaign]\ntracking = ""\n').tracking is None


def test_a_query_is_told_its_settings(tmp_path):
    config = read(tmp_path, '[plan]\nquery = "entropy:k_means"\n[query]\ncandidates = 30\n')
    assert config.query().name == "entropy:k_means candidates=30"
    assert config.first().name == "random:top"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[plan]\nintial = 5\n", r"\[plan\] has no key 'intial'; did you mean 'initial'"),
        ("[plan]\ninitial = 0\n", r"\[plan\] initial must be an integer ≥ 1. Got: 0"),
        ("[plan]\nheld_out = 1.0\n", r"\[plan\] held_out must be a number ≥ 0.0 and ≤ 0.9"),
        ('[plan]\nrule = "mean"\n', r"\[plan\] rule must be one of 'latest', 'majority'"),
        ('[plan]\nquery = "margn"\n', r"\[plan\] query: no strategy is called 'margn'; did you"),
        ('[plan]\nfirst = "random:tip"\n', r"\[plan\] first: no selector is called 'tip'"),
        ("[query]\nneighbors = 3\n", r"\[plan\] query: .* has no setting 'neighbors'"),
        ('[vra]\ntarget = "galaxy"\n', r"\[vra\] target must be one of 'rank', 'gal', 'real'"),
        ("[vra]\ndust = 3\n", r"\[vra\] dust must be a text. Got: 3"),
        ("[zoobot]\n", r"has no key 'zoobot'.*Known: campaign, plan, query, vra"),
        ("[plan\n", "is not TOML"),
        ("plan = 3\n", r"\[plan\] must be a table"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(tmp_path, text, told):
    with pytest.raises(ConfigError, match=told):
        read(tmp_path, text)


def test_a_file_that_is_not_there_can_be_made(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"skysift learn vra init .*campaign\.toml"):
        read_config(tmp_path / "campaign.toml", VRA)


def test_models_are_found_by_their_folders():
    assert "vra" in names()
    with pytest.raises(KeyError, match=r"there are: .*vra"):
        get("vraa")
