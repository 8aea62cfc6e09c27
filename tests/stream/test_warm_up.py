"""Warming up: the workers' networks are loaded, whatever the source holds."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from skysift.models import _weights
from skysift.stream.plan import make_plan
from skysift.stream.spool import read_unit
from skysift.stream.stage import Stage
from skysift.stream.warm_up import _process_first

ROWS = pa.record_batch({"id": [0, 1]})


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> dict:
    nothing: dict = {}
    monkeypatch.setattr(_weights, "_loaded", nothing)
    return nothing


def test_the_first_alerts_make_the_networks_load(packets: Path, loaded: dict) -> None:
    rows = list(_process_first(Stage(make_plan("ztf"), read_unit), str(packets), [ROWS]))
    assert rows == [ROWS]
    scorers = [type(scorer).__module__ for scorer in loaded.values()]
    modules = ("btsbot", "tails", "vra")
    assert sorted(scorers) == [f"skysift.models.{name}.scorer" for name in modules]


def test_an_empty_folder_has_nothing_to_warm_up_on(tmp_path: Path, loaded: dict) -> None:
    rows = list(_process_first(Stage(make_plan("ztf"), read_unit), str(tmp_path), [ROWS]))
    assert rows == [ROWS]
    assert not loaded
