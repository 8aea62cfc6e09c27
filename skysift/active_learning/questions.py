"""Kinds of questions: a choice, votes on a decision tree, marks on a picture.

A form says what is asked and which answers make sense; it is stored as JSON beside each question,
so that a ledger can be read without the configuration that filled it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

RESERVED_KEYS = ("s", "z", "q")
"""Skip, undo and quit."""

SKIP = "skip"
"""What stands in a file in place of an answer, where a question is passed on."""


class AnswerError(ValueError):
    """An answer does not fit its question; the message says why."""


@dataclass(frozen=True)
class Choice:
    """One of a few answers, each on a key.

    Parameters
    ----------
    prompt : str
    choices : mapping of str to str
        Key → answer, in the order in which to show them.

    Raises
    ------
    ValueError
        If there are fewer than two choices, an answer stands twice or is ``skip``, or a key is no
        single small letter or digit, or means skip, undo or quit.

    Examples
    --------
    >>> Choice("A supernova?", {"y": "yes", "n": "no"}).check("yes")
    'yes'
    """

    kind: ClassVar[str] = "choice"
    prompt: str
    choices: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse keys that cannot be told apart."""
        if len(set(self.choices.values())) < max(2, len(self.choices)):
            raise ValueError(f"choices must be two or more, and differ. Got: {self.choices}")
        if SKIP in self.choices.values():
            raise ValueError(f"no choice may be {SKIP!r}: questions are passed on without one")
        for key in self.choices:
            if not (len(key) == 1 and key.isalnum() and key == key.lower()) or (
                key in RESERVED_KEYS
            ):
                raise ValueError(
                    "a key must be one small letter or digit other than "
                    f"{', '.join(RESERVED_KEYS)}. Got: {key!r}"
                )

    def check(self, value: Any) -> str:
        """Return the answer.

        Raises
        ------
        AnswerError
            If it is none of the choices.
        """
        if value not in self.choices.values():
            known = ", ".join(self.choices.values())
            raise AnswerError(f"the answer must be one of: {known}. Got: {value!r}")
        return str(value)


@dataclass(frozen=True)
class Votes:
    """Votes on a decision tree, as Galaxy Zoo counts them.

    Parameters
    ----------
    prompt : str
    tree : mapping
        Question → {answer → the question it leads to, or None}. The first question is the root;
        each question comes before those it leads to.

    Raises
    ------
    ValueError
        If there is no question, a question has fewer than two answers, or an answer leads to a
        question that does not come later in the tree.

    Notes
    -----
    An answer holds counts, {question: {answer: votes}}: 1 where one person voted, more where the
    votes of many are taken over together.
    """

    kind: ClassVar[str] = "votes"
    prompt: str
    tree: Mapping[str, Mapping[str, str | None]]

    def __post_init__(self) -> None:
        """Refuse a tree that turns back."""
        if not self.tree:
            raise ValueError("a tree must have a question. Got: none")
        order = {question: place for place, question in enumerate(self.tree)}
        for question, answers in self.tree.items():
            if len(answers) < 2:
                raise ValueError(f"{question!r} must have two or more answers. Got: {answers}")
            for answer, following in answers.items():
                if following is not None and order.get(following, -1) <= order[question]:
                    raise ValueError(
                        f"{answer!r} of {question!r} must lead to a later question. "
                        f"Got: {following!r}"
                    )

    @property
    def root(self) -> str:
        """The question that everybody is asked."""
        return next(iter(self.tree))

    def path(self, answers: Sequence[str]) -> dict[str, dict[str, int]]:
        """Make votes of the answers that one person gave, from the root on.

        Raises
        ------
        AnswerError
            If an answer does not belong to its question, or the path is too short or too long.

        Examples
        --------
        >>> form = Votes(
        ...     "Shape?",
        ...     {"shape": {"smooth": None, "disk": "arms"}, "arms": {"yes": None, "no": None}},
        ... )
        >>> form.path(["disk", "no"])
        {'shape': {'disk': 1}, 'arms': {'no': 1}}
        """
        votes: dict[str, dict[str, int]] = {}
        question: str | None = self.root
        for answer in answers:
            if question is None or answer not in self.tree[question]:
                raise AnswerError(f"{answer!r} does not answer {question or 'any question'!r}")
            votes[question] = {answer: 1}
            question = self.tree[question][answer]
        if question is not None:
            raise AnswerError(f"{question!r} has no answer yet")
        return votes

    def check(self, value: Any) -> dict[str, dict[str, int]]:
        """Return the votes.

        Raises
        ------
        AnswerError
            If a question or an answer is not in the tree, a count is no whole number above 0, or a
            question has more votes than led to it.
        """
        if not isinstance(value, Mapping) or not value:
            raise AnswerError(f"votes must be {{question: {{answer: count}}}}. Got: {value!r}")
        led_to: dict[str, int] = {}
        for question in self._asked(value):
            votes = self._counts(question, value[question])
            if question != self.root and sum(votes.values()) > led_to.get(question, 0):
                raise AnswerError(f"{question!r} has more votes than led to it. Got: {value!r}")
            for answer, count in votes.items():
                following = self.tree[question][answer]
                if following is not None:
                    led_to[following] = led_to.get(following, 0) + count
        return {question: dict(value[question]) for question in self._asked(value)}

    def _asked(self, value: Mapping[str, Any]) -> list[str]:
        """List the questions with votes, in the tree's order."""
        unknown = [question for question in value if question not in self.tree]
        if unknown:
            raise AnswerError(f"the tree has no question {unknown[0]!r}")
        return [question for question in self.tree if question in value]

    def _counts(self, question: str, votes: Any) -> Mapping[str, int]:
        if not isinstance(votes, Mapping):
            raise AnswerError(f"votes on {question!r} must be {{answer: count}}. Got: {votes!r}")
        for answer, count in votes.items():
            if answer not in self.tree[question]:
                raise AnswerError(f"{question!r} has no answer {answer!r}")
            if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                raise AnswerError(f"a count must be a whole number above 0. Got: {count!r}")
        return votes


