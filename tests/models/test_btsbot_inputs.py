"""Inputs: stamps against a per-stamp reading of the published recipe, and what it does not say."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models.btsbot.inputs import FEATURES, LIMITS, PREPROCESSINGS, crop, metadata, triplets


def stamps(rng: np.random.Generator, shape: tuple[int, int] = (63, 63)) -> list[np.ndarray]:
    return [rng.normal(150, 12, shape).astype(np.float32) for _ in range(3)]


def recipe(image: list[np.ndarray]) -> np.ndarray:
    """The published steps: NaN to 0, divide by the L2 norm, pad bottom and right with 1e-9."""
    channels = []
    for stamp in image:
        clean = np.where(np.isnan(stamp), 0, stamp).astype(np.float64)
        clean /= np.sqrt((clean**2).sum())
        pad = [(0, 63 - length) for length in clean.shape]
        channels.append(np.pad(clean, pad, constant_values=1e-9))
    return np.stack(channels, axis=-1)


def test_stamps_are_normalised_as_published(rng):
    images = [stamps(rng), stamps(rng, (63, 60)), stamps(rng), stamps(rng, (50, 63))]
    images[2][1][10:20, 5] = np.nan
    triplet, status, damage = triplets(images)
    assert triplet.dtype == np.float32
    assert status.tolist() == ["ok"] * 4
    np.testing.assert_allclose(damage, [0, 3 / 63, 10 / 63**2, 13 / 63], rtol=1e-6)
    np.testing.assert_allclose(triplet, [recipe(image) for image in images], rtol=1e-6)


def centred(image: list[np.ndarray]) -> np.ndarray:
    """Ours: in the middle, its median wherever there is no pixel, then divided by the norm."""
    channels = []
    for stamp in image:
        frame = np.full((63, 63), np.nanmedian(stamp.astype(np.float64)))
        top, left = ((63 - length) // 2 for length in stamp.shape)
        inside = frame[top : top + stamp.shape[0], left : left + stamp.shape[1]]
        inside[np.isfinite(stamp)] = stamp[np.isfinite(stamp)]
        channels.append(frame / np.linalg.norm(frame))
    return np.stack(channels, axis=-1)


def test_stamps_are_centred_and_their_gaps_filled_with_their_median(rng):
    images = [stamps(rng), stamps(rng, (61, 59)), stamps(rng), stamps(rng, (63, 40)), stamps(rng)]
    images[2][0][:, :7] = np.nan
    images[3][2][3, :4] = np.nan
    images[4][1] *= np.float32(1e25)
    triplet, status, damage = triplets(images, preprocessing="centred")
    assert status.tolist() == ["ok"] * 5
    short = 1 - 61 * 59 / 63**2
    np.testing.assert_allclose(damage, [0, short, 7 / 63, (23 * 63 + 4) / 63**2, 0], rtol=1e-6)
    np.testing.assert_allclose(triplet, [centred(image) for image in images], rtol=1e-5)


def test_masked_pixels_of_a_reference_are_gaps(rng):
    gap, masked = stamps(rng), stamps(rng)
    masked[1], masked[0], masked[2] = gap[1].copy(), gap[0], gap[2]
    gap[1][:, :9], masked[1][:, :9] = np.nan, np.finfo(np.float32).min
    (one, other), status, damage = triplets([gap, masked], preprocessing="centred")
    assert status.tolist() == ["ok", "ok"]
    np.testing.assert_allclose(damage, 9 / 63, rtol=1e-6)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("pixel", [(29, 29), (33, 33), (31, 30)])
def test_a_source_without_pixels_is_only_scored_as_published(rng, pixel):
    images = [stamps(rng), stamps(rng)]
    images[0][2][pixel] = np.nan
    images[1][2][28, 31] = np.nan
    _, status, damage = triplets(images, preprocessing="centred")
    assert status.tolist() == ["bad_stamp", "ok"]
    np.testing.assert_allclose(damage[1], 1 / 11**2, rtol=1e-6)
    assert triplets(images)[1].tolist() == ["ok", "ok"]


@pytest.mark.parametrize("side", [1, 3, 62, 63])
def test_the_middle_can_be_cut_out(rng, side):
    images = [stamps(rng), stamps(rng)]
    first = (63 - side) // 2
    expected = [
        recipe([s[first : first + side, first : first + side] for s in image])[:side, :side]
        for image in images
    ]
    np.testing.assert_allclose(crop(triplets(images)[0], side), expected, rtol=1e-5)


def test_a_window_that_is_not_there_cannot_be_cut_out():
    empty = np.zeros((1, 63, 63, 3), np.float32)
    assert not crop(empty, 9).any()
    for side in (0, 64):
        with pytest.raises(ValueError, match=f"side must be 1 to 63 px. Got: {side}"):
            crop(empty, side)


def test_large_stamps_are_cropped_to_their_centre(rng):
    image = stamps(rng, (65, 63))
    triplet, _, _ = triplets([image])
    np.testing.assert_allclose(triplet[0], recipe([s[1:64] for s in image]), rtol=1e-6)


def replaced(image: list, channel: int, stamp: object) -> list:
    return [stamp if c == channel else s for c, s in enumerate(image)]


def mostly_nan(side: int) -> np.ndarray:
    stamp = np.ones((side, side), np.float32)
    stamp[: side // 2 + 1] = np.nan
    return stamp


BAD = {
    "all NaN": np.full((63, 63), np.nan, np.float32),
    "infinite": np.where(np.eye(63), np.inf, 1).astype(np.float32),
    "minus infinite": np.where(np.eye(63), -np.inf, 1).astype(np.float32),
    "zero": np.zeros((63, 63), np.float32),
    "mostly NaN": mostly_nan(63),
    "short, mostly NaN": mostly_nan(60),
    "empty": np.zeros((0, 63), np.float32),
    "a cube": np.ones((63, 63, 2), np.float32),
}


@pytest.mark.parametrize("preprocessing", PREPROCESSINGS)
@pytest.mark.parametrize("channel", range(3))
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_stamp_costs_one_status_and_leaves_its_neighbours(rng, kind, channel, preprocessing):
    good = stamps(rng)
    images = [good, replaced(good, channel, BAD[kind]), good]
    triplet, status, _ = triplets(images, preprocessing=preprocessing)
    assert status.tolist() == ["ok", "bad_stamp", "ok"]
    np.testing.assert_allclose(triplet[[0, 2]], [recipe(good)] * 2, rtol=1e-6)
    assert not triplet[1].any()


def test_missing_stamps_are_said_to_be_missing(rng):
    good = stamps(rng)
    _, status, _ = triplets([None, replaced(good, 1, None), good])
    assert status.tolist() == ["missing_stamp", "missing_stamp", "ok"]


def test_pixels_too_large_or_small_to_square_in_float32_are_no_trouble(rng):
    image = stamps(rng)
    expected, _, _ = triplets([image])
    for factor in (1e25, 1e-30):
        scaled, status, _ = triplets([[s * np.float32(factor) for s in image]])
        assert status[0] == "ok"
        np.testing.assert_allclose(scaled, expected, rtol=1e-5)


def test_no_alerts_no_triplets():
    triplet, status, damage = triplets([])
    assert triplet.shape == (0, 63, 63, 3)
    assert status.shape == damage.shape == (0,)


def test_an_unknown_preprocessing_is_refused():
    with pytest.raises(ValueError, match=r"published, centred. Got: 'corner'"):
        triplets([], preprocessing="corner")


def columns(n: int = 4) -> dict[str, np.ndarray]:
    """Plausible values, all different, so that a swap of columns shows."""
    values = {name: low + (min(high, 30.0) - low) / 3 for name, (low, high) in LIMITS.items()}
    table = {name: np.full(n, value) for name, value in values.items()}
    table["sky"], table["sharpnr"], table["scorr"] = np.full((3, n), [[0.1], [0.2], [17.0]])
    table["rb"] = np.full(n, 0.25)
    return table


def test_features_stand_in_the_published_order():
    # Spec: the training set's columns, `new_drb` being the packet's `drb`.
    assert " ".join(FEATURES) == (
        "sgscore1 distpsnr1 sgscore2 distpsnr2 fwhm magpsf sigmapsf chipsf ra dec diffmaglim "
        "ndethist nmtchps age days_since_peak days_to_peak peakmag_so_far drb ncovhist nnotdet "
        "chinr sharpnr scorr sky maxmag_so_far"
    )
    given = columns()
    given["ncovhist"] = np.full(4, 900.0)
    table, status = metadata(given)
    assert status.tolist() == ["ok"] * 4
    assert table.dtype == np.float32
    for i, name in enumerate(FEATURES):
        expected = 900 - given["ndethist"] if name == "nnotdet" else given[name]
        np.testing.assert_allclose(table[:, i], expected, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("name", [name for name in FEATURES if name != "nnotdet"])
def test_nan_and_sentinels_get_a_status_in_every_column(name):
    given = columns()
    given[name][[1, 2, 3]] = np.nan, -999.0, np.inf
    _, status = metadata(given)
    assert status.tolist() == ["ok", "nan_feature", "out_of_range", "out_of_range"]


def test_compat_lets_sentinels_pass_and_takes_rb_for_a_missing_drb():
    given = columns()
    given["sgscore2"][0] = -999.0
    given["drb"][1] = np.nan
    given["fwhm"][2] = np.nan
    given["fwhm"][3] = np.inf
    table, status = metadata(given, compat=True)
    assert status.tolist() == ["ok", "ok", "nan_feature", "out_of_range"]
    assert table[0, FEATURES.index("sgscore2")] == -999.0
    assert table[1, FEATURES.index("drb")] == np.float32(0.25)
    assert metadata(given)[1][:2].tolist() == ["out_of_range", "nan_feature"]


def test_a_network_may_know_some_features_for_missing():
    given = columns()
    given["sgscore2"][0] = given["sgscore1"][1] = -999.0
    given["sgscore2"][2], given["sgscore2"][3] = -998.0, np.nan
    table, status = metadata(given, may_miss=("sgscore2", "distpsnr2"))
    assert status.tolist() == ["ok", "out_of_range", "out_of_range", "nan_feature"]
    assert table[0, FEATURES.index("sgscore2")] == -999.0


def test_no_alerts_no_metadata():
    table, status = metadata(columns(0))
    assert table.shape == (0, 25)
    assert status.shape == (0,)
