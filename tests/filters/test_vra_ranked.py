"""`vra_ranked`: a rank and a sign, at their limits; the number a night is the topic's cap."""

from __future__ import annotations

import numpy as np

from skysift.filters import get
from skysift.filters.vra_ranked import vra_ranked

NAN = np.nan


def keeps(
    rank: float, *, isdiffpos: float = 1.0, transient: float = 0.8, **settings: float
) -> bool:
    scores = {"rank": np.array([rank]), "transient": np.array([transient])}
    return bool(vra_ranked(np.array([isdiffpos]), scores, **settings)[0])


def test_it_keeps_high_ranks() -> None:
    assert keeps(7.0)
    assert not keeps(6.99)
    assert keeps(6.99, min_rank=6.0)
    assert not keeps(NAN)


def test_it_drops_what_has_faded() -> None:
    assert not keeps(9.0, isdiffpos=0.0)
    assert not keeps(9.0, isdiffpos=NAN)


def test_transience_counts_only_where_it_is_asked_for() -> None:
    assert keeps(9.0, transient=0.1)
    assert keeps(9.0, transient=NAN)
    assert not keeps(9.0, transient=0.49, min_transient=0.5)
    assert keeps(9.0, transient=0.5, min_transient=0.5)
    assert not keeps(9.0, transient=NAN, min_transient=0.5)


def test_a_night_has_the_best_hundred() -> None:
    assert get("vra_ranked").max_per_night == 100
    assert get("vra_ranked").order_by == "vra.rank"
