"""A neck that mixes maps of five resolutions, down and up again, three times.

BiFPN (Tan, Pang & Le 2020, arXiv 1911.09070) with plain sums, as Tails has it.
"""

from __future__ import annotations

from keras import layers, ops

WIDTH, CELLS = 64, 3
MOMENTUM, EPSILON = 0.997, 1e-4


def bifpn(taps, *, wrong_maps: bool):
    """Mix the last three maps of a backbone; five maps, P3 to P7, come out.

    Parameters
    ----------
    taps : sequence of 3 tensors
        C3, C4 and C5; each half the size of the one before.
    wrong_maps : bool
        Hand on P4 to P6 as they were after the way down: what the way up adds to them is lost, but
        for what reaches P7.
    """
    third, fourth, fifth = taps
    sixth = _down(_lateral(fifth, "p6"))
    down = [_lateral(third, "p3"), _lateral(fourth, "p4"), _lateral(fifth, "p5")]
    down += [sixth, _down(sixth)]
    # The way up meets C4 and C5 through convolutions of its own.
    up = [down[0], _lateral(fourth, "p4_up"), _lateral(fifth, "p5_up"), *down[3:]]
    for cell in range(CELLS):
        down = up = _mix(down, up, f"cell_{cell}", wrong_maps=wrong_maps)
    return down


def _mix(down, up, name: str, *, wrong_maps: bool):
    """One cell: from the coarsest map to the finest, and back."""
    p3, p4, p5, p6, p7 = down
    t6 = _fuse([p6, _up(p7)], f"{name}_t6")
    t5 = _fuse([p5, _up(t6)], f"{name}_t5")
    t4 = _fuse([p4, _up(t5)], f"{name}_t4")
    o3 = _fuse([p3, _up(t4)], f"{name}_o3")
    o4 = _fuse([up[1], t4, _down(o3)], f"{name}_o4")
    o5 = _fuse([up[2], t5, _down(o4)], f"{name}_o5")
    o6 = _fuse([p6, t6, _down(o5)], f"{name}_o6")
    o7 = _fuse([p7, _down(o6)], f"{name}_o7")
    return [o3, t4, t5, t6, o7] if wrong_maps else [o3, o4, o5, o6, o7]


def _lateral(x, name: str):
    x = layers.Conv2D(WIDTH, 1, name=f"lateral_{name}")(x)
    return _normalise(x, f"lateral_{name}_bn")


def _fuse(maps, name: str):
    x = ops.silu(layers.Add()(maps))
    x = layers.SeparableConv2D(WIDTH, 3, padding="same", name=name)(x)
    return _normalise(x, f"{name}_bn")


def _normalise(x, name: str):
    return layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON, name=name)(x)


def _up(x):
    return layers.UpSampling2D(2)(x)


def _down(x):
    return layers.MaxPooling2D(3, strides=2, padding="same")(x)
