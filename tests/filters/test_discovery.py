"""How filters are found, configured and applied: the folder is the registration."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import skysift
from skysift.alerts.batch import AlertBatch, MissingColumnError
from skysift.alerts.columns import COLUMNS
from skysift.filters import Filter, FilterError, discover, get


def test_the_folder_holds_these():
    assert list(discover()) == [
        "bts_candidates", "bts_trigger", "comet_candidates", "vra_candidates", "vra_ranked",
    ]  # fmt: skip


@pytest.mark.parametrize("name", discover())
def test_every_filter_says_what_it_is(name):
    one = get(name)
    assert one.name == name
    assert one.summary.endswith(".")
    assert one.topic_for("lsst") == f"skysift_{name}_lsst"
    assert set(one.columns) - set(COLUMNS) <= {"btsbot", "tails", "vra"}
    assert pickle.loads(pickle.dumps(one)) == one


NEW = '''
"""Select faint alerts."""

from skysift.filters.blocks import Values


def faint(magpsf: Values, *, min_mag: float = 20.0) -> Values:
    """Faint alerts."""
    return magpsf > min_mag
'''
LIST = """
import json, sys, skysift.filters
filters = skysift.filters.discover()
heavy = [m for m in ("pyspark", "tensorflow", "keras", "confluent_kafka") if m in sys.modules]
print(json.dumps({"names": list(filters), "heavy": heavy,
                  "topic": filters["faint"].topic_for("ztf"), "columns": filters["faint"].columns}))
