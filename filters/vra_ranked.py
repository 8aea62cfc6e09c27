"""Select the alerts that the VRA ranks first: real and not Galactic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skysift.filters.blocks import Values, positive


def vra_ranked(
    isdiffpos: Values,
    vra: Mapping[str, Any],
    *,
    min_rank: float = 7.0,
    min_transient: float = 0.0,
) -> Values:
    """Alerts of added light with a high rank, so many a night.

    The rank of the science module ``vra`` (Stevance et al. 2025, arXiv 2506.09778): 10 for what is
    surely real and surely extragalactic. How many a night is the topic's rate cap,
    ``max_per_night`` of its stanza; which of them, the stanza's ``order_by``: the best by rank, as
    far as a stream can know them before the night is over. A null sign or rank drops the alert.

    Parameters
    ----------
    isdiffpos : array or Series (n,)
        1 where the difference is positive; NaN is null.
    vra : mapping
        What the science module answered: its ``rank`` and ``transient`` (n,).
    min_rank : float
        Rank that an alert must reach, in [0, 10].
    min_transient : float
        Probability of being transient that it must reach, in [0, 1]. 0 asks for none, and takes
        those whose weights never learned it.

    Returns
    -------
    array or Series of bool (n,)

    Examples
    --------
    One to keep, one of a low rank, one without:

    >>> import numpy as np
    >>> scores = {"rank": np.array([8.0, 5.0, np.nan]), "transient": np.full(3, np.nan)}
    >>> vra_ranked(np.ones(3), scores)
    array([ True, False, False])
    """
    transient = (vra["transient"] >= min_transient) | (min_transient <= 0)
    return positive(isdiffpos) & (vra["rank"] >= min_rank) & transient
