"""Truth: the frame's own light, measured as an astronomer would, and reproject."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.stats import mad_std
from astropy.wcs import WCS
from photutils.aperture import CircularAperture, aperture_photometry
from reproject import reproject_interp

from skysift.simulate.frames import Settings, make_frames, visitors
from skysift.simulate.frames.camera import SATURATION
from skysift.simulate.frames.frame import field_of
from skysift.simulate.frames.truth import FRAME_COLUMNS, KINDS, TRUTH_COLUMNS


def sources(frames, *kinds, snr=0.0):
    """Unblocked sources of kinds above an S/N with room around them: (frame, row)."""
    return [
        (frame, row)
        for frame in frames
        for row in frame.truth
        if row["kind"] in kinds and row["snr"] > snr and row["blocked"] < 0.01
    ]


def stamp(image: np.ndarray, row: dict, reach: int) -> np.ndarray | None:
    """Pixels around a source, None at the frame's edge."""
    x, y = round(row["x"]), round(row["y"])
    if min(x, y, image.shape[1] - 1 - x, image.shape[0] - 1 - y) < reach:
        return None
    return image[y - reach : y + reach + 1, x - reach : x + reach + 1]


def test_empty_sky_of_the_difference_has_the_noise_that_is_said(frames) -> None:
    ratios = {}
    for frame in frames:
        finite = frame.difference[np.isfinite(frame.difference)]
        ratios[frame.row["stars"]] = mad_std(finite) / frame.difference_noise
        assert abs(np.median(finite)) < 0.05 * frame.difference_noise
    assert ratios[min(ratios)] == pytest.approx(1.0, abs=0.04)
    # Where stars are crowded there is hardly a pixel without their photons.
    assert min(ratios.values()) > 0.96 and max(ratios.values()) < 1.15


def test_stars_are_gone_from_the_difference(frames) -> None:
    for frame in frames:
        finite = np.isfinite(frame.difference)
        sky = np.median(frame.science[finite])
        bright = finite & (frame.science > sky + 30.0 * frame.exposure.sky_noise)
        left = np.abs(frame.difference[bright]).sum()
        assert left < 0.2 * (frame.science[bright] - sky).sum()


def test_points_have_their_magnitude_in_the_difference(frames) -> None:
    pulls = []
    for frame, row in sources(frames, "asteroid", "transient", snr=15.0):
        cut = stamp(frame.difference, row, 12)
        if cut is None or not np.isfinite(cut).all():
            continue
        aperture = CircularAperture((row["x"], row["y"]), 7.0)
        flux = float(aperture_photometry(frame.difference, aperture)["aperture_sum"][0])
        expected = 10.0 ** (-0.4 * (row["mag"] - frame.exposure.zeropoint))
        error = frame.difference_noise * np.sqrt(aperture.area) + 0.03 * expected
        pulls.append((flux - expected) / error)
    assert len(pulls) >= 3
    assert np.abs(np.median(pulls)) < 2.0


def test_comets_have_their_magnitude_in_the_difference(monkeypatch) -> None:
    """Bright ones, where residuals of stars weigh little; the sky takes a part of wide ones."""
    monkeypatch.setattr(visitors, "COMET_MAGS", (13.0, 14.5, 0.1))
    ratios = []
    for index in (1, 2, 3):
        frame = next(make_frames(index, Settings(seed=8, shape=(512, 512), comets=5)))
        for row in frame.truth:
            cut = stamp(frame.difference, row, int(5.0 * row["half_light"] + 8.0))
            if row["kind"] != "comet" or row["half_light"] > 6.0 or cut is None:
                continue
            flux = 10.0 ** (-0.4 * (row["mag"] - frame.exposure.zeropoint))
            ratios.append((row["half_light"], np.nansum(cut) / flux))
    assert len(ratios) >= 4
    assert all(0.85 < ratio < 1.05 for _, ratio in ratios)
    compact = [ratio for size, ratio in ratios if size < 3.0]
    assert compact and np.allclose(compact, 1.0, atol=0.05)


def test_the_light_is_where_the_truth_says(frames) -> None:
    """The brightest pixel of the smoothed difference, for comets that stand out."""
    misses = []
    for frame, row in sources(frames, "comet", "transient", snr=20.0):
        cut = stamp(frame.difference, row, 6)
        if cut is None or not np.isfinite(cut).all():
            continue
        rows, columns = np.mgrid[-6:7, -6:7]
        weight = np.clip(cut - 0.3 * cut.max(), 0.0, None)
        x = (weight * columns).sum() / weight.sum() + round(row["x"]) - row["x"]
        y = (weight * rows).sum() / weight.sum() + round(row["y"]) - row["y"]
        misses.append((x, y))
    assert len(misses) >= 6
    assert np.abs(np.median(misses, axis=0)).max() < 0.25
    assert np.median(np.hypot(*np.transpose(misses))) < 0.6


def test_sky_positions_are_those_of_the_frames_wcs(frames) -> None:
    for frame in frames:
        wcs = WCS(frame.exposure.header)
        for row in frame.truth[:5]:
            x, y = wcs.all_world2pix(row["ra"], row["dec"], 0)
            assert (float(x), float(y)) == pytest.approx((row["x"], row["y"]), abs=0.01)


