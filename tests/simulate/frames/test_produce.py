"""Truth: the bytes of the same simulation done otherwise, and what astropy reads."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from astropy.io import fits
from astropy.time import Time
from astropy.wcs import WCS

from skysift.simulate.frames import Settings, make_frames, write_frames


def contents(folder) -> dict[str, bytes]:
    """Name → bytes of every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def table(path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def rows(folder):
    """Rows of frames.csv."""
    return table(folder / "frames.csv")


def test_the_same_seed_writes_the_same_bytes_whoever_works(folder, tmp_path, settings) -> None:
    steps: list[int] = []
    write_frames(3, tmp_path, settings, workers=2, progress=steps.append)
    assert contents(tmp_path) == contents(folder)
    assert sorted(steps) == steps and steps[-1] == 3


def test_it_goes_on_where_it_was_stopped(folder, tmp_path, settings) -> None:
    write_frames(1, tmp_path, settings, workers=1)
    assert len(table(tmp_path / "frames.csv")) == 1
    first = next(tmp_path.rglob("*_sciimg.fits"))
    written = first.stat().st_mtime_ns
    write_frames(3, tmp_path, settings, workers=1)
    assert contents(tmp_path) == contents(folder)
    assert first.stat().st_mtime_ns == written


def test_a_frame_without_its_truth_is_made_again(folder, tmp_path, settings) -> None:
    write_frames(1, tmp_path, settings, workers=1)
    difference = next(tmp_path.rglob("*.fits.fz"))
    difference.write_bytes(b"half")
    next((tmp_path / "truth").iterdir()).unlink()
    write_frames(1, tmp_path, settings, workers=1)
    again = difference.relative_to(tmp_path)
    assert difference.read_bytes() == (folder / again).read_bytes()


def test_other_settings_do_not_mix_into_a_folder(folder, tmp_path, settings) -> None:
    with pytest.raises(ValueError, match=r"holds other frames \(\{'seed': 4\}\)"):
        write_frames(1, folder, Settings(5, settings.shape, settings.comets, settings.visits))
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(FileExistsError, match="holds other files"):
        write_frames(1, tmp_path, settings)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seed": -1}, "seed must be 0 or more, got -1"),
        ({"shape": (64, 512)}, "256 to 3080 px, got 64"),
        ({"shape": (512, 4000)}, "256 to 3072 px, got 4000"),
        ({"comets": -2}, "comets must be 0 or more"),
        ({"visits": 0}, "visits must be 1 or more"),
    ],
)
def test_what_cannot_be_simulated_is_refused(wrong, message) -> None:
    with pytest.raises(ValueError, match=message):
        Settings(**({"seed": 1} | wrong))


def test_no_frames_are_refused(tmp_path, settings) -> None:
    with pytest.raises(ValueError, match="count must be 1 or more"):
        write_frames(0, tmp_path, settings)


def test_files_hold_the_frames(folder, rows, settings) -> None:
    frame = next(make_frames(0, settings))
    row = rows[0]
    assert row["id"] == frame.name.id
    science = fits.getdata(folder / row["science"])
    np.testing.assert_array_equal(science, frame.science)
    np.testing.assert_array_equal(fits.getdata(folder / row["reference"]), frame.reference)


def test_the_difference_is_packed_in_hdu_1_within_a_quarter_of_its_noise(
    folder, rows, settings
) -> None:
    frame = next(make_frames(0, settings))
    with fits.open(folder / rows[0]["difference"]) as hdus:
        assert hdus[0].data is None and isinstance(hdus[1], fits.CompImageHDU)
        unpacked = hdus[1].data
        header = hdus[1].header
    missing = np.isnan(frame.difference)
    np.testing.assert_array_equal(np.isnan(unpacked), missing)
    gap = np.abs(unpacked - frame.difference)[~missing]
    assert gap.max() < 0.5 * header["DIFFSIG"]
    with fits.open(folder / rows[0]["difference"], disable_image_compression=True) as raw:
        assert raw[1].header["ZCMPTYPE"] == "RICE_1"
    assert (folder / rows[0]["difference"]).stat().st_size < 0.4 * frame.difference.nbytes


def test_headers_say_what_a_pipeline_needs(folder, rows) -> None:
    for row in rows:
        header = fits.getheader(folder / row["science"])
        assert header["OBSJD"] == float(row["jd"])
        assert Time(header["SHUTOPEN"], scale="utc").jd == pytest.approx(header["OBSJD"], abs=1e-8)
        stamp = row["id"].split("_")[1]
        assert f"{int((header['OBSJD'] - 0.5) % 1.0 * 1e6):06d}" == stamp[8:]
        assert (header["EXPTIME"], header["PIXSCALE"], header["GAIN"]) == (30.0, 1.012, 6.2)
        assert header["FILTER"] == {"1": "ZTF_g", "2": "ZTF_r", "3": "ZTF_i"}[row["fid"]]
        names = ("FIELD", "CCDID", "QID")
        expected = [int(row[name]) for name in ("field", "ccd", "quadrant")]
        assert [header[name] for name in names] == expected
        assert header["MAGZP"] == pytest.approx(float(row["zeropoint"]))
        assert header["SATURATE"] == 50_000.0
        assert "simulated" in header["ORIGIN"]
        wcs = WCS(header)
        assert wcs.sip is not None and wcs.pixel_shape == (384, 400)
        difference = fits.getheader(folder / row["difference"], 1)
        assert difference["MAGZP"] == header["MAGZP"]
        assert WCS(difference).sip is not None
        reference = fits.getheader(folder / row["reference"])
        assert reference["NFRAMES"] >= 15 and reference["FILTER"] == header["FILTER"]
        assert "OBSJD" not in reference


def test_two_visits_share_a_reference(rows) -> None:
    assert len(rows) == 3
    assert rows[0]["reference"] == rows[1]["reference"] != rows[2]["reference"]


def test_tables_are_the_parts_in_order(folder, rows) -> None:
    truth = table(folder / "truth.csv")
    assert [row["id"] for row in truth] == sorted(
        (row["id"] for row in truth), key=[row["id"] for row in rows].index
    )
    for row in rows:
        part = json.loads((folder / "truth" / f"{row['id']}.json").read_text())
        mine = [line for line in truth if line["id"] == row["id"]]
        assert len(mine) == len(part["truth"])
        assert float(mine[0]["x"]) == part["truth"][0]["x"]
        assert sum(line["kind"] == "comet" for line in mine) == int(row["comets"])


def test_the_manifest_says_how(folder, settings) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["settings"]["seed"] == settings.seed
    assert {"skysift", "galsim", "numpy"} <= set(manifest["versions"])
    assert "simulated" in manifest["what"]


def test_nothing_half_is_left(folder) -> None:
    assert not [name for name in contents(folder) if "partial" in name]
