"""The examples of CONTRIBUTING.md are a filter and a module that work as it says."""

from __future__ import annotations

import doctest
from types import ModuleType

import numpy as np
import pytest

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
    (example,) = doctest.DocTestFinder().find(one.function, one.name, globs=vars(module))
    assert doctest.DocTestRunner().run(example) == (0, 2)


def test_the_module_is_a_module_and_scores(examples):
    module = ScienceModule.from_python(as_file("skysift.science_modules.host_offset", examples[1]))
    assert module.columns == ("distpsnr1", "fwhm")
    answer = module.score(np.array([4.04, -999.0, np.nan, 1.0]), np.array([2.0, 2.0, 2.0, np.nan]))
    assert answer["status"].tolist() == ["ok", "out_of_range", "nan_feature", "nan_feature"]
    np.testing.assert_array_equal(answer["offset"], np.float32([2.0, np.nan, np.nan, np.nan]))
