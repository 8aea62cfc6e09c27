"""The table [zoobot] of a campaign's file: which questions, and how they are learned."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from skysift.active_learning.questions import Votes
from skysift.campaigns.zoobot.asking import form_of
from skysift.galaxy_zoo import TREES, Tree, read_tree
from skysift.models.zoobot.config import LOSSES, Config, read_config, ready_made
from skysift.models.zoobot.labels import Labels


@dataclass(frozen=True)
class Settings:
    """What can be chosen."""

    tree: str = field(
        default="gz2",
        metadata={"path": TREES, "doc": f"decision tree: {', '.join(TREES)}, or a TOML file"},
    )
    questions: str = field(
        default="",
        metadata={
            "doc": "what is asked and learned, by comma; what leads there comes too. "
            "By default the whole tree"
        },
    )
    target: str = field(
        default="",
        metadata={"doc": "the question that rows are chosen for; by default all that are asked"},
    )
    trunk: str = field(
        default="",
        metadata={
            "path": (),
            "doc": "weights whose trunk stays as it is: heads alone are learned. By default the "
            "whole network is, anew in each round",
        },
    )
    loss: str = field(
        default="multinomial",
        metadata={
            "choices": tuple(sorted(LOSSES, key="multinomial".__ne__)),
            "doc": "of heads; of whole networks it stands in their config",
        },
    )
    config: str = field(
        default="small",
        metadata={
            "path": ready_made(),
            "doc": f"of whole networks: {', '.join(ready_made())}, or a TOML file",
        },
    )
    passes: int = field(default=30, metadata={"low": 2, "doc": "with dropout, to tell doubt"})
    votes: int = field(
        default=40, metadata={"low": 1, "doc": "votes on a question that doubt is told of"}
    )
    judged_votes: int = field(
        default=1, metadata={"low": 1, "doc": "votes that a galaxy must have to judge a question"}
    )

    def learned(self) -> Labels:
        """Read what is asked and learned: a tree of the questions, each behind what leads to it.

        Raises
        ------
        ValueError
            If there is no such tree or question, or the target is not asked.
        """
        tree = read_tree(self.tree)
        wanted = [name.strip() for name in self.questions.split(",") if name.strip()]
        kept = _with_parents(tree, wanted or [question.name for question in tree.questions])
        part = Tree(tree.name, tree.title, tuple(q for q in tree.questions if q.name in kept))
        if self.target and self.target not in kept:
            asked = ", ".join(question.name for question in part.questions)
            raise ValueError(f"[zoobot] target {self.target!r} is not asked; asked are: {asked}")
        return Labels(part, tuple((column,) for column in part.columns))

    def targets(self) -> tuple[str, ...]:
        """Name the questions that rows are chosen for."""
        return (self.target,) if self.target else tuple(self.learned().tree.slices)

    def network(self) -> Config:
        """Read how whole networks are learned.

        Raises
        ------
        ConfigError
            If it is no config.
        """
        known = self.config in ready_made()
        return read_config(self.config if known else Path(self.config))


def form(settings: Settings) -> Votes:
    """Ask down the tree."""
    return form_of(settings.learned().tree)


def unused(settings: Settings) -> tuple[str, ...]:
    """Return nothing: all votes count."""
    return ()


def _with_parents(tree: Tree, names: list[str]) -> set[str]:
    kept: set[str] = set()
    for name in names:
        try:
            question = tree[name]
        except KeyError as error:
            raise ValueError(f"[zoobot] questions: {error.args[0]}") from None
        while question.name not in kept:
            kept.add(question.name)
            if question.parent is not None:
                question = tree[question.parent]
    return kept
