"""Queues: which question a labeller is given next, and how far the queue has come."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

from skysift.active_learning.errors import LedgerError
from skysift.active_learning.records import Question
from skysift.marshal.candidates import EVERYTHING, NEWEST, Candidate
from skysift.marshal.room import Room
from skysift.marshal.standing import Count, Standing, count_answers

ROUND = 0
"""Of questions about topics' candidates, which come in no rounds."""

A_ROUND = re.compile(r"[0-9]{1,9}")


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
        return self.room.standing(self.campaign)

    def next(self, labeller: str) -> Question | None:
        """See `Queue`."""
        standing = self.standing()
        for candidate in self.candidates():
            question = standing.about(candidate.object, ROUND)
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
            (asked,) = self.room.ledger.ask(
                self.campaign, ROUND, self.room.form, [item], query=query
            )
        except LedgerError:  # somebody was shown another alert of the object
            other = self.standing().about(candidate.object, ROUND)
            if other is None:
                raise
            return other
        return asked

    def count(self) -> Count:
        """See `Queue`."""
        standing, candidates = self.standing(), self.candidates()
        asked = (standing.about(candidate.object, ROUND) for candidate in candidates)
        answers = (answer for q in asked if q is not None for answer in standing.answers_to(q))
        return count_answers(len(candidates), answers)


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
        return self.room.standing(self.campaign)

    def questions(self) -> Sequence[Question]:
        """Return the questions, in the order of asking."""
        return self.standing().of_round(self.round)

    def next(self, labeller: str) -> Question | None:
        """See `Queue`."""
        return self.room.ledger.next(self.campaign, labeller, round=self.round)

    def count(self) -> Count:
        """See `Queue`."""
        standing, asked = self.standing(), self.questions()
        answers = (answer for question in asked for answer in standing.answers_to(question))
        return count_answers(len(asked), answers)


def queue_from(room: Room, said: Mapping[str, str]) -> TopicQueue | RoundQueue:
    """Find the queue that an address means; all topics if it means none."""
    if "campaign" in said:
        number = said.get("round", "")
        return RoundQueue(
            room, said["campaign"], int(number) if A_ROUND.fullmatch(number) else None
        )
    topic = said.get("topic", EVERYTHING)
    rank = said.get("rank", room.rank)
    return TopicQueue(room, topic, rank if rank in room.candidates.ranks(topic) else NEWEST)


def address(path: str, queue: Queue, **more: object) -> str:
    """Make the address of a page about a queue."""
    return f"{path}?{urlencode({**queue.query, **more})}"
