"""What the framework makes of a module's file, and does with what the module answers."""

from __future__ import annotations

import pickle
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from skysift.alerts.batch import MissingColumnError
from skysift.science_modules import ScienceModule, get
from tests.alert_samples import batch_of, frame_of, simulated_ztf

ALERTS = simulated_ztf()[:3]


def faint(magpsf, *, limit: float = 18.0):
    """How faint it is."""
    return {"excess": magpsf - limit, "status": ["ok"] * len(magpsf), "version": "1"}


def file(name: str = "faintness", **parts: object) -> ModuleType:
    """Make the Python file of a module."""
    module = ModuleType(f"skysift.science_modules.{name}")
    vars(module).update({"score": faint, "OUTPUTS": {"excess": "double"}, "SURVEYS": ("ztf",)})
    vars(module).update(parts)
    return module


def answering(outputs: dict[str, str], **answer: object) -> ScienceModule:
    """Make a module that always gives the same answer."""

    def score(magpsf):
        return answer

    return ScienceModule("probe", score, outputs, ("ztf",))


def test_a_module_is_read_off_its_file():
    module = ScienceModule.from_python(file())
    assert (module.name, module.columns, module.settings) == (
        "faintness", ("magpsf",), {"limit": 18.0},
    )  # fmt: skip
    assert module.summary == "How faint it is."
    assert module.ddl == "struct<excess: double, status: string, version: string>"


@pytest.mark.parametrize("part", ["score", "OUTPUTS", "SURVEYS"])
def test_a_file_that_lacks_a_part_is_refused_by_name(part):
    with pytest.raises(TypeError, match=f"science_modules/faintness.py .* lacks: {part}"):
        ScienceModule.from_python(file(**{part: None}))


def test_a_score_without_a_docstring_is_refused():
    with pytest.raises(TypeError, match="docstring"):
        ScienceModule.from_python(file(score=lambda magpsf: {}))


def test_a_name_of_an_alert_column_is_refused():
    with pytest.raises(TypeError, match="an alert column is called 'magpsf'"):
        ScienceModule.from_python(file("magpsf"))


def test_whatever_a_module_leaves_beside_a_reason_is_null():
    outputs = {"real": "double", "name": "string", "number": "int", "flag": "boolean"}
    module = answering(
        outputs,
        real=np.array([1.0, -999.0, 3.0]),
        name=np.array(["sn", "none", "cv"]),
        number=np.array([1, -1, 3]),
        flag=np.array([True, True, False]),
        status=np.array(["ok", "out_of_range", "ok"]),
        version="1",
    )
    found = module.annotate(batch_of((), ALERTS, "ztf"))
    np.testing.assert_array_equal(found["real"], [1.0, np.nan, 3.0])
    assert found["name"].tolist() == ["sn", None, "cv"]
    assert found["number"].tolist() == [1, None, 3]
    assert found["flag"].tolist() == [True, None, False]
    assert found["version"].tolist() == ["1", "1", "1"]


WRONG = {
    "too few rows": {"real": np.ones(2), "status": ["ok"] * 2, "version": "1"},
    "no status": {"real": np.ones(3), "version": "1"},
    "an output left out": {"status": ["ok"] * 3, "version": "1"},
}


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_an_error_of_the_module_on_every_row(answer, caplog):
    module = answering({"real": "double"}, **answer)
    found = module.annotate(batch_of((), ALERTS, "ztf"))
    assert set(found["status"]) == {"module_error"}
    assert np.isnan(found["real"]).all()
    assert "module probe failed on a batch of 3 alerts" in caplog.text


def test_the_struct_is_attached_to_the_batch():
    batch = batch_of((), ALERTS, "ztf")
    found = ScienceModule.from_python(file()).annotate(batch, limit=17.0)
    assert batch.column("faintness") == found
    np.testing.assert_array_equal(found["excess"], batch.column("magpsf") - 17.0)


def test_a_frame_that_lacks_a_column_is_refused_by_name():
    frame = frame_of((), ALERTS).drop(columns="prv_candidates")
    with pytest.raises(MissingColumnError, match="module btsbot needs column 'light_curve'"):
        get("btsbot").for_pandas(frame)


def test_the_frame_is_left_as_it_was():
    frame = frame_of((), ALERTS)
    before = pickle.dumps(frame)  # a copy would share the dicts in it
    get("btsbot").for_pandas(frame)
    pd.testing.assert_frame_equal(frame, pickle.loads(before))
