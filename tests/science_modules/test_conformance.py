"""Every science module there is, through the conformance battery; see `tests.checks`."""

from __future__ import annotations

import pytest

from skysift.science_modules import discover
from tests.alert_samples import real_alerts, simulated_ztf
from tests.answers import Sample, serves
from tests.checks import yield_checks

CASES = [
    pytest.param(unit, check, source, id=f"{unit.name}-{check.__name__}-{source}")
    for unit in discover().values()
    for check in yield_checks(unit)
    for source in ("simulated", "ztf", "lsst")
    if serves(unit, "ztf" if source == "simulated" else source)
]


@pytest.mark.parametrize(("unit", "check", "source"), CASES)
def test_a_science_module(unit, check, source, request):
    if source == "simulated":
        sample = Sample("ztf", simulated_ztf())
    else:
        sample = Sample(source, real_alerts(request.getfixturevalue("shared_data"), source))
    check(unit, sample)