"""


def test_a_new_file_is_a_new_filter_and_nothing_heavy_is_loaded(tmp_path):
    shutil.copytree(Path(skysift.__file__).parent, tmp_path / "skysift")
    (tmp_path / "skysift" / "filters" / "faint.py").write_text(NEW)
    (tmp_path / "skysift" / "filters" / "_draft.py").write_text("not Python at all")
    run = subprocess.run(
        [sys.executable, "-c", LIST], cwd=tmp_path, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert json.loads(run.stdout) == {
        "names": sorted(["faint", *discover()]),
        "heavy": [],
        "topic": "skysift_faint_ztf",
        "columns": ["magpsf"],
    }


def topics(folder: Path, text: str) -> Path:
    path = folder / "topics.toml"
    path.write_text(text)
    return path


def test_a_stanza_changes_topic_cap_and_settings(tmp_path):
    path = topics(
        tmp_path,
        '[bts_trigger]\ntopic = "bright_{survey}"\nmax_per_night = 7\n'
        "[bts_trigger.settings]\nmax_mag = 18\nmin_alerts = 3\n",
    )
    changed, other = discover(path)["bts_trigger"], discover(path)["bts_candidates"]
    assert changed.topic_for("ztf") == "bright_ztf"
    assert changed.max_per_night == 7
    assert changed.settings == {
        "max_mag": 18, "min_alerts": 3, "min_score": 0.5, "max_peak_mag": 18.5,
    }  # fmt: skip
    assert other == Filter.from_python(sys.modules["skysift.filters.bts_candidates"])


def test_a_stanza_says_what_is_best(tmp_path):
    path = topics(tmp_path, '[vra_ranked]\nmax_per_night = 3\norder_by = "vra.real"\n')
    assert discover(path)["vra_ranked"].order_by == "vra.real"
    assert discover(path)["bts_trigger"].order_by is None


MISTAKES = {
    "unknown filter": ("[bts]\n", "no filter 'bts'; there are: bts_candidates, bts_trigger,"),
    "no table": ("bts_trigger = 3\n", "bts_trigger must be a table"),
    "unknown key": ("[bts_trigger]\nmax_mag = 18.0\n", r"unknown key 'max_mag'.*settings"),
    "unknown setting": ("[bts_trigger.settings]\nmag = 18.0\n", "no setting 'mag'; it has: max_m"),
    "text for a number": ("[bts_trigger.settings]\nmax_mag = '18'\n", "max_mag must be float"),
    "truth for a number": ("[bts_trigger.settings]\nmax_mag = true\n", "max_mag must be float"),
    "real for a count": ("[bts_trigger.settings]\nmin_alerts = 2.5\n", "min_alerts must be int"),
    "settings no table": ("[bts_trigger]\nsettings = 3\n", "settings must be a table; got 3"),
    "topic no text": ("[bts_trigger]\ntopic = 3\n", "topic must be text; got 3"),
    "topic not allowed": ("[bts_trigger]\ntopic = 'a b'\n", "topic 'a b' must be letters"),
    "topic of dots": ("[bts_trigger]\ntopic = '..'\n", "topic '..' must be letters"),
    "topic without end": ("[bts_trigger]\ntopic = 'a_{survey'\n", "topic 'a_{survey' must be"),
    "topic with a stranger": ("[bts_trigger]\ntopic = 'a_{night}'\n", "topic 'a_{night}' must be"),
    "no cap at all": ("[bts_trigger]\nmax_per_night = 0\n", "whole number above 0; got 0"),
    "cap no number": ("[bts_trigger]\nmax_per_night = true\n", "whole number above 0; got True"),
    "order without a cap": (
        "[vra_ranked]\norder_by = 'vra.rank'\n",
        "order_by needs max_per_night",
    ),
    "order by nothing": ("[vra_ranked]\norder_by = 3\n", "order_by must be an output .* got 3"),
    "order by a module": ("[vra_ranked]\norder_by = 'vra'\n", "as module.output; got 'vra'"),
    "order by a stranger": (
        "[vra_ranked]\norder_by = 'btsbot.score'\nmax_per_night = 3\n",
        "that the filter takes",
    ),
    "no TOML": ("[bts_trigger\n", "line 1"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_topics_are_named(tmp_path, case):
    text, message = MISTAKES[case]
    with pytest.raises(ValueError, match=message) as caught:
        discover(topics(tmp_path, text))
    assert "topics.toml" in str(caught.value)


def test_an_unknown_filter_lists_the_known():
    with pytest.raises(
        KeyError, match="no filter 'bts'; there are: bts_candidates, bts_trigger, comet_"
    ):
        get("bts")


@pytest.mark.parametrize(
    "text", ["", '"""Doc."""\ndef other(magpsf): ...\n', "def odd(magpsf): ..."]
)
def test_a_file_without_its_documented_function_is_refused(text):
    module = type(sys)("skysift.filters.odd")
    exec(text, module.__dict__)
    with pytest.raises(TypeError, match=r"filters/odd\.py must define a function odd"):
        Filter.from_python(module)


def bright(magpsf, btsbot, *, max_mag=19.0):
    """Bright."""
    return (magpsf < max_mag) & (btsbot["score"] >= 0.5)


BRIGHT = Filter("bright", bright, "bright_{survey}", settings={"max_mag": 19.0})
NESTED = {
    "a column of mappings": [{"score": 0.9, "status": "ok"}, None, {"score": 0.1, "status": "ok"}],
    "a column of Spark rows": "rows",
    "columns of its fields": None,
}


def frame(nested) -> pd.DataFrame:
    table = pd.DataFrame(
        {"candid": [1, 2, 3], "objectId": list("abc"), "magpsf": [18.0, 18.0, 18.0]},
        index=["z", "y", "y"],
    )
    if nested is None:
        return table.assign(**{"btsbot.score": [0.9, np.nan, 0.1]})
    if nested == "rows":
        from pyspark.sql import Row

        nested = [Row(score=0.9), None, Row(score=0.1)]
    table["btsbot"] = nested
    return table


@pytest.mark.parametrize("nested", NESTED.values(), ids=NESTED)
def test_a_frame_is_judged_on_its_own_index_however_the_struct_is_nested(nested):
    table = frame(nested)
    kept = BRIGHT.for_pandas(table)
    wanted = pd.Series([True, False, False], index=["z", "y", "y"], name="bright")
    pd.testing.assert_series_equal(kept, wanted)


def test_a_frame_without_a_column_is_an_error_that_names_it_and_the_filter():
    table = frame(None)
    with pytest.raises(MissingColumnError, match=r"bright.*'magpsf'"):
        BRIGHT.for_pandas(table.drop(columns="magpsf"))
    with pytest.raises(MissingColumnError, match=r"bright.*'btsbot'"):
        BRIGHT.for_pandas(table.drop(columns="btsbot.score"))


def batch() -> AlertBatch:
    return AlertBatch.from_pandas(frame(None).drop(columns="btsbot.score"))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda magpsf: magpsf, "must answer 3 truth values; got float64 of shape"),
        (lambda magpsf: magpsf[:2] > 0, r"must answer 3 truth values; got bool of shape \(2,\)"),
        (lambda magpsf: True, r"got bool of shape \(\)"),
        (lambda magpsf: magpsf["score"], "filter odd failed on 3 alerts: IndexError"),
    ],
)
def test_a_filter_that_answers_nonsense_is_named(function, message):
    with pytest.raises(FilterError, match=message):
        Filter("odd", function, "odd").select(batch())


def test_settings_change_the_outcome():
    alerts = batch()
    alerts.attach("btsbot", {"score": np.ones(3)})
    assert BRIGHT.select(alerts).tolist() == [True] * 3
    assert BRIGHT.with_settings({"max_mag": 18.0}).select(alerts).tolist() == [False] * 3
