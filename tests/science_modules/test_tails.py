"""Tails on alerts: simulated comets are found where they are, and odd stamps get a reason."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from skysift.alerts.stamp_sky import FRAME, alert_in_stamp, on_the_sky
from skysift.alerts.stamps import Stamps
from skysift.models import WeightsError
from skysift.science_modules import get, tails
from skysift.simulate import simulate_night
from tests.alert_samples import batch_of
from tests.models.tails_frames import SKY, add_comet, make_images

MODULE = get("tails")
POSITION = {"ra": 120.0, "dec": 30.0, "xpos": 1000.25, "ypos": 999.75}


@pytest.fixture(scope="module")
def night():
    """Alerts of comets and of supernovae, and what they are."""
    return [
        alert
        for kind, count in (("comet", 20), ("supernova", 20))
        for alert in simulate_night(count, seed=31, mix={kind: 1.0}, alerts_per_object=1)
    ]


@pytest.fixture(scope="module")
def answer(night):
    return MODULE.annotate(batch_of((), [packet for packet, _ in night], "ztf"))


def score(*triples: np.ndarray, isdiffpos: float = 1.0, **position: float) -> dict:
    """What the module says of stamps (h, w, 3)."""
    stamps = Stamps(
        [tuple(np.moveaxis(images, -1, 0)) for images in triples],
        np.full(len(triples), "ok", dtype=object),
    )
    columns = {name: np.full(len(triples), value) for name, value in (POSITION | position).items()}
    return tails.score(stamps, isdiffpos=np.full(len(triples), isdiffpos), **columns)


def comet(side: int = 63, x: float = 31.0, y: float = 31.0, seed: int = 1) -> np.ndarray:
    """Stamps of a clear comet, (side, side, 3)."""
    images = make_images((side, side), rng=np.random.default_rng(seed))
    add_comet(images, x, y, 10_000.0)
    return images


def test_comets_score_higher_than_supernovae(night, answer) -> None:
    is_comet = np.array([truth["class"] == "comet" for _, truth in night])
    assert (answer["status"] == "ok").all()
    assert (answer["score"][is_comet] > 0.5).mean() > 0.8
    above = answer["score"][is_comet][:, None] > answer["score"][~is_comet]
    assert above.mean() > 0.9


def test_comets_are_found_where_they_are(night) -> None:
    """As if the survey had measured each beside its nucleus: the alert's own place is 12″ off."""
    right, down = 9, -8
    comets = [(packet, truth) for packet, truth in night if truth["class"] == "comet"]
    batch = batch_of((), [packet for packet, _ in comets], "ztf")
    columns = {name: batch.column(name) for name in POSITION}
    columns["ra"], columns["dec"] = on_the_sky(
        np.full(len(comets), right), np.full(len(comets), down), columns["ra"], columns["dec"]
    )
    columns["xpos"], columns["ypos"] = columns["xpos"] + right, columns["ypos"] + down
    cut = slice(31 + down - 20, 31 + down + 21), slice(31 + right - 20, 31 + right + 21)
    images = [tuple(image[cut] for image in triple) for triple in batch.column("stamps").images]
    stamps = Stamps(images, np.full(len(images), "ok", dtype=object))
    found = tails.score(stamps, isdiffpos=np.ones(len(images)), **columns)
    places = SkyCoord(found["ra"], found["dec"], unit="deg")
    truths = SkyCoord([(truth["ra"], truth["dec"]) for _, truth in comets], unit="deg")
    apart = places.separation(truths).arcsec
    assert np.isfinite(apart).sum() >= 15
    assert np.nanmedian(apart) < 2.0


def test_a_comet_anywhere_in_stamps_of_any_size_is_found() -> None:
    for side, x, y in ((63, 31.0, 31.0), (41, 12.3, 25.8), (64, 40.2, 33.0), (301, 140.6, 171.2)):
        found = score(comet(side, x, y), make_images((side, side), rng=np.random.default_rng(1)))
        assert list(found["status"]) == ["ok", "ok"]
        # A round glow is no comet that the network knows; it is more of one than stars and sky.
        assert found["score"][0] > max(0.1, 5 * found["score"][1])
        assert np.hypot(found["x"][0] - x, found["y"][0] - y) < 2.0


