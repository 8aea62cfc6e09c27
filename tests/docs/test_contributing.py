"""The examples of CONTRIBUTING.md are a filter and a module that work as it says."""

from __future__ import annotations

import doctest
from types import ModuleType

import numpy as np
import pytest

from skysift.alerts.light_curve import LightCurve
from skysift.filters import Filter
from skysift.science_modules import ScienceModule
from tests.docs.markdown import ROOT, Page


@pytest.fixture(scope="module")
def examples() -> list[str]:
    """Return the Python blocks of the page, in order."""
    blocks = Page(ROOT / "CONTRIBUTING.md").blocks
    return [block.text for block in blocks if block.language == "python"]


def as_file(name: str, code: str) -> ModuleType:
    """Import code as if it were a file of this name."""
    module = ModuleType(name)
    exec(compile(code, name, "exec"), module.__dict__)
    return module


def test_the_filter_is_a_filter_and_its_example_runs(examples):
    module = as_file("skysift.filters.bright_real", examples[0])
    one = Filter.from_python(module)
    assert one.columns == ("magpsf", "drb")
    assert one.settings == {"max_mag": 18.0}
    assert one.topic_for("ztf") == "skysift_bright_real_ztf"
    assert doctest.testmod(module) == (0, 2)


def test_the_module_is_a_module_and_scores(examples):
    module = ScienceModule.from_python(as_file("skysift.science_modules.rise", examples[1]))
    assert module.columns == ("light_curve",)
    answer = module.score(
        LightCurve(
            offsets=np.array([0, 2, 3]), jd=np.array([9.0, 10, 10]), fid=np.ones(3),
            magpsf=np.array([18.0, 17.5, 17.0]), sigmapsf=np.full(3, 0.1),
            diffmaglim=np.full(3, 20.5), isdiffpos=np.ones(3), is_null=np.array([False, True]),
        )
    )  # fmt: skip
    assert answer["status"].tolist() == ["ok", "no_history"]
    np.testing.assert_array_equal(answer["brightening"], np.float32([0.5, np.nan]))