@dataclass(frozen=True)
class Marks:
    """Positions on a picture; no mark means that there is nothing to mark.

    Parameters
    ----------
    prompt : str
    width, height : float
        Of the picture (px); a mark (x, y) lies in [0, width] × [0, height].
    """

    kind: ClassVar[str] = "marks"
    prompt: str
    width: float
    height: float

    def check(self, value: Any) -> list[dict[str, float]]:
        """Return the marks.

        Raises
        ------
        AnswerError
            If it is no list of ``{"x": …, "y": …}`` within the picture.
        """
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise AnswerError(f"marks must be a list of {{x, y}}. Got: {value!r}")
        return [self._mark(mark) for mark in value]

    def _mark(self, mark: Any) -> dict[str, float]:
        try:
            x, y = float(mark["x"]), float(mark["y"])
        except (TypeError, KeyError, ValueError):
            raise AnswerError(f"a mark must be {{x, y}}, numbers. Got: {mark!r}") from None
        if not (0 <= x <= self.width and 0 <= y <= self.height):
            raise AnswerError(
                f"a mark must lie in the picture of {self.width:g} × {self.height:g} px. "
                f"Got: x={x:g}, y={y:g}"
            )
        return {"x": x, "y": y}


AnyForm = Choice | Votes | Marks

FORMS: dict[str, type[AnyForm]] = {form.kind: form for form in (Choice, Votes, Marks)}

TRANSIENT = Choice(
    "What is it?",
    {"r": "real", "x": "extragal", "g": "gal", "a": "agn", "b": "bogus", "v": "varstar"},
)
"""What people are asked about an alert: an AGN, a variable star, another source in the Galaxy or
outside it, real without knowing more, or bogus."""


def form_to_json(form: AnyForm) -> dict[str, Any]:
    """Turn a form into what JSON can hold."""
    return {"kind": form.kind, **asdict(form)}


def form_from_json(stored: Mapping[str, Any]) -> AnyForm:
    """Make a form of what `form_to_json` returned.

    Raises
    ------
    ValueError
        If its kind is unknown.
    """
    facts = dict(stored)
    kind = facts.pop("kind", None)
    if kind not in FORMS:
        raise ValueError(f"a question must be one of {', '.join(FORMS)}. Got: {kind!r}")
    return FORMS[kind](**facts)
