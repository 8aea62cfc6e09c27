"""Truth: astropy opens the stamps; the candidate says how bright the difference is."""

from __future__ import annotations

import gzip
import io

import numpy as np
from astropy.io import fits

from skysift.simulate import simulate_night

CUTOUTS = ("cutoutScience", "cutoutTemplate", "cutoutDifference")


def open_stamp(packet, cutout):
    """A stamp's pixels by astropy, and its header."""
    with fits.open(io.BytesIO(gzip.decompress(packet[cutout]["stampData"]))) as hdus:
        hdus.verify("exception")
        return hdus[0].data.astype(float), hdus[0].header


def test_astropy_opens_every_stamp(alerts) -> None:
    missing = 0
    for packet, _ in alerts:
        images = [open_stamp(packet, cutout)[0] for cutout in CUTOUTS]
        assert {image.shape for image in images} <= {(63, 63), (63, 62), (48, 63)}
        assert len({image.shape for image in images}) == 1
        assert open_stamp(packet, "cutoutScience")[1]["BUNIT"] == "DN"
        missing += np.isnan(images[0]).any()
        good = np.isfinite(images[0])
        assert np.isfinite(images[2])[good].all()
        assert np.median(images[0][good]) > 30.0
    assert 0 < missing < len(alerts) / 2


def test_stamps_are_named_after_alert_image_and_sign(alerts) -> None:
    for packet, _ in alerts:
        candidate = packet["candidate"]
        start = f"candid{packet['candid']}"
        image = f"{start}_pid{candidate['pid']}_targ"
        sign = "scimref" if candidate["isdiffpos"] == "t" else "refmsci"
        names = [packet[cutout]["fileName"] for cutout in CUTOUTS]
        assert names == [
            f"{image}_sci.fits.gz",
            f"{start}_ref.fits.gz",
            f"{image}_{sign}.fits.gz",
        ]


def test_the_difference_holds_the_measured_flux() -> None:
    ratios = []
    for packet, _ in simulate_night(60, seed=8, mix={"asteroid": 1, "cv": 1, "supernova": 1}):
        candidate = packet["candidate"]
        image, _ = open_stamp(packet, "cutoutDifference")
        if candidate["magpsf"] > 19.0 or image.shape != (63, 63) or np.isnan(image).any():
            continue
        rows, columns = np.mgrid[:63, :63]
        flux = image[np.hypot(rows - 31, columns - 31) < 6].sum()
        ratios.append(flux / 10.0 ** (0.4 * (candidate["magzpsci"] - candidate["magpsf"])))
    assert len(ratios) > 15
    assert abs(np.median(ratios) - 1.0) < 0.1


def test_the_difference_of_a_fading_star_is_turned_positive() -> None:
    negative = [
        packet
        for packet, _ in simulate_night(30, seed=3, mix={"variable": 1})
        if packet["candidate"]["isdiffpos"] == "f"
    ]
    assert negative
    for packet in negative:
        image, _ = open_stamp(packet, "cutoutDifference")
        assert np.nanmax(image[29:34, 29:34]) > 0.0
