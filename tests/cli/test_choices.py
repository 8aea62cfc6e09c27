"""Settings of modules from the command line: typed as their defaults are, refused otherwise."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from skysift.cli.choices import module_settings
from skysift.cli.main import USER_ERRORS, app
from skysift.simulate import write_night
from skysift.stream.plan import PlanError, make_plan

PLAN = make_plan("ztf", ["btsbot", "vra"], [])


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night")
    write_night(6, 4, folder, mix={"variable": 1}, alerts_per_object=3)
    return folder


def test_values_are_read_as_what_the_setting_is(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "maps").mkdir()
    given = ["vra.min_detections=3", "vra.dust=maps", "btsbot.compat=true"]
    assert module_settings(None, False, given, PLAN) == {
        "vra": {"min_detections": 3, "dust": str(tmp_path / "maps")},
        "btsbot": {"compat": True},
    }


@pytest.mark.parametrize("text", ["vra.dust", "dust=maps", "vra.=3", ".dust=3", "=", "vra=3"])
def test_a_setting_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(PlanError, match=r"MODULE\.SETTING=VALUE"):
        module_settings(None, False, [text], PLAN)


@pytest.mark.parametrize(
    ("text", "kind"), [("vra.min_detections=few", "int"), ("btsbot.compat=yes", "bool")]
)
def test_a_value_of_another_kind_is_refused(text: str, kind: str) -> None:
    with pytest.raises(PlanError, match=f"{text}: the value must be of {kind}"):
        module_settings(None, False, [text], PLAN)


def statuses(night: Path, output: Path, *settings: str) -> pd.Series:
    given = [part for setting in settings for part in ("--set", setting)]
    arguments = ["score", str(night), "--modules", "vra", "--output", str(output), *given]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return pd.json_normalize(pd.read_parquet(output)["vra"])["status"]


def test_a_setting_reaches_the_module(night: Path, tmp_path: Path) -> None:
    usual = statuses(night, tmp_path / "usual.parquet")
    assert (usual == "ok").any()
    strict = statuses(night, tmp_path / "strict.parquet", "vra.min_detections=1000")
    assert (strict == "no_detection").all()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("vra.dust=nowhere", "no dust map nowhere"),
        ("vra.colour=red", "module vra has no setting 'colour'"),
        ("tails.dust=3", "module 'tails', which is not chosen"),
    ],
)
def test_what_a_module_refuses_is_told_before_anything_is_scored(
    night: Path, tmp_path: Path, setting: str, message: str
) -> None:
    output = tmp_path / "scores.parquet"
    arguments = ["score", str(night), "--modules", "vra", "--output", str(output)]
    result = CliRunner().invoke(app, [*arguments, "--set", setting])
    assert isinstance(result.exception, USER_ERRORS)
    assert message in str(result.exception)
    assert not output.exists()
