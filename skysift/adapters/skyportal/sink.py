"""Posts until everything is there exactly once, however often it is begun anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from skysift.adapters.skyportal.client import Client
from skysift.adapters.skyportal.errors import FaultError, RejectedError, UncertainError
from skysift.adapters.skyportal.ledger import Ledger
from skysift.adapters.skyportal.posts import Post
from skysift.adapters.skyportal.steps import CANDIDATES, Step, keys_of, steps_of

CONTENT = "detection"
"""What failed where not the server did: what is to be posted cannot be read or drawn."""


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
        Those that it did not take, and why; under `CONTENT` why there was nothing to send.
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
        keys = keys_of(post, filter_id=self._filter_id)
        outcome = Outcome(post.object_id, post.candidate.origin)
        try:
            there = self._what_is_there(post, keys)
        except (FaultError, RejectedError) as error:
            outcome.failed[keys[0]] = str(error)
            return outcome
        outcome.there = [key for key in keys if key in there]
        try:
            steps = steps_of(post, group=self._group, filter_id=self._filter_id, there=there)
        except (OSError, ValueError) as error:
            outcome.failed[CONTENT] = told(error)
            return outcome
        self._bring_all(steps, post, outcome)
        return outcome

    def _bring_all(self, steps: list[Step], post: Post, outcome: Outcome) -> None:
        for step in steps:
            try:
                self._bring(step, post.object_id)
            except (FaultError, RejectedError) as error:
                outcome.failed[step.key] = str(error)
                if step.path == CANDIDATES:
                    break  # without a candidate nothing else has a place
            else:
                self._ledger.note(post, [step.key])
                outcome.sent.append(step.key)

    def _what_is_there(self, post: Post, keys: list[str]) -> frozenset[str]:
        """Ask the server, unless the ledger knows that all is there."""
        taken, wanted = self._ledger.taken(post.object_id), {*keys}
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
    posts: Iterable[Post], ledger: Ledger, broken: list[Outcome], *, group: int, filter_id: int
) -> Iterator[list[Step]]:
    """List what a sink would send, by the ledger alone: the server is not asked.

    Parameters
    ----------
    posts : iterable of Post
    ledger : Ledger
    broken : list of Outcome
        Gets those whose pictures or files cannot be had.
    group, filter_id : int
        As in `Sink`.

    Yields
    ------
    list of Step
        Of a post; those that the server is not known to have.
    """
    for post in posts:
        there = ledger.taken(post.object_id)
        try:
            yield steps_of(post, group=group, filter_id=filter_id, there=there)
        except (OSError, ValueError) as error:
            failed = {CONTENT: told(error)}
            broken.append(Outcome(post.object_id, post.candidate.origin, failed=failed))


def told(error: OSError | ValueError) -> str:
    """Say in a line why something cannot be read."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.strerror}: {error.filename}"
    return str(error)
