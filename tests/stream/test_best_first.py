"""Best first within a cap, on made-up nights whose best alerts are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skysift.stream.best_first import WantedScores, good_enough
from skysift.stream.caps import RateCaps

CAP = 100
BATCH = 40


@pytest.fixture
def rng() -> np.random.Generator:
    """Draw the same nights in each run."""
    return np.random.default_rng(12)


def sent(caps: RateCaps, scores: np.ndarray, night: int, first_batch: int) -> np.ndarray:
    """Send a night's alerts through a capped topic, batch by batch; tell which went."""
    went = np.ones(len(scores), dtype=bool)
    for number, start in enumerate(range(0, len(scores), BATCH)):
        part = scores[start : start + BATCH]
        nights = np.full(len(part), night)
        over = caps.excess(first_batch + number, [["a"]] * len(part), nights, {"a": part})
        went[start + over.get("a", np.empty(0, dtype=np.int64))] = False
    return went


def share_of_best(scores: np.ndarray, went: np.ndarray) -> float:
    """Tell how many of the night's best, which are known now that it is over, went."""
    return float(went[np.argsort(-scores)[:CAP]].mean())


def test_once_nights_are_known_most_of_a_nights_best_go(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    """In the order of arrival only 5 % of them would."""
    caps = RateCaps(tmp_path, {"a": CAP})
    shares, counts = [], []
    for night in range(4):
        scores = rng.normal(size=2000)
        went = sent(caps, scores, night, 1000 * night)
        shares.append(share_of_best(scores, went))
        counts.append(went.sum())
    assert max(counts) <= CAP
    assert min(counts[1:]) >= 0.85 * CAP
    assert min(shares[1:]) > 0.75
    assert shares[0] > 0.15


@pytest.mark.parametrize("change", [-1.0, 1.0])
def test_where_scores_change_the_threshold_follows(
    tmp_path: Path, rng: np.random.Generator, change: float
) -> None:
    """As when a new round of labels gives all alerts other ranks."""
    caps = RateCaps(tmp_path, {"a": CAP})
    for night in range(4):
        scores = rng.normal(size=2000) + change * night
        went = sent(caps, scores, night, 1000 * night)
    assert 0.8 * CAP <= went.sum() <= CAP
    assert share_of_best(scores, went) > 0.3


def test_a_night_richer_than_those_before_keeps_room_for_a_best_that_comes_late(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    caps = RateCaps(tmp_path, {"a": CAP})
    for night in range(2):
        sent(caps, rng.normal(size=2000), night, 1000 * night)
    scores = rng.normal(size=2600)
    scores[-1] = 99.0
    went = sent(caps, scores, 2, 2000)
    assert went[-1]
    assert went.sum() <= CAP
    assert share_of_best(scores, went) > 0.6


def test_a_first_night_keeps_room_for_a_best_that_comes_late(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    scores = rng.normal(size=2000)
    scores[-1] = 99.0
    assert sent(RateCaps(tmp_path, {"a": CAP}), scores, 0, 0)[-1]


def test_where_there_is_room_for_all_all_go(tmp_path: Path, rng: np.random.Generator) -> None:
    assert sent(RateCaps(tmp_path, {"a": CAP}), rng.normal(size=CAP // 2), 0, 0).all()


def test_what_is_known_to_be_the_last_takes_all_the_room(tmp_path: Path) -> None:
    """As when a night lies in a folder, and the job ends with it."""
    scores, nights = np.arange(150.0), np.zeros(150, dtype=np.int64)
    taken = {}
    for left in (None, 1.0, 0.25, 0.0):
        caps = RateCaps(tmp_path / str(left), {"a": CAP})
        over = caps.excess(0, [["a"]] * 150, nights, {"a": scores}, left)["a"]
        taken[left] = 150 - len(over)
        assert over.tolist() == list(range(150 - taken[left]))
    assert taken == {None: 50, 1.0: 50, 0.25: 75, 0.0: 100}


def test_in_a_batch_the_best_go_and_of_equals_the_first(tmp_path: Path) -> None:
    caps = RateCaps(tmp_path, {"a": 2})
    scores = np.array([1.0, np.nan, 5.0, 5.0, 3.0, 5.0, 0.5, -np.inf])
    over = caps.excess(0, [["a"]] * 8, np.zeros(8, dtype=np.int64), {"a": scores})
    assert over["a"].tolist() == [0, 1, 4, 5, 6, 7]
    again = caps.excess(1, [["a"]] * 8, np.ones(8, dtype=np.int64), {"a": np.full(8, np.nan)})
    assert again["a"].tolist() == [2, 3, 4, 5, 6, 7]


def test_topics_do_not_touch_each_other(tmp_path: Path, rng: np.random.Generator) -> None:
    caps = RateCaps(tmp_path, {"a": 5, "b": 5})
    scores = rng.normal(size=40)
    topics = [["a", "b"]] * 40
    nights = np.zeros(40, dtype=np.int64)
    over = caps.excess(0, topics, nights, {"a": scores})
    assert over["b"].tolist() == list(range(5, 40))
    assert set(over["a"]) != set(over["b"])


def test_a_batch_of_two_nights_is_judged_night_by_night(tmp_path: Path) -> None:
    caps = RateCaps(tmp_path, {"a": 2})
    nights = np.array([7, 8] * 4)
    scores = np.array([1.0, 11.0, 2.0, 12.0, 3.0, 13.0, 4.0, 14.0])
    over = caps.excess(0, [["a"]] * 8, nights, {"a": scores})
    assert over["a"].tolist() == [0, 1, 2, 3, 4, 5]


def test_a_replay_and_a_restart_judge_as_the_first_time(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    nights = [rng.normal(size=400) for _ in range(3)]
    steady = RateCaps(tmp_path / "steady", {"a": 20})
    expected = [sent(steady, scores, n, 100 * n) for n, scores in enumerate(nights)]
    folder = tmp_path / "restarted"
    found = [
        sent(RateCaps(folder, {"a": 20}), scores, n, 100 * n) for n, scores in enumerate(nights)
    ]
    np.testing.assert_array_equal(found, expected)
    replayed = sent(RateCaps(folder, {"a": 20}), nights[1], 1, 100)
    np.testing.assert_array_equal(replayed, expected[1])


def wanted(folder: Path, *nights: int) -> WantedScores:
    """Remember nights of so many alerts, 1, 2, 3, …: a batch each."""
    memory = WantedScores(folder)
    for number, count in enumerate(nights):
        memory.remember(number, {f"a {number}": np.arange(1.0, count + 1)})
    return memory


def test_a_batch_that_is_repeated_is_not_judged_against_itself(tmp_path: Path) -> None:
    scores = np.array([1.0, 2.0, 3.0, 4.0])
    memory = wanted(tmp_path)
    first = memory.threshold(0, "a", 0, scores, 4)
    memory.remember(0, {"a 0": scores})
    assert memory.threshold(0, "a", 0, scores, 4) == first == 3.0


def test_the_last_five_nights_tell_how_many_are_to_come(tmp_path: Path) -> None:
    scores = np.arange(1.0, 5.0)
    few = wanted(tmp_path / "few", 40, 40, 40, 40, 40, 4, 4, 4, 4, 4)
    assert few.threshold(10, "a", 10, scores, 4) == 2.0  # 5 are expected: the best 4/5
    many = wanted(tmp_path / "many", 4, 4, 4, 4, 4, 40, 40, 40, 40, 40)
    assert many.threshold(10, "a", 10, scores, 4) == 4.0  # 40: the best tenth


def test_files_that_are_left_to_read_do_not_outweigh_the_nights_before(tmp_path: Path) -> None:
    """They may hold other nights."""
    scores = np.arange(1.0, 5.0)
    memory = wanted(tmp_path, 8)
    usual = memory.threshold(1, "a", 1, scores, 4)
    assert memory.threshold(1, "a", 1, scores, 4, left=0.9) == usual == 3.0
    assert memory.threshold(1, "a", 1, scores, 4, left=0.0) == -np.inf


def test_the_threshold_is_the_lowest_of_the_best_share() -> None:
    pool = np.array([1.0, 4.0, 2.0, 3.0])
    assert good_enough(pool, 0.5) == 3.0
    assert good_enough(pool, 0.01) == 4.0
    assert good_enough(pool, 1.0) == -np.inf
