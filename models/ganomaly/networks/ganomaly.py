"""GANomaly as published (Akcay, Atapour-Abarghouei & Breckon 2018, arXiv 1805.06725)."""

from __future__ import annotations

import keras

from skysift.models.ganomaly.networks import parts
from skysift.models.ganomaly.networks.parts import LAST_SIDE, Blocks


def ganomaly(
    *,
    side: int = 64,
    channels: int = 3,
    codes: int = 128,
    width: int = 64,
    extra: int = 0,
    per_image: bool = False,
) -> keras.Model:
    """Build the published network; 11,417,984 and 2,765,568 parameters as the defaults are.

    Parameters
    ----------
    side : int
        Of the images [px], a power of two, 32 or more.
    channels : int
        Of the images, as many as they have.
    codes : int
        Numbers that an image is coded by.
    width : int
        Channels of the finest maps; of the coarsest they are side/8 times as many.
    extra : int
        Convolutions more at half the side, in each encoder and in the decoder.
    per_image : bool
        Normalise each image by itself instead of by the batch. The published code scores batches
        of one image in training mode, which is the same; so scored, no image depends on others.
        What is learned is the same, in the same order.

    Raises
    ------
    ValueError
        If a size cannot be.
    """
    shape = parts.shape_of(side, channels, codes=codes, width=width, extra=extra)
    block = Blocks(per_image=per_image)
    make = parts.generator(shape, block, codes=codes, width=width, extra=extra)
    tell = parts.discriminator(
        shape,
        lambda images: parts.way_down(images, block, width=width, extra=extra),
        parts.convolution(1, kernel=LAST_SIDE, padding="valid"),
    )
    return parts.network("ganomaly", shape, make, tell)
