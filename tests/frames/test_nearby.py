"""What several who were asked say together of known objects near a detection."""

from __future__ import annotations

from typing import Any

import pytest

from skysift.frames import nearby
from skysift.frames.known.answer import Answer, Match, NoAnswerError
from tests.frames.detections import detection, frame_id


def answer(*offsets: float) -> str:
    """Write an answer that names objects so far away."""
    return Answer.of(
        [
            Match(f"at {offset}", "MB", 1.0, 2.0, offset, None, None, None, None)
            for offset in offsets
        ]
    ).text()


def row(**values: Any) -> dict[str, Any]:
    return detection(frame_id(), **values)


FAILED = Answer("failed", reason=str(NoAnswerError("504"))).text()
ORBITS = {
    "known_status": "matched", "known_name": "C/2020 T2", "known_offset": 4.25,
    "known_source": "CometEls.txt",
}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({}, "not_asked", "Nobody was asked"),
        ({"known_status": "none"}, "none", "No known object"),
        ({"x_match_mpc": answer()}, "none", "No known object"),
        ({"known_status": "none", "x_match_mpc": FAILED}, "failed", "could not be told"),
        ({"x_match_mpc": FAILED, "x_match_skybot": answer(7.0)}, "matched", "at 7.0, 7.0″ from"),
        (ORBITS, "matched", "C/2020 T2, 4.2″ from where CometEls.txt has it"),
        ({**ORBITS, "x_match_mpc": answer(30.0, 2.0)}, "matched", "at 2.0, 2.0″ from where the"),
        ({**ORBITS, "x_match_mpc": answer(30.0)}, "matched", "C/2020 T2"),
    ],
)  # fmt: skip
def test_together(values: dict[str, Any], status: str, words: str) -> None:
    assert nearby.status(row(**values)) == status
    assert words in nearby.in_words(row(**values))


def test_what_is_no_answer_is_told() -> None:
    for text in ("[]", "{", '{"status": "none"}', '{"status": "x", "matches": [1], "reason": ""}'):
        with pytest.raises(ValueError, match="_0: x_match_mpc"):
            nearby.answers(row(x_match_mpc=text))
