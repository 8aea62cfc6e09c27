"""From a tree of Galaxy Zoo, whose answers lead to several questions, to one question at a time."""

from __future__ import annotations

from graphlib import TopologicalSorter

from skysift.active_learning.questions import Votes
from skysift.galaxy_zoo import Question, Tree

PROMPT = "What does the galaxy look like?"


def form_of(tree: Tree) -> Votes:
    """Put a tree in the order in which a person goes through it.

    Where an answer leads to several questions, they follow each other, each with all that it leads
    to: those that follow fewer answers first, otherwise in the tree's order.

    Raises
    ------
    ValueError
        If what follows an answer depends on more than that answer.

    Examples
    --------
    >>> from skysift.galaxy_zoo import read_tree
    >>> form = form_of(read_tree("gz2"))
    >>> form.tree["has-spiral-arms"]
    {'yes': 'spiral-winding', 'no': 'bar'}
    >>> form.tree["spiral-arm-count"]["2"]
    'bar'
    """
    follows = {
        q.name: {answer: _next(tree, q, answer) for answer in q.answers} for q in tree.questions
    }
    before: dict[str, set[str]] = {name: set() for name in follows}
    for name, answers in follows.items():
        for following in answers.values():
            if following is not None:
                before[following].add(name)
    # static_order begins with those behind nothing: the first question of the tree among them.
    order = list(TopologicalSorter(before).static_order())
    return Votes(PROMPT, {name: follows[name] for name in order})


def _next(tree: Tree, question: Question, answer: str) -> str | None:
    """Name the question after an answer: the first that it leads to, or what is left before."""
    first = next((q for q in _behind(tree, question.name) if answer in q.after), None)
    return first.name if first is not None else _left(tree, question)


def _left(tree: Tree, question: Question) -> str | None:
    """Name what is still to be asked when a question, and all behind it, is done with."""
    siblings = _behind(tree, question.parent)
    for later in siblings[siblings.index(question) + 1 :]:
        shared = set(question.after) & set(later.after)
        if question.parent is None or set(question.after) <= set(later.after):
            return later.name
        if shared:
            raise ValueError(
                f"{later.name} follows {question.name} after some answers to {question.parent} "
                "and not after others: people cannot be asked one question at a time"
            )
    return None if question.parent is None else _left(tree, tree[question.parent])


def _behind(tree: Tree, parent: str | None) -> list[Question]:
    """List the questions behind another: those that follow fewer of its answers first."""
    return sorted((q for q in tree.questions if q.parent == parent), key=lambda q: len(q.after))
