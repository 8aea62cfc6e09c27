"""Truth: names are counted, and ZTF's own identifiers are taken apart by hand."""

from __future__ import annotations

import numpy as np

from skysift.simulate.identity import CHANNELS, ROWS, Identity, reference_id
from skysift.simulate.observing import SLOT, Visits, make_visits


def one_visit(night: int, step: int) -> Visits:
    one = np.ones(1)
    return Visits(np.array([night]), np.array([step]), np.array([2]), one, one, one, one)


def test_identifiers_read_like_ztfs() -> None:
    visits = one_visit(2475, 43385)
    identity = Identity(0)
    assert visits.jd[0] == 2460229.93385
    assert identity.image_ids(visits)[0] == 2475433850015
    assert identity.alert_ids(visits, np.array([True]))[0] == 2475433850015015000
    assert identity.alert_ids(visits, np.array([False]))[0] == 2475433850015010000
    assert reference_id(505, 1, 0) == 505120100
    assert reference_id(506, 2, 13) == 506120213


def test_objects_never_share_an_alert_identifier() -> None:
    numbers = np.random.default_rng(1).choice(SLOT * ROWS * CHANNELS, 3000, replace=False)
    numbers = np.concatenate([numbers, numbers[:100] // (SLOT * ROWS) * 0 + np.arange(100)])
    places = {(i.phase, i.row, i.channel) for i in map(Identity, set(numbers.tolist()))}
    assert len(places) == len(set(numbers.tolist()))
    stacked = [Identity(7 + k * SLOT * ROWS) for k in range(CHANNELS)]
    assert len({identity.channel for identity in stacked}) == CHANNELS


def test_object_names_are_a_year_and_seven_letters_and_differ() -> None:
    names = {Identity(number).object_id(2024) for number in range(20_000)}
    assert len(names) == 20_000
    assert all(name.startswith("ZTF24") and name[5:].isalpha() for name in names)
    assert all(len(name) == 12 for name in names)


def test_visits_are_in_order_and_keep_their_phase() -> None:
    visits = make_visits(2460500.0, 2828, 17, rng=np.random.default_rng(2))
    assert (np.diff(visits.jd) > 0).all()
    assert visits.jd[0] >= 2460499.5 and visits.night[-1] == 2828
    assert (visits.step % SLOT == 17).all() and (visits.step < 100_000).all()
    assert set(visits.fid.tolist()) <= {1, 2, 3} and {1, 2} <= set(visits.fid.tolist())
    assert 1.5 < np.median(np.diff(np.unique(visits.night))) < 4.0
