"""Clear away the files of frames that are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from skysift.frames.ids import FrameFiles


class Cleanup(str, Enum):
    """What is cleared away: nothing; references; science frames and differences; everything."""

    NONE = "none"
    REFERENCES = "ref"
    SCIENCE = "sci"
    ALL = "all"


@dataclass(frozen=True)
class Tidier:
    """Clears away files of frames.

    Attributes
    ----------
    what : Cleanup
    files : callable
        Given an id, says where the frame's files lie.
    """

    what: Cleanup
    files: Callable[[str], FrameFiles]

    def __call__(self, done: Sequence[str], left: Iterable[str]) -> None:
        """Clear away the files of some frames.

        Parameters
        ----------
        done : sequence of str
            Ids of frames that are done.
        left : iterable of str
            Ids of frames still to be done: their references stay.
        """
        if self.what is Cleanup.NONE:
            return
        gone = [self.files(frame) for frame in done]
        if self.what in (Cleanup.SCIENCE, Cleanup.ALL):
            for files in gone:
                files.science.unlink(missing_ok=True)
                files.difference.unlink(missing_ok=True)
        if self.what in (Cleanup.REFERENCES, Cleanup.ALL):
            needed = {self.files(frame).reference for frame in left}
            for reference in {files.reference for files in gone} - needed:
                reference.unlink(missing_ok=True)
