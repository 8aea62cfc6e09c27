"""The conformance battery itself: each fault that a unit may have is found by the check for it."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.science_modules import ScienceModule
from tests.alert_samples import simulated_ztf
from tests.answers import Sample
from tests.checks import yield_checks

SAMPLE = Sample("ztf", simulated_ztf())


def said(magpsf, values, status="ok"):
    """Answer of a module."""
    known = np.isfinite(magpsf)
    return {"score": values, "status": np.where(known, status, "nan_feature"), "version": "1"}


def sound(magpsf, *, zero: float = 20.0):
    """How bright it is.

    Parameters
    ----------
    zero : float
        Where nought is (mag).

    Returns
    -------
    dict
    """
    return said(magpsf, magpsf - zero)


def heeds_the_order(magpsf):
    """Number the rows."""
    return said(magpsf, np.arange(len(magpsf), dtype=float))


def heeds_the_batch(magpsf):
    """Compare with the others."""
    return said(magpsf, magpsf / np.nanmax(magpsf))


def forgets_its_manners(magpsf):
    """Write into the column."""
    magpsf -= 20
    return said(magpsf, magpsf)


def calls_everything_fine(magpsf):
    """Give no reason for a null."""
    return {"score": magpsf, "status": ["ok"] * len(magpsf), "version": "1"}


def invents_a_status(magpsf):
    """Give a reason that nobody knows."""
    return said(magpsf, magpsf, "splendid")


def raises_on_a_bad_row(magpsf):
    """Give up on all alerts for one."""
    if not np.isfinite(magpsf).all():
        raise ValueError("bad")
    return said(magpsf, magpsf)


def scores_blank_stamps(stamps):
    """Look at no pixel."""
    n = len(stamps)
    return {"score": np.ones(n), "status": ["ok"] * n, "version": "1"}


def reads_what_is_not_there(magpfs):
    """Misspell a column."""
    return said(magpfs, magpfs)


def loads_again(magpsf):
    """Read a file for every batch."""
    with open(__file__) as file:
        return said(magpsf, magpsf + 0 * len(file.readline()))


def throws_dice(magpsf):
    """Answer by chance."""
    return said(magpsf, np.random.default_rng().random(len(magpsf)))


def says_nothing_of_its_setting(magpsf, *, zero: float = 20.0):
    """How bright it is.

    Parameters
    ----------
    zero : float
        Where nought is.

    Returns
    -------
    dict
    """


def make_promises_wrongly():
    """Make it here: pytest runs the examples of a module's own functions."""

    def promises_wrongly(magpsf):
        """Show an example that does not hold.

        >>> 1 + 1
        3
        """

    return promises_wrongly


FAULTS = {
    heeds_the_order: "does_not_heed_the_order",
    heeds_the_batch: "does_not_heed_the_batch",
    forgets_its_manners: "leaves_its_input_alone",
    calls_everything_fine: "survives_null_columns",
    invents_a_status: "scores_sound_alerts",
    raises_on_a_bad_row: "survives_faulty_alerts",
    scores_blank_stamps: "gives_blank_stamps_no_score",
    reads_what_is_not_there: "takes_columns_that_there_are",
    loads_again: "loads_its_model_once",
    throws_dice: "answers_the_same_twice",
    says_nothing_of_its_setting: "is_documented",
    make_promises_wrongly(): "runs_its_examples",
}


def module(function):
    return ScienceModule(function.__name__, function, {"score": "double"}, ("ztf",))


@pytest.mark.parametrize("check", list(yield_checks(module(sound))))
def test_a_sound_module_passes(check):
    check(module(sound), SAMPLE)


@pytest.mark.parametrize(("function", "name"), FAULTS.items(), ids=FAULTS.values())
def test_each_fault_is_found_by_the_check_for_it(function, name):
    (check,) = [c for c in yield_checks(module(function)) if c.__name__ == name]
    with pytest.raises((AssertionError, KeyError)):
        check(module(function), SAMPLE)
