"""Sherlock through Lasair's own client, against a local server that answers as Lasair does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skysift.datasets.lasair_calls import Caller, NoAnswerError, RefusedError, read_answer
from skysift.datasets.sherlock import GIVE_UP, Sherlock, read_token, with_sherlock
from tests.datasets.lasair import TOKEN, Lasair, serving

pytest.importorskip("lasair", reason="the lasair client is not installed")

SKY = [
    (10.0, 0.0, "SN", 2.5),
    (20.0, 0.0, "ORPHAN", None),
    (30.0, 0.0, "AGN", 0.1),
    (40.0, 0.0, "VS", 0.2),
]
QUICK = (0.01, 0.01, 0.01)


@pytest.fixture
def lasair() -> Lasair:
    return Lasair(list(SKY))


@pytest.fixture
def ask(lasair: Lasair, tmp_path: Path) -> Iterator[Callable[..., pd.DataFrame]]:
    """Return a function that fills a table, a new process each time but for the file."""
    with serving(lasair) as endpoint:

        def fill(table: pd.DataFrame, *, token: str = TOKEN, threads: int = 4, **how):
            how = {"waits": QUICK, "per_second": 1000.0, **how}
            sherlock = Sherlock(
                tmp_path / "made" / "sherlock.sqlite",
                Caller(token, endpoint=endpoint, **how) if token else None,
                threads=threads,
            )
            try:
                return with_sherlock(table, sherlock)
            finally:
                sherlock.close()

        yield fill


def table_of(*names: str, ra: tuple[float, ...] = (10.0, 20.0, 30.0, 40.0)) -> pd.DataFrame:
    names = names or ("sn", "orphan", "agn", "vs")
    return pd.DataFrame(
        {"objectId": names, "ra": ra[: len(names)], "dec": 0.0, "sep_arcsec": np.nan}
    ).assign(candid=range(len(names)), status="ok")


def many(count: int) -> pd.DataFrame:
    return table_of(*(f"o{i}" for i in range(count)), ra=tuple(np.linspace(5.0, 14.0, count)))


def test_class_and_separation_stand_beside_the_features(ask, lasair: Lasair) -> None:
    found = ask(table_of())
    assert found["sherlock_class"].tolist() == ["SN", "ORPHAN", "AGN", "VS"]
    np.testing.assert_array_equal(found["sep_arcsec"], [2.5, np.nan, 0.1, 0.2])
    assert found["sherlock_status"].tolist() == ["matched", "no_match", "matched", "matched"]
    assert sorted(lasair.asked) == [(ra, dec) for ra, dec, *_ in SKY]


def test_known_nuclei_and_variables_are_kept_and_flagged(ask) -> None:
    assert ask(table_of())["status"].tolist() == ["ok", "ok", "known_variable", "known_variable"]


def test_an_object_is_asked_about_once_ever(ask, lasair: Lasair) -> None:
    twice = pd.concat(
        [table_of(), table_of().assign(ra=10.0001, candid=range(4, 8))], ignore_index=True
    )
    first = ask(twice)
    assert len(lasair.asked) == 4
    again = ask(twice)
    assert len(lasair.asked) == 4
    pd.testing.assert_frame_equal(first, again)
    without_token = ask(twice, token="")
    pd.testing.assert_frame_equal(first, without_token)


def test_what_has_no_place_or_was_not_ok_is_not_asked_about(ask, lasair: Lasair) -> None:
    table = table_of().assign(status=["ok", "no_detection", "ok", "ok"])
    table.loc[2, "ra"] = np.nan
    found = ask(table)
    assert sorted(ra for ra, _ in lasair.asked) == [10.0, 40.0]
    assert found["sherlock_status"].tolist()[:1] == ["matched"]
    assert found["sherlock_status"].isna().tolist() == [False, True, False, False]
    assert found["sherlock_status"][2] == "failed"
    assert found["status"][1] == "no_detection"


def test_what_failed_is_no_orphan_and_is_asked_again_next_time(ask, lasair: Lasair) -> None:
    lasair.always = 500
    found = ask(table_of())
    assert found["sherlock_status"].tolist() == ["failed"] * 4
    assert found["sherlock_class"].isna().all()
    assert found["sep_arcsec"].isna().all()
    assert found["status"].eq("ok").all()
    lasair.always = 0
    assert ask(table_of())["sherlock_status"][1] == "no_match"


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_trouble_that_passes_is_waited_for(ask, lasair: Lasair, status: int) -> None:
    lasair.fail = [status, status]
    assert ask(table_of("sn"))["sherlock_status"].tolist() == ["matched"]
    assert len(lasair.asked) == 3


def test_an_answer_that_takes_too_long_is_asked_for_again(ask, lasair: Lasair) -> None:
    lasair.slow = 0.5
    found = ask(table_of("sn"), timeout=0.1)
    assert found["sherlock_status"].tolist() == ["failed"]
    assert len(lasair.asked) == 1 + len(QUICK)


@pytest.mark.parametrize("status", [400, 404, 0, 1])
def test_what_another_try_cannot_mend_is_not_tried_again(ask, lasair: Lasair, status: int) -> None:
    lasair.fail = [status]
    assert ask(table_of("sn"))["sherlock_status"].tolist() == ["failed"]
    assert len(lasair.asked) == 1


def test_a_token_that_is_refused_ends_it_at_once(ask, lasair: Lasair) -> None:
    with pytest.raises(RefusedError, match="refuses the token"):
        ask(many(50), token="wrong")
    assert len(lasair.asked) < 10


def test_nobody_goes_on_waiting_once_it_is_over(ask, lasair: Lasair) -> None:
    lasair.fail = [503, 403]
    begun = time.monotonic()
    with pytest.raises(RefusedError):
        ask(many(2), threads=2, waits=(60.0,))
    assert time.monotonic() - begun < 30
    assert len(lasair.asked) == 2


def test_once_the_limit_is_reached_the_rest_is_left_for_another_time(
    ask, lasair: Lasair, caplog: pytest.LogCaptureFixture
) -> None:
    lasair.fail = [200] * 5
    lasair.always = 429
    found = ask(many(60), threads=1)
    assert found["sherlock_status"].value_counts().to_dict() == {"failed": 55, "matched": 5}
    assert len(lasair.asked) < 20
    assert "left for another time" in caplog.text
    lasair.always = 0
    assert ask(many(60))["sherlock_status"].eq("matched").all()


def test_a_server_that_is_down_is_left_alone(ask, lasair: Lasair) -> None:
    lasair.always = 503
    ask(many(60), threads=1)
    assert len(lasair.asked) <= (GIVE_UP + 1) * (1 + len(QUICK))


def test_single_failures_however_many_do_not_stop_the_others(ask, lasair: Lasair) -> None:
    lasair.fail = [400, 200] * (2 * GIVE_UP)
    found = ask(many(4 * GIVE_UP), threads=1)
    assert found["sherlock_status"].tolist().count("failed") == 2 * GIVE_UP
    assert found["sherlock_status"].tolist().count("matched") == 2 * GIVE_UP


def test_nobody_there_at_all(tmp_path: Path) -> None:
    with serving(Lasair(list(SKY))) as endpoint:
        pass
    sherlock = Sherlock(tmp_path / "s.sqlite", Caller(TOKEN, endpoint=endpoint, waits=()))
    assert with_sherlock(table_of(), sherlock)["sherlock_status"].eq("failed").all()


def test_calls_go_side_by_side_and_no_faster_than_they_may(ask, lasair: Lasair) -> None:
    lasair.slow = 0.1
    ask(many(12), per_second=40.0)
    assert 2 <= lasair.most <= 4
    assert max(lasair.times) - min(lasair.times) >= 0.9 * 11 / 40


def test_the_token_is_in_no_message(
    ask, lasair: Lasair, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Not even where the server says it back."""
    caplog.set_level(logging.DEBUG)
    for status in (400, 403, 429, 500, 503):
        lasair.always = status
        try:
            ask(many(3))
        except RefusedError as error:
            assert TOKEN not in str(error)
    assert "Sherlock did not answer" in caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN.encode() not in (tmp_path / "made" / "sherlock.sqlite").read_bytes()


