"""The source sets of BTSbot's training: where objects come from, and so what they are labelled.

From Rehemtulla et al. (2024, ApJ 972, 7): the label of an object follows from its set.
"""

from __future__ import annotations

LABELS: dict[str, bool | None] = {
    "trues": True,
    "extIas": None,
    "vars": False,
    "dims": False,
    "rejects": False,
    "junk": False,
}
"""Label of each set's objects; None: computed, see `BRIGHT`.

``trues``: bright transients; ``extIas``: type Ia supernovae from elsewhere; ``vars``: variable
stars and nuclei; ``dims``: transients that stay faint; ``rejects``: what scanners passed over;
``junk``: what they threw away.
"""

BRIGHT = 18.5
"""Magnitude that an object reaches to be a bright transient [mag]."""

EXCLUSIONS = ("bright_dim",)
"""``bright_dim``: an object of ``dims`` with an alert of `BRIGHT` or brighter: it may be no dim."""

LATEST = ("vars",)
"""Sets of which the latest alerts are kept, in every part; of others, random ones in training."""

SUPERNOVA_SETS = ("trues", "extIas")
"""Sets that hold supernovae throughout."""

NOT_SUPERNOVAE = frozenset(
    (
        "AGN",
        "AGN?",
        "bogus",
        "bogus?",
        "duplicate",
        "nova",
        "rock",
        "star",
        "varstar",
        "QSO",
        "CV",
        "CV?",
        "CLAGN",
        "Blazar",
    )
)
"""Classes of ``dims`` that are no supernovae, as the Bright Transient Survey writes them."""

ONLY_LABELLED = {1.0: "trues", 0.0: "rejects"}
"""Set of an object of which the label alone is known."""
