"""``skysift learn zoobot``: its file, the comparison by either name, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from skysift.campaigns import get
from skysift.campaigns.config import read_config
from skysift.cli.main import BAD_INPUT, USER_ERRORS, app


def refused(*words: object) -> str:
    """Run a command that a user must mend; return what is told."""
    result = CliRunner().invoke(app, ["learn", *map(str, words)])
    told = isinstance(result.exception, USER_ERRORS)
    assert told or result.exit_code == BAD_INPUT, (result.output, result.exception)
    return str(result.exception) if told else result.output


def test_a_campaigns_file_is_written(tmp_path: Path):
    path = tmp_path / "mine" / "campaign.toml"
    result = CliRunner().invoke(app, ["learn", "zoobot", "init", str(path)])
    assert result.exit_code == 0, result.output
    assert read_config(path, get("zoobot")).settings.tree == "gz2"


@pytest.mark.parametrize("verb", ["--simulate", "simulate"])
def test_a_comparison_goes_by_either_name(tmp_path: Path, verb: str):
    told = refused("zoobot", verb, "--save", tmp_path / "out", "--labels", 500)
    assert "32 + n × 32" in told
    assert not (tmp_path / "out").exists()


def test_a_question_that_does_not_exist_is_told_before_galaxies_are_made(tmp_path: Path):
    told = refused("zoobot", "--simulate", "--save", tmp_path / "out", "--question", "bars")
    assert "no question 'bars'" in told
    assert not (tmp_path / "out").exists()


def test_a_model_that_cannot_be_compared_says_so(tmp_path: Path):
    assert "vra cannot simulate" in refused("vra", "simulate", "--save", tmp_path / "out")


def test_a_set_that_is_not_there_can_be_built(tmp_path: Path):
    told = refused("zoobot", "--simulate", "--save", tmp_path / "out", "--set", tmp_path / "none")
    assert "skysift data build zoobot" in told
