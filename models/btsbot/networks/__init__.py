"""The networks, by name: published ones, two of today's styles, a frozen fusion, and ours.

================ ================ ========== ============================================
network          inputs           heads      what it is
================ ================ ========== ============================================
`mm_cnn`         stamps, features 1          BTSbot v1 and v1.0.1: 227,861 parameters
`mm_cnn_small`   stamps, features 1          the same without pooling, for small crops
`um_cnn`         stamps           1          its image branch alone
`um_cnn_small`   stamps           1          the same without pooling, for small crops
`um_nn`          features         1          its metadata branch alone
`convnext`       stamps, features 1          ConvNeXt blocks; by settings image only, with hosts
`maxvit`         stamps, features 1          MaxViT blocks; by settings image only, with hosts
`frozen_fusion`  stamps, features 1          two trained networks, frozen, under a new head
`compact`        stamps, features 8          ours: small, knows what is missing, an ensemble
================ ================ ========== ============================================

Inputs are named ``triplet`` (n, side, side, 3), from `inputs.triplets`, ``metadata`` (n, 25), raw
features in the order of `inputs.FEATURES`, and ``host`` (n, 63, 63, 4), from `hosts.Hosts.images`,
of networks that are told to look at it. The output is probabilities (n, heads). Settings are
keyword arguments of the builders; they and the name are all that is needed to build a network
again. Made of Keras layers and operations only: they run on any backend.

References
----------
Rehemtulla et al. 2024, ApJ 972, 7 (arXiv 2401.15167); Rehemtulla et al. 2025, arXiv 2512.11957.

Examples
--------
>>> build("um_nn").output_shape
(None, 1)
"""

from __future__ import annotations

from skysift.models._family import Family

FAMILY = Family(
    __name__,
    (
        "mm_cnn", "mm_cnn_small", "um_cnn", "um_cnn_small", "um_nn", "convnext", "maxvit",
        "frozen_fusion", "compact",
    ),
    set_by_training=("side", "mean", "variance"),
    files={"mm_cnn": "cnn", "mm_cnn_small": "cnn", "um_cnn": "cnn", "um_cnn_small": "cnn"},
)  # fmt: skip
NAMES = FAMILY.names
"""What `build` can build."""

build, settings_of = FAMILY.build, FAMILY.settings_of

EMBEDDING = {name: "comb_fc" if name.startswith("mm_") else "head_fc" for name in NAMES}
"""The layer before the last, of each network: its view of an alert in a few numbers."""

LOGIT = "fc_out"
"""The layer whose output is the logit of the score (n, heads), in every network."""

LOOK = "look"
"""The layer, in networks that have it, that holds the stamps standardised and compressed; the way
there is a loop over pixels, which `front` has compiled."""

MAY_MISS = {"compact": ("sgscore2", "distpsnr2")}
"""Features that a network takes as missing (−999) where a catalogue has no second match."""
