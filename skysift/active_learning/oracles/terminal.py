"""An oracle at the keyboard: one key an answer, each saved at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from skysift.active_learning.desk import Desk
from skysift.active_learning.errors import AlreadyAnsweredError
from skysift.active_learning.ledger import Ledger
from skysift.active_learning.oracles._keyboard import read_key, read_line
from skysift.active_learning.questions import AnswerError, AnyForm, Choice, Marks, Votes
from skysift.active_learning.records import Question

UNSURE = 0.5
"""Confidence of an answer given with a capital letter."""


class Command(Enum):
    """What a key may mean instead of an answer."""

    SKIP = "skip"
    UNDO = "undo"
    QUIT = "quit"


COMMANDS = {"s": Command.SKIP, "z": Command.UNDO, "q": Command.QUIT}

NUMBERS = "123456789abcdefghijklmnoprtuvwxy"
"""Keys of a tree's answers, in their order: none of them is a command."""


class TerminalOracle:
    """A person at a terminal.

    Choices have keys of their own; votes are numbered, question by question; marks are typed as
    ``x y; x y``, and ``none`` where there is nothing. A capital letter gives the same choice with
    confidence 0.5. ``s`` skips, ``z`` takes the last answer back and asks again, ``q`` quits; so
    does the end of the input. Whoever comes back goes on where they stopped.

    Parameters
    ----------
    labeller : str
    describe : callable, optional
        ``describe(question) -> str``: what the object is about, a page's address say.
    key, line : callable, optional
        Read one key, or one line; both return ``q`` at the end of the input.
    write : callable, optional
        Takes what is to be shown, a line at a time.
    """

    def __init__(
        self,
        labeller: str,
        *,
        describe: Callable[[Question], str] | None = None,
        key: Callable[[], str] = read_key,
        line: Callable[[], str] = read_line,
        write: Callable[[str], Any] = print,
    ) -> None:
        self._labeller = labeller
        self._describe = describe
        self._key = key
        self._line = line
        self._write = write

    def work(self, ledger: Ledger, campaign: str, round: int) -> None:
        """Ask until no question is open, or the person quits."""
        desk = Desk(ledger, campaign, self._labeller, round)
        while (question := desk.next()) is not None:
            if not self._settle(desk, question):
                break
        progress = desk.progress()
        self._write(f"{progress.answered} of {progress.asked} answered, {progress.open} open")

    def _settle(self, desk: Desk, question: Question) -> bool:
        """Ask one question until something happens; return False to stop."""
        self._show(question)
        value, confidence = self._ask(question.form)
        if value is Command.QUIT:
            return False
        if value is Command.UNDO:
            self._undo(desk)
            return True
        try:
            if value is Command.SKIP:
                desk.skip(question.id)
            else:
                desk.answer(question.id, value, confidence=confidence)
        except AlreadyAnsweredError as problem:  # in another window, meanwhile
            self._write(str(problem))
        return True

    def _show(self, question: Question) -> None:
        self._write(f"\n{question.object} ({question.item})")
        if self._describe is not None:
            self._write(self._describe(question))

    def _undo(self, desk: Desk) -> None:
        question = desk.undo()
        self._write("nothing to undo" if question is None else f"taken back: {question.object}")

    def _ask(self, form: AnyForm) -> tuple[Any, float | None]:
        """Return a value that fits, or a command; and how sure the person is."""
        if isinstance(form, Choice):
            return self._press(form.prompt, form.choices)
        if isinstance(form, Votes):
            return self._vote(form), None
        return self._mark(form), None

    def _press(self, prompt: str, answers: Mapping[str, str]) -> tuple[str | Command, float | None]:
        """Wait for a key that means something."""
        keys = {**answers, **{key: command.value for key, command in COMMANDS.items()}}
        self._write(f"{prompt}  " + "  ".join(f"[{key}] {what}" for key, what in keys.items()))
        while True:
            key = self._key()
            if key.lower() in COMMANDS:
                return COMMANDS[key.lower()], None
            if key in answers:
                return answers[key], None
            if key.lower() in answers:
                return answers[key.lower()], UNSURE
            self._write(f"{key!r} is no answer here")

    def _vote(self, form: Votes) -> Any:
        """Walk down the tree; undo on the way goes back to the root."""
        path: list[str] = []
        question: str | None = form.root
        self._write(form.prompt)
        while question is not None:
            numbered = dict(zip(NUMBERS, form.tree[question], strict=False))
            answer, _ = self._press(question, numbered)
            if answer is Command.UNDO and path:
                path, question = [], form.root
            elif isinstance(answer, Command):
                return answer
            else:
                path.append(answer)
                question = form.tree[question][answer]
        return form.path(path)

    def _mark(self, form: Marks) -> Any:
        self._write(f"{form.prompt}  x y; x y  or none  ({', '.join(COMMANDS)})")
        while True:
            typed = self._line().strip().lower()
            if typed in COMMANDS:
                return COMMANDS[typed]
            try:
                return form.check([] if typed == "none" else _marks(typed))
            except AnswerError as problem:
                self._write(str(problem))


def _marks(typed: str) -> list[dict[str, str]]:
    """Read ``x y; x y``."""
    marks = [point.replace(",", " ").split() for point in typed.split(";")]
    if any(len(mark) != 2 for mark in marks):
        raise AnswerError(f"marks must be typed as: x y; x y. Got: {typed!r}")
    return [{"x": x, "y": y} for x, y in marks]
