"""The link to the newest round's weights, which a running job follows."""

from __future__ import annotations

import os
from pathlib import Path

from skysift.active_learning.rounds import Round


class LinkError(ValueError):
    """Where the link should be there is something else."""


def point_to(link: Path, latest: Round) -> bool:
    """Move the link onto a round's model, at once: nobody ever finds none, or half of one.

    Parameters
    ----------
    link : Path
        Made if it is not there.
    latest : Round

    Returns
    -------
    bool
        False if it pointed there already.

    Raises
    ------
    LinkError
        If a file or folder of that name is there.
    """
    target = os.path.relpath(latest.model, link.parent)
    if link.is_symlink() and os.readlink(link) == target:
        return False
    if link.exists() and not link.is_symlink():
        raise LinkError(f"{link} is no link; move it away, or set [campaign] current to another")
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target, target_is_directory=True)
    fresh.replace(link)
    return True
