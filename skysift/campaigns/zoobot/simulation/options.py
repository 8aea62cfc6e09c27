"""What a comparison of queries on simulated galaxies is made of."""

from __future__ import annotations

from dataclasses import dataclass

from skysift.active_learning.query import Query

BASELINE = "random:top"
"""What queries are compared with."""


@dataclass(frozen=True)
class Options:
    """What is compared.

    Attributes
    ----------
    set : str
        Folder of a set with votes: its train part is asked about, its test part judges, from its
        validation part the trunk learns. Empty: galaxies are simulated.
    galaxies, size, galaxy_seed : int
        How many are simulated, the side of their images [px], and their seed.
    question : str
        What is learned, asked for and judged.
    queries : tuple of str
        ``strategy:selector``, compared with `BASELINE` each.
    trunk : str
        Weights whose trunk heads are learned on. Empty: one is learned from the validation part, of
        all questions but `question` and those behind it.
    network : str
        Config of whole networks, which are learned anew in each round instead of heads. Empty:
        heads.
    seeds, initial, batch, labels : int
        Runs of each query; galaxies of the first round, of each other one, and in the end.
    passes, votes : int
        With dropout; and votes on the question that doubt is told of. Published for bars: 10.
    judged_votes : int
        On the question, that a galaxy must have to judge; published for bars: more than 10.

    Raises
    ------
    ValueError
        If a number is out of range, a query does not exist, or `labels` is not met by whole rounds.
    """

    set: str = ""
    galaxies: int = 8000
    size: int = 64
    galaxy_seed: int = 19
    question: str = "bar"
    queries: tuple[str, ...] = ("tree_bald:stochastic_top",)
    trunk: str = ""
    network: str = ""
    seeds: int = 5
    initial: int = 32
    batch: int = 32
    labels: int = 512
    passes: int = 30
    votes: int = 10
    judged_votes: int = 10

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        least = {"galaxies": 50, "seeds": 1, "initial": 5, "batch": 1, "passes": 2, "votes": 1}
        for name, low in {**least, "judged_votes": 1, "labels": self.initial}.items():
            if getattr(self, name) < low:
                raise ValueError(f"{name} must be {low} or more. Got: {getattr(self, name)}")
        if (self.labels - self.initial) % self.batch:
            raise ValueError(
                f"labels must be initial and a number of batches: {self.initial} + n × "
                f"{self.batch}. Got: {self.labels}"
            )
        if self.trunk and self.network:
            raise ValueError("give a trunk for heads, or the config of whole networks, not both")
        if not self.queries or any(Query.named(name).name == BASELINE for name in self.queries):
            raise ValueError(f"queries must be others than {BASELINE}. Got: {self.queries}")

    @property
    def rounds(self) -> int:
        """How many rounds a run has."""
        return 1 + (self.labels - self.initial) // self.batch

    @property
    def named(self) -> dict[str, Query]:
        """All queries by their whole names, the baseline first."""
        found = [Query.named(name) for name in (BASELINE, *self.queries)]
        return {query.name: query for query in found}