def test_the_reference_fits_the_science_frame_when_reproject_aligns_it(frames) -> None:
    """Its stars fall on theirs, and their fluxes are those that the zero points say."""
    frame = frames[0]
    matched, footprint = reproject_interp(
        (frame.reference, WCS(frame.pointing.reference.header)),
        WCS(frame.exposure.header),
        shape_out=frame.science.shape,
        order="bicubic",
    )
    scale = 10.0 ** (0.4 * (frame.exposure.zeropoint - frame.pointing.reference.zeropoint))
    good = (footprint > 0) & np.isfinite(frame.difference)
    science = frame.science - np.nanmedian(frame.science)
    matched = (matched - np.nanmedian(matched)) * scale
    stars = good & (science > 50.0 * frame.exposure.sky_noise) & (science < 0.5 * SATURATION)
    assert stars.sum() > 50
    assert np.corrcoef(science[stars], matched[stars])[0, 1] > 0.9
    assert science[stars].sum() == pytest.approx(matched[stars].sum(), rel=0.2)


def test_the_reference_is_deeper(frames) -> None:
    for frame in frames:
        assert frame.pointing.reference.sky_noise < 0.5 * frame.exposure.sky_noise


def test_it_is_offset_and_turned_against_the_science_frame(frames) -> None:
    offsets = []
    for frame in frames:
        wcs, other = WCS(frame.exposure.header), WCS(frame.pointing.reference.header)
        middle = other.all_world2pix(*wcs.all_pix2world(240.0, 256.0, 0), 0)
        offsets.append(np.hypot(middle[0] - 240.0, middle[1] - 256.0))
        assert np.isnan(frame.difference).any()
    assert 3.0 < np.median(offsets) < 100.0


def test_rows_are_complete_and_on_the_frame(frames) -> None:
    for frame in frames:
        assert set(frame.row) == set(FRAME_COLUMNS.names)
        assert frame.row["comets"] == sum(row["kind"] == "comet" for row in frame.truth)
        for row in frame.truth:
            assert set(row) == set(TRUTH_COLUMNS.names)
            assert row["kind"] in KINDS
            assert -0.5 <= row["x"] <= 479.5 and -0.5 <= row["y"] <= 511.5


def test_the_snr_of_a_point_is_that_of_its_psf(frames) -> None:
    """Flux over noise times the root of the noise pixels, on empty sky."""
    checked = 0
    for frame, row in sources(frames, "asteroid", "transient"):
        flux = 10.0 ** (-0.4 * (row["mag"] - frame.exposure.zeropoint))
        depth = 10.0 ** (-0.4 * (frame.row["maglim"] - frame.exposure.zeropoint)) / 5.0
        if row["mag"] > 18.5:  # or its own photons count
            assert 0.3 * flux / depth < row["snr"] < 1.25 * flux / depth
            checked += 1
    assert checked >= 3


def test_a_point_leaves_nothing_when_the_best_point_is_taken_away_and_a_wide_coma_much(frames):
    """A round Gaussian of variance c² overlaps a seeing s² by 2 s √(s² + c²) / (2 s² + c²)."""
    points = [row for _, row in sources(frames, "asteroid", "transient") if row["rate"] < 1.0]
    assert len(points) >= 3
    assert all(row["extent_snr"] < 0.3 * row["snr"] for row in points)
    for frame, row in sources(frames, "comet"):
        seeing = frame.row["seeing"] / 2.355
        wide = row["half_light"] / 1.177
        overlap = 2 * seeing * np.hypot(seeing, wide) / (2 * seeing**2 + wide**2)
        expected = row["snr"] * np.sqrt(1.0 - min(overlap, 1.0) ** 2)
        assert row["extent_snr"] < row["snr"]
        assert 0.4 < row["extent_snr"] / expected < 2.5, row


def test_comets_move_between_visits_and_stars_do_not() -> None:
    settings = Settings(seed=3, shape=(512, 512), comets=4, visits=2)
    first, second = make_frames(1, settings)
    minutes = (second.name.jd - first.name.jd) * 1440.0
    assert 25.0 < minutes < 60.0
    assert first.name.reference == second.name.reference
    np.testing.assert_array_equal(first.reference, second.reference)
    later = {row["object"]: row for row in second.truth if row["kind"] == "comet"}
    moved = 0
    for row in first.truth:
        if row["object"] not in later:
            continue
        then = later[row["object"]]
        north = (then["dec"] - row["dec"]) * 3600.0
        east = (then["ra"] - row["ra"]) * 3600.0 * np.cos(np.radians(row["dec"]))
        # The two frames' WCS are wrong by some 0.05 px each.
        assert np.hypot(east, north) == pytest.approx(row["rate"] * minutes, rel=0.02, abs=0.3)
        angle = np.degrees(np.arctan2(east, north))
        assert (angle - row["rate_angle"] + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=3.0)
        moved += 1
    assert moved >= 2


def test_a_night_can_be_chosen_and_fields_share_no_name() -> None:
    settings = Settings(seed=3, shape=(512, 512), visits=2, night=2459000.8)
    names = [name for index in range(70) for name in field_of(index, settings).names]
    assert len({name.id for name in names}) == 140
    assert {name.stamp[:2] for name in names} == {("2020", "0531")}
    assert len({name.reference for name in names}) == len({name.field for name in names}) == 70
    assert {name.quadrant for name in names} == {1, 2, 3, 4}
    assert {name.ccd for name in names} == set(range(1, 17))


def test_many_fields_share_no_reference() -> None:
    settings = Settings(seed=3)
    places = set()
    for index in [*range(0, 64 * 636, 636), *range(5, 64 * 636, 636)]:
        name = field_of(index, settings).names[0]
        places.add((name.field, name.ccd, name.quadrant))
    assert len(places) == 128


def test_what_is_too_bright_is_full_and_left_out(frames) -> None:
    full = [frame for frame in frames if np.nanmax(frame.science) >= SATURATION]
    assert full
    for frame in full:
        assert np.nanmax(frame.science) == SATURATION
        assert np.isnan(frame.difference[frame.science >= SATURATION]).all()