def test_the_place_on_the_sky_begins_at_the_alert() -> None:
    found = score(comet(63, 20.0, 40.0))
    x = found["x"] - alert_in_stamp(np.array([POSITION["xpos"]]), 63, FRAME[1])
    y = found["y"] - alert_in_stamp(np.array([POSITION["ypos"]]), 63, FRAME[0])
    ra, dec = on_the_sky(x, y, np.array([POSITION["ra"]]), np.array([POSITION["dec"]]))
    assert (found["ra"], found["dec"]) == (ra, dec)
    assert found["ra"][0] > POSITION["ra"]
    assert found["dec"][0] < POSITION["dec"]


def test_without_the_alerts_position_there_is_a_score_and_no_place_on_the_sky() -> None:
    for lost in ({"ra": np.nan}, {"dec": -999.0}):
        found = score(comet(), **lost)
        assert found["status"][0] == "ok" and np.isfinite(found["x"][0])
        assert np.isnan([found["ra"][0], found["dec"][0]]).all()
    found = score(comet(64, 31.5, 31.5))  # nobody knows where in 64 px the alert is
    assert found["status"][0] == "ok" and np.isnan(found["ra"][0])


def test_a_difference_that_was_turned_is_turned_back() -> None:
    turned = comet()
    turned[..., 2] *= -1
    assert score(turned, isdiffpos=0.0)["score"] == score(comet())["score"]
    assert score(turned)["score"] < 0.5


def test_masked_pixels_of_a_reference_are_missing_pixels() -> None:
    masked, missing = comet(), comet()
    masked[:20, :, 1] = -np.finfo(np.float32).max
    missing[:20, :, 1] = np.nan
    assert score(masked)["score"] == score(missing)["score"] > 0.5


def odd(name: str) -> np.ndarray:
    images = comet()
    if name == "mostly missing":
        images[:40, :, 1] = np.nan
    elif name == "the same throughout":
        images[..., 0] = SKY
    elif name == "infinite":
        images[..., 2] = np.inf
    elif name == "too small":
        images = images[:63, :20]
    return images


@pytest.mark.parametrize("name", ["mostly missing", "the same throughout", "infinite", "too small"])
def test_stamps_that_show_nothing_are_bad_and_their_neighbours_are_not(name: str) -> None:
    found = score(comet(), odd(name), comet())
    assert found["status"].tolist() == ["ok", "bad_stamp", "ok"]
    assert np.isnan(found["score"][1])
    assert found["score"][0] == found["score"][2] > 0.5


def test_stamps_of_different_sizes_are_bad() -> None:
    whole = tuple(np.moveaxis(comet(), -1, 0))
    stamps = Stamps([(*whole[:2], whole[2][:, :62]), whole], np.array(["ok", "ok"], dtype=object))
    columns = {name: np.full(2, value) for name, value in POSITION.items()}
    found = tails.score(stamps, isdiffpos=np.ones(2), **columns)
    assert found["status"].tolist() == ["bad_stamp", "ok"]


def test_weights_that_are_not_there_are_refused_before_a_job(tmp_path) -> None:
    MODULE.prepare()
    with pytest.raises(WeightsError, match="no weights"):
        MODULE.prepare(weights=str(tmp_path / "none"))


def test_what_a_network_cannot_see_is_bad_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the published one, for which a difference far below zero everywhere is nothing."""
    scorer = tails.load()

    class Blind:
        version = scorer.version

        def score(self, images: np.ndarray) -> dict[str, np.ndarray]:
            answer = scorer.score(images)
            return {
                name: np.where([True, False], column, np.nan) for name, column in answer.items()
            }

    monkeypatch.setattr(tails, "load", lambda weights: Blind())
    found = score(comet(), comet(seed=2))
    assert found["status"].tolist() == ["ok", "bad_stamp"]
    assert np.isnan(found["score"]).tolist() == [False, True]
