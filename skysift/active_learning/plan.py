"""What is decided before a loop begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from skysift.active_learning.query import Query
from skysift.active_learning.questions import FORMS, TRANSIENT, AnyForm, Choice, form_to_json
from skysift.active_learning.reconcile import rule_named


@dataclass(frozen=True)
class Plan:
    """How a campaign is run.

    Parameters
    ----------
    campaign : str
        What the labels are for; one ledger may hold many.
    form : Choice, Votes or Marks
        What is asked.
    first, query : Query
        What chooses the rows of the first round, when there is no model, and of the others.
    initial, batch : int
        How many answers the first round wants, and each of the others. Answers in `unused` do not
        count, nor do skips: more is asked until there are enough, or nothing is left to ask.
    held_out : float
        Share of the objects never learned from.
    held_out_batch : int
        How many answers about held-out objects, drawn at random, a round wants on top.
    wanted : int
        From how many people each answer is wanted.
    rule : str
        How answers about one object are reconciled.
    unused : tuple of str
        Choices that teach this model nothing. They are kept, and not asked about again.
    ask_again : bool
        Other items of objects that were asked about in earlier rounds may be asked about too.
    seed : int

    Raises
    ------
    ValueError
        If a number is out of range, the rule does not exist or is for another kind of question, or
        a choice in `unused` is not in the form.
    """

    campaign: str
    form: AnyForm = TRANSIENT
    first: Query = field(default_factory=lambda: Query("random"))
    query: Query = field(default_factory=lambda: Query("margin", "k_means"))
    initial: int = 30
    batch: int = 10
    held_out: float = 0.0
    held_out_batch: int = 0
    wanted: int = 1
    rule: str = "latest"
    unused: tuple[str, ...] = ()
    ask_again: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        self._check_answers()
        for name, least in {"initial": 1, "batch": 1, "held_out_batch": 0, "wanted": 1}.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}. Got: {getattr(self, name)}")
        if not 0 <= self.held_out < 1:
            raise ValueError(f"held_out must be at least 0 and below 1. Got: {self.held_out}")
        if self.held_out_batch and not self.held_out:
            raise ValueError("held_out_batch needs a share of held_out objects above 0. Got: 0")

    def _check_answers(self) -> None:
        rule_named(self.rule)
        if self.rule in FORMS and self.rule != self.form.kind:
            raise ValueError(
                f"rule {self.rule!r} is for questions of {self.rule}. Got: a {self.form.kind}"
            )
        known = self.form.choices.values() if isinstance(self.form, Choice) else ()
        unknown = [choice for choice in self.unused if choice not in known]
        if unknown:
            raise ValueError(
                f"unused must be among the choices: {', '.join(known) or 'none'}. Got: {unknown[0]}"
            )

    def as_json(self) -> dict[str, Any]:
        """Say the same in what JSON can hold."""
        facts = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name in ("first", "query"):
            facts[name] = facts[name].name
        return {**facts, "form": form_to_json(self.form), "unused": list(self.unused)}
