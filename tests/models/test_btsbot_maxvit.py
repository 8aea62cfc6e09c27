"""MaxViT's parts: the attention against a naive twin, who sees whom, and the cost by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from skysift.models.btsbot.networks import build
from skysift.models.btsbot.networks.cost import multiply_accumulates
from skysift.models.btsbot.networks.maxvit import RelativeAttention, _attend


def naive_attention(x, table, heads, window):
    """Softmax over one window, place by place: x (places, 3 · width) → (places, width)."""
    places, width = len(x), x.shape[1] // 3
    query, key, value = (part.reshape(places, heads, -1) for part in np.split(x, 3, axis=1))
    seen = np.zeros((places, heads, width // heads))
    for head in range(heads):
        for here in range(places):
            alike = np.empty(places)
            for there in range(places):
                down = here // window - there // window + window - 1
                right = here % window - there % window + window - 1
                bias = table[head, down * (2 * window - 1) + right]
                product = query[here, head] @ key[there, head]
                alike[there] = product / np.sqrt(width / heads) + bias
            share = np.exp(alike) / np.exp(alike).sum()
            seen[here, head] = share @ value[:, head]
    return seen.reshape(places, width)


def test_attention_is_what_a_naive_twin_makes_of_it(rng):
    heads, window, width = 2, 3, 8
    layer = RelativeAttention(heads, window)
    x = rng.normal(size=(2, 4, window**2, 3 * width)).astype(np.float32)
    layer.build(x.shape)
    table = rng.normal(size=(heads, (2 * window - 1) ** 2)).astype(np.float32)
    layer.set_weights([table])
    seen = keras.ops.convert_to_numpy(layer(x))
    for alert in range(2):
        for place in range(4):
            expected = naive_attention(x[alert, place], table, heads, window)
            np.testing.assert_allclose(seen[alert, place], expected, atol=1e-5)


@pytest.mark.parametrize("near", [True, False])
def test_a_place_is_seen_within_its_window_or_across_its_grid(near, rng):
    side, window = 6, 3
    image = keras.Input((side, side, 8))
    model = keras.Model(image, _attend(image, window, 8, near=near))
    x = rng.normal(size=(1, side, side, 8)).astype(np.float32)
    before = keras.ops.convert_to_numpy(model(x))
    x[0, 1, 3] += rng.normal(size=8)  # not the same in all channels: that is normalised away
    changed = np.abs(keras.ops.convert_to_numpy(model(x)) - before).max(axis=-1)[0] > 1e-6
    row, column = np.mgrid[:side, :side]
    if near:
        expected = (row // window == 0) & (column // window == 1)
    else:
        step = side // window
        expected = (row % step == 1) & (column % step == 1)
    np.testing.assert_array_equal(changed, expected)


def test_cost_is_what_counting_by_hand_gives():
    # 63 pixels padded to 64, halved by the stem; a stage halves the side in its first block.
    side, before = 32, 32
    total = side**2 * 9 * (3 * 32 + 32 * 32)
    for width in (32, 64, 128):
        wide = 4 * width
        total += side**2 * before * wide  # widened before it is halved
        side //= 2
        total += side**2 * before * width  # the way around
        total += side**2 * width * wide  # the second block
        blocks = side**2 * (9 * wide + wide * width) + 2 * wide * width // 4
        attention = side**2 * (4 * width**2 + 2 * 16 * width + 2 * width * wide)
        total += 2 * (blocks + 2 * attention)
        before = width
    dense = 25 * 64 + 64 * 64 + (128 + 64) * 64 + 64
    assert multiply_accumulates(build("maxvit")) == total + dense
    assert total + dense == pytest.approx(69e6, rel=0.01)


def test_it_may_be_image_only_and_takes_any_crop():
    model = build("maxvit", metadata=False, depths=(1, 1), widths=(16, 32), side=21)
    assert list(model.input) == ["triplet"]
    assert model.get_layer("stem").input.shape[1:3] == (32, 32)


def test_a_width_that_heads_cannot_share_is_refused():
    with pytest.raises(ValueError, match=r"multiples of attention = 16\. Got: \(32, 40\)"):
        build("maxvit", widths=(32, 40), depths=(1, 1))
