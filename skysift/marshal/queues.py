"""Queues: which question a labeller is given next, and how far the queue has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

from skysift.active_learning.errors import LedgerError
from skysift.active_learning.records import Question
from skysift.marshal.candidates import EVERYTHING, NEWEST, Candidate
from skysift.marshal.room import Room, Standing

ROUND = 0
"""Of questions about topics' candidates, which come in no rounds."""


@dataclass(frozen=True)
class Count:
    """How far a queue has come: things to label, those with an answer, answers of each labeller."""

    total: int
    answered: int
    by_labeller: Mapping[str, int]


class Queue(Protocol):
    """Something to be worked off."""

    @property
    def campaign(self) -> str:
        """What the labels are for."""
        ...

    @property
    def round(self) -> int | None:
        """Round of the campaign, None for all."""
        ...

    @property
    def title(self) -> str:
        """What the queue is called on the page."""
        ...

    @property
    def query(self) -> dict[str, str]:
        """What an address must say to mean this queue."""
        ...

    def next(self, labeller: str) -> Question | None:
        """Give a labeller the next question, and keep it for them for a while."""
        ...

    def count(self) -> Count:
        """Tell how far the queue has come."""
        ...


@dataclass(frozen=True)
class TopicQueue:
    """The candidates of a topic, by rank. A question is asked when somebody is shown one."""

    room: Room
    topic: str
    rank: str

    @property
    def campaign(self) -> str:
        """See `Queue`."""
        return self.room.campaign

    @property
    def round(self) -> int | None:
        """See `Queue`."""
        return ROUND

    @property
    def title(self) -> str:
        """See `Queue`."""
        return "All topics" if self.topic == EVERYTHING else self.topic

    @property
    def query(self) -> dict[str, str]:
        """See `Queue`."""
        return {"topic": self.topic, "rank": self.rank}

    def candidates(self) -> list[Candidate]:
        """Return the candidates, the next first."""
        return self.room.candidates.ranked(self.topic, self.rank)

    def standing(self) -> Standing:
        """Tell how the questions about them stand."""
        return self.room.standing(self.campaign, ROUND)

    def next(self, labeller: str) -> Question | None:
        """See `Queue`."""
        standing = self.standing()
        for candidate in self.candidates():
            question = standing.about(candidate.object)
            if question is not None and not standing.is_open(question, labeller):
                continue
            question = question or self.ask(candidate)
            if self.room.ledger.hold(question.id, labeller):
                return question
        return None

    def ask(self, candidate: Candidate) -> Question:
        """Ask about a candidate, unless that was done before."""
        item = (str(candidate.latest.alert_id), candidate.object)
        query = f"{self.topic}:{self.rank}"
        try:
            return self.room.ledger.ask(self.campaign, ROUND, self.room.form, [item], query=query)[
                0
            ]
        except LedgerError:  # somebody was shown another alert of the object
            question = self.standing().about(candidate.object)
            if question is None:
                raise
            return question

    def count(self) -> Count:
        """See `Queue`."""
        standing = self.standing()
        objects = {candidate.object for candidate in self.candidates()}
        answers = [a for a in standing.answers if not a.skipped and a.question.object in objects]
        return Count(len(objects), len({a.question.object for a in answers}), _by_labeller(answers))


@dataclass(frozen=True)
class RoundQueue:
    """The open questions of a campaign, or of one of its rounds, in the order of asking."""

    room: Room
    campaign: str
    round: int | None = None

    @property
    def title(self) -> str:
        """See `Queue`."""
        return self.campaign if self.round is None else f"{self.campaign}, round {self.round}"

    @property
    def query(self) -> dict[str, str]:
        """See `Queue`."""
        said = {"campaign": self.campaign}
        return said if self.round is None else {**said, "round": str(self.round)}

    def standing(self) -> Standing:
        """Tell how the questions stand."""
        return self.room.standing(self.campaign, self.round)

    def next(self, labeller: str) -> Question | None:
        """See `Queue`."""
        return self.room.ledger.next(self.campaign, labeller, round=self.round)

    def count(self) -> Count:
        """See `Queue`."""
        progress = self.room.ledger.progress(self.campaign, round=self.round)
        return Count(progress.asked, progress.answered, progress.by_labeller)


def queue_from(room: Room, said: Mapping[str, str]) -> TopicQueue | RoundQueue:
    """Find the queue that an address means; all topics if it means none."""
    if "campaign" in said:
        number = said.get("round", "")
        return RoundQueue(room, said["campaign"], int(number) if number.isdecimal() else None)
    topic = said.get("topic", EVERYTHING)
    rank = said.get("rank", room.rank)
    return TopicQueue(room, topic, rank if rank in room.candidates.ranks(topic) else NEWEST)


def address(path: str, queue: Queue, **more: object) -> str:
    """Make the address of a page about a queue."""
    return f"{path}?{urlencode({**queue.query, **more})}"


def _by_labeller(answers: list) -> dict[str, int]:
    counts: dict[str, int] = {}
    for answer in answers:
        counts[answer.labeller] = counts.get(answer.labeller, 0) + 1
    return counts
