"""Walking down a tree of questions, one page a step."""

from __future__ import annotations

from dataclasses import dataclass

from skysift.active_learning.questions import AnyForm, Votes

NUMBERS = "123456789abcdefghijklmnoprtuvwxy"
"""Keys of a tree's answers, in their order, as at the terminal."""


@dataclass(frozen=True)
class Step:
    """Where somebody stands in a tree: what was answered, what is asked, which keys answer."""

    path: list[str]
    prompt: str
    answers: list[tuple[str, str, bool]]


def step_in(form: AnyForm, path: list[str]) -> Step | None:
    """Walk down a tree as far as somebody has come; what does not fit is passed over."""
    if not isinstance(form, Votes):
        return None
    walked: list[str] = []
    at = form.root
    for answer in path:
        following = form.tree[at].get(answer)
        if following is None:
            break
        walked.append(answer)
        at = following
    answers = [
        (key, answer, following is None)
        for key, (answer, following) in zip(NUMBERS, form.tree[at].items(), strict=False)
    ]
    return Step(walked, at, answers)
