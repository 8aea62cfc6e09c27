"""`comet_candidates`: each reason to drop an alert alone, at its limit; nulls speak for nothing."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.alerts.light_curve import LightCurve
from skysift.filters.comet_candidates import comet_candidates

NAN = np.nan
COMET = {
    "magpsf": 18.0, "magapbig": 17.4, "isdiffpos": 1.0, "sgscore1": 0.9, "distpsnr1": 4.0,
    "neargaia": 6.0, "elong": 1.1, "score": 0.9,
}  # fmt: skip


def history(*earlier: tuple[float, float, float]) -> LightCurve:
    """The alert on day 10, and what was there before: (day, magpsf, isdiffpos) each."""
    points = np.array([*earlier, (10.0, 18.0, 1.0)])
    n = len(points)
    return LightCurve(
        offsets=np.array([0, n]),
        jd=points[:, 0],
        fid=np.ones(n),
        magpsf=points[:, 1],
        sigmapsf=np.full(n, 0.1),
        diffmaglim=np.full(n, 20.5),
        isdiffpos=points[:, 2],
        is_null=np.zeros(1, dtype=bool),
    )


def keeps(*earlier: tuple[float, float, float], settings: dict | None = None, **columns: float):
    values = {name: np.array([value]) for name, value in {**COMET, **columns}.items()}
    tails = {"score": values.pop("score")}
    kept = comet_candidates(**values, light_curve=history(*earlier), tails=tails, **settings or {})
    return bool(kept[0])


def test_a_comet_is_kept() -> None:
    assert keeps()


@pytest.mark.parametrize("score", [0.49, NAN])
def test_a_low_score_or_none_is_not(score: float) -> None:
    assert not keeps(score=score)
    assert keeps(score=0.5)
    assert not keeps(score=0.5, settings={"min_score": 0.6})


def test_what_is_no_wider_than_a_star_is_not() -> None:
    assert not keeps(magapbig=17.9)
    assert keeps(magapbig=17.75)
    assert keeps(magapbig=17.9, settings={"min_excess": 0.05})
    assert not keeps(magapbig=NAN)
    assert not keeps(magpsf=NAN)


def test_what_has_faded_is_not() -> None:
    assert not keeps(isdiffpos=0.0)
    assert not keeps(isdiffpos=NAN)


def test_stars_are_not() -> None:
    assert not keeps(distpsnr1=1.49)
    assert keeps(distpsnr1=1.5)
    assert keeps(distpsnr1=1.49, sgscore1=0.76)
    assert not keeps(neargaia=1.49)
    assert keeps(neargaia=1.5)
    assert keeps(neargaia=0.9, settings={"star_radius": 0.9})


def test_a_neighbour_that_is_none_is_no_star() -> None:
    assert keeps(distpsnr1=-999.0, neargaia=-999.0)
    assert keeps(sgscore1=NAN, distpsnr1=NAN, neargaia=NAN)


def test_streaks_are_not() -> None:
    assert not keeps(elong=3.1)
    assert keeps(elong=3.0)
    assert keeps(elong=NAN)


def test_what_stands_still_is_not() -> None:
    assert not keeps((9.4, 19.0, 1.0))
    assert keeps((9.6, 19.0, 1.0))
    assert not keeps((9.6, 19.0, 1.0), settings={"min_separation": 0.1})


def test_limits_and_negative_detections_are_no_standing_still() -> None:
    assert keeps((8.0, NAN, NAN), (9.0, 19.0, 0.0))
