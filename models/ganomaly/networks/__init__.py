"""The networks, by name: the published one, and ours.

============= ======================================================== ==========================
network       what it is                                               parameters at 64 px, 3
                                                                       channels, 128 codes
============= ======================================================== ==========================
`ganomaly`    GANomaly of Akcay et al. 2018: batch normalisation       11,417,984 and 2,765,568
`steady`      ours: normalised image by image, and a discriminator     11,418,112 and 2,764,737
              that cannot run away
============= ======================================================== ==========================

Each is a generator and a discriminator. The generator codes an image (z), makes an image of the
code, and codes that again; the discriminator tells images from reconstructions, and its last maps
are features by which the two are compared. The input is named ``images``: (n, side, side,
channels) in [-1, 1]; the output is a dict, see `OUTPUTS`. Settings are keyword arguments of the
builders; they and the name are all that is needed to build a network again. Made of Keras layers
and operations only: they run on any backend.

References
----------
Akcay, Atapour-Abarghouei & Breckon 2018, arXiv 1805.06725.

Examples
--------
>>> build("steady", side=32, channels=1, width=8).output["reconstruction"].shape
(None, 32, 32, 1)
"""

from __future__ import annotations

from skysift.models._family import Family

FAMILY = Family(__name__, ("ganomaly", "steady"), set_by_training=("side", "channels", "per_image"))
NAMES = FAMILY.names
"""What `build` can build."""

build, settings_of = FAMILY.build, FAMILY.settings_of

INPUT = "images"

GENERATOR, DISCRIMINATOR = "generator", "discriminator"
"""The parts, as layers of a network."""

OUTPUTS = (
    "reconstruction", "code", "code_again", "features", "features_again", "logit", "logit_again",
)  # fmt: skip
"""Of a network: of n images, the reconstruction (n, side, side, channels); codes (n, codes) of
image and reconstruction; and the discriminator's features (n, 4, 4, c) and logits (n, 1) of
both."""

LEAST_SIDE = 32


def check_side(side: int) -> None:
    """Refuse a side that halving does not lead to 4.

    Raises
    ------
    ValueError
        Naming the nearest sides that will do.

    Examples
    --------
    >>> check_side(48)
    Traceback (most recent call last):
    ValueError: side must be a power of two, 32 or more [px]. Got: 48; images are resized to it, \
so 32 or 64 will do
    """
    if side >= LEAST_SIDE and side & (side - 1) == 0:
        return
    above = 1 << max(side - 1, LEAST_SIDE - 1).bit_length()
    near = [str(one) for one in (above // 2, above) if one >= LEAST_SIDE]
    raise ValueError(
        f"side must be a power of two, {LEAST_SIDE} or more [px]. Got: {side}; images are resized "
        f"to it, so {' or '.join(near)} will do"
    )
