"""The catalogue is what the declarations say now, and reads docstrings as numpydoc means them."""

from __future__ import annotations

from docs.catalogue import PAGE, page
from docs.docstrings import described, lead
from skysift import filters, science_modules
from skysift.alerts.columns import COLUMNS
from skysift.science_modules._module import MODULE_ERROR
from tests.answers import STATUSES
from tests.docs.markdown import ROOT, Page


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_every_module_filter_and_column_is_on_it():
    on_page = set(Page(PAGE).spans) | Page(PAGE).anchors
    there_are = {*science_modules.discover(), *filters.discover(), *COLUMNS}
    assert there_are <= on_page


def test_every_setting_is_explained():
    for module in science_modules.discover().values():
        assert module.settings.keys() <= described(module.score).keys(), module.name
    for one in filters.discover().values():
        assert one.settings.keys() <= described(one.function).keys(), one.name


def test_every_status_word_is_in_the_data_model():
    words = set(Page(ROOT / "docs" / "data-model.md").spans)
    assert {*STATUSES, MODULE_ERROR} <= words


def test_parameters_described_together_share_the_text():
    found = described(_documented)
    assert found["low"] == found["high"] == "Bounds, in `mag`."
    assert found["strict"] == "Whether to refuse. Two sentences."
    assert lead(_documented) == "Bound a magnitude.\n\nSecond paragraph."


def _documented(low, high, *, strict=True):
    """Bound a magnitude.

    Second paragraph.

    Parameters
    ----------
    low, high : float
        Bounds, in ``mag``.
    strict : bool
        Whether to refuse.
        Two sentences.

    Returns
    -------
    bool
        Not a parameter.
    """
