"""Posts until everything is there exactly once, however often it is begun anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from skysift.adapters.skyportal.client import Client
from skysift.adapters.skyportal.errors import FaultError, RejectedError, UncertainError
from skysift.adapters.skyportal.ledger import Ledger
from skysift.adapters.skyportal.posts import Post
from skysift.adapters.skyportal.steps import Step, steps_of


@dataclass
class Outcome:
    """What came of a post.

    Attributes
    ----------
    object_id, origin : str
    sent : list of str
        Keys of steps that were taken now, see `steps.Step`.
    there : list of str
        Those that the server had already.
    failed : dict of str to str
        Those that it did not take, and why.
    """

    object_id: str
    origin: str
    sent: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


class Sink:
    """Puts posts on a server.

    Parameters
    ----------
    client : Client
    ledger : Ledger
        Of the client's server; `post` locks it.
    group : int
        Whose members see annotations and comments.
    filter_id : int
        What the candidates passed.
    """

    def __init__(self, client: Client, ledger: Ledger, *, group: int, filter_id: int) -> None:
        self._client, self._ledger = client, ledger
        self._group, self._filter_id = group, filter_id

    @property
    def here(self) -> bool:
        """Whether the server is on this machine."""
        return self._client.here

    def post(self, posts: Iterable[Post]) -> Iterator[Outcome]:
        """Send what is not there yet, object after object.

        Yields
        ------
        Outcome
            One a post, in order. What the server refuses of one hinders no other.

        Raises
        ------
        SkyPortalError
            If nothing can be sent at all: nobody answers, the token is refused, there is no such
            group or filter. The same call goes on where it was.
        ValueError
            If another process posts to the same server by the same ledger.
        """
        self._client.greet(group=self._group, filter_id=self._filter_id)
        with self._ledger.alone():
            for post in posts:
                yield self._post(post)

    def _post(self, post: Post) -> Outcome:
        steps = steps_of(post, group=self._group, filter_id=self._filter_id)
        outcome = Outcome(post.object_id, post.candidate.origin)
        try:
            there = self._what_is_there(post, steps)
        except (FaultError, RejectedError) as error:
            outcome.failed[steps[0].key] = str(error)
            return outcome
        outcome.there = [step.key for step in steps if step.key in there]
        for step in steps:
            if step.key in there:
                continue
            try:
                self._bring(step, post.object_id)
            except (FaultError, RejectedError) as error:
                outcome.failed[step.key] = str(error)
                if step is steps[0]:
                    break  # without a candidate nothing else has a place
            else:
                self._ledger.note(post, [step.key])
                outcome.sent.append(step.key)
        return outcome

    def _what_is_there(self, post: Post, steps: list[Step]) -> frozenset[str]:
        """Ask the server, unless the ledger knows that all is there."""
        taken, wanted = self._ledger.taken(post.object_id), {step.key for step in steps}
        if wanted <= taken:
            return taken
        seen = self._client.look(post.object_id) & wanted
        self._ledger.note(post, sorted(seen))
        return taken | seen

    def _bring(self, step: Step, object_id: str) -> None:
        """Send a step; where nobody knows whether it was taken, look before it is sent again."""
        for wait in (*self._client.waits, None):
            try:
                return self._client.send(step)
            except RejectedError:
                if step.key in self._client.look(object_id):
                    return None
                raise
            except UncertainError as error:
                self._client.sleep(wait or 0.0)
                if step.key in self._client.look(object_id):
                    return None
                if wait is None:
                    raise error.last from None
        raise AssertionError("the last wait is None")


def unsent(
    posts: Iterable[Post], ledger: Ledger, *, group: int, filter_id: int
) -> Iterator[tuple[Post, list[Step]]]:
    """List what a sink would send, by the ledger alone: the server is not asked.

    Yields
    ------
    Post
    list of Step
        Of the post; those that the server is not known to have.
    """
    for post in posts:
        taken = ledger.taken(post.object_id)
        steps = steps_of(post, group=group, filter_id=filter_id)
        yield post, [step for step in steps if step.key not in taken]