def test_without_a_token_what_is_not_known_cannot_be(ask) -> None:
    with pytest.raises(ValueError, match=r"knows nothing of 4 objects. Set LASAIR_TOKEN"):
        ask(table_of(), token="")


def test_a_table_without_alerts(ask) -> None:
    found = ask(table_of().iloc[:0])
    assert len(found) == 0
    assert {"sherlock_class", "sherlock_status"} <= set(found)


@pytest.mark.parametrize("endpoint", ["http://lasair.example.org/api", "ftp://x", "lasair"])
def test_a_token_is_never_sent_in_the_clear(endpoint: str) -> None:
    with pytest.raises(ValueError, match="must begin with https"):
        Caller(TOKEN, endpoint=endpoint)


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Caller(TOKEN, per_second=0)


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be looked at\n" * 40)
    with pytest.raises(ValueError, match="cannot hold Sherlock's answers"):
        Sherlock(tmp_path / "notes.txt")


def test_a_token_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LASAIR_TOKEN", raising=False)
    assert read_token() is None
    monkeypatch.setenv("LASAIR_TOKEN", "from-the-environment")
    assert read_token() == "from-the-environment"
    file = tmp_path / "token"
    file.write_text("from-the-file\n")
    assert read_token(file) == "from-the-file"
    file.write_text("\n")
    with pytest.raises(ValueError, match="is empty"):
        read_token(file)
    file.write_text("two words")
    with pytest.raises(ValueError, match="one word") as caught:
        read_token(file)
    assert "two words" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"error": "no"}, {"classifications": {"a": ["SN"]}}, {"classifications": {}},
     {"classifications": {"a": []}, "crossmatches": []},
     {"classifications": {"a": ["SN"]}, "crossmatches": [{"separationArcsec": "far"}]}],
)  # fmt: skip
def test_an_answer_of_another_form_is_no_answer(answer: object) -> None:
    with pytest.raises(NoAnswerError, match="not Sherlock's"):
        read_answer(answer)
