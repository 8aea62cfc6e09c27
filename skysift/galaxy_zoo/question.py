"""A question of a decision tree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A question, its answers, and who is asked.

    Attributes
    ----------
    name : str
        As in ``disk-edge-on``; without an underscore, which parts it from an answer.
    text : str
        As people are asked.
    answers : tuple of str
        As in ``("yes", "no")``, in the order in which they are stored.
    parent : str or None
        The question before it; None where everybody is asked.
    after : tuple of str
        Answers of `parent` after which it is asked.

    Examples
    --------
    >>> bar = Question("bar", "Is there a bar?", ("yes", "no"), "disk-edge-on", ("no",))
    >>> bar.columns
    ('bar_yes', 'bar_no')
    >>> bar.total, bar.after_columns
    ('bar_total', ('disk-edge-on_no',))
    """

    name: str
    text: str
    answers: tuple[str, ...]
    parent: str | None = None
    after: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of its votes, an answer each."""
        return tuple(f"{self.name}_{answer}" for answer in self.answers)

    @property
    def total(self) -> str:
        """Column of how many answered it."""
        return f"{self.name}_total"

    @property
    def after_columns(self) -> tuple[str, ...]:
        """Columns of the answers after which it is asked; none where everybody is."""
        return tuple(f"{self.parent}_{answer}" for answer in self.after)
