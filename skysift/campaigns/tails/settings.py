"""The table [tails] of a campaign's file, and what is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from skysift.active_learning.questions import Choice

COMET, NOT, UNCLEAR = "comet", "not", "unclear"
"""Answers."""

FORM = Choice("Is the source in the middle a comet?", {"c": COMET, "n": NOT, "u": UNCLEAR})


@dataclass(frozen=True)
class Settings:
    """What can be chosen."""

    set: str = field(
        default="set",
        metadata={
            "path": (),
            "doc": "set of `skysift data build tails`: frames with known comets, learned from "
            "beside the labels; its test part judges",
        },
    )
    start: str = field(
        default="",
        metadata={"path": (), "doc": "weights that each round begins with; by default what ships"},
    )
    epochs: int = field(default=4, metadata={"low": 1, "doc": "of each round"})
    steps: int = field(default=100, metadata={"low": 1, "doc": "of each epoch"})
    learning_rate: float = field(
        default=3e-4, metadata={"above": 0.0, "doc": "at first; it falls to 1 % of it"}
    )
    repeat: int = field(
        default=5,
        metadata={"low": 1, "doc": "how often a labelled detection is there among the frames"},
    )
    false_per_frame: float = field(
        default=0.1,
        metadata={"low": 0.0, "doc": "false detections a frame, at which recall is told"},
    )
    work: str = field(
        default="training",
        metadata={"path": (), "doc": "folder of a training that has not ended"},
    )


def form(settings: Settings) -> Choice:
    """Ask whether it is a comet."""
    return FORM


def unused(settings: Settings) -> tuple[str, ...]:
    """Return the answer that teaches nothing."""
    return (UNCLEAR,)
