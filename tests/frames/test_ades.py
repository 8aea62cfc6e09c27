"""Reports to the Minor Planet Center, held against its own schema for submissions."""

from __future__ import annotations

import importlib
import re
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from astropy.time import Time

from skysift.frames.ades import report
from skysift.frames.ades_names import designations
from skysift.frames.ades_settings import (
    ReportError,
    ReportSettings,
    Telescope,
    read_report_settings,
)
from tests.frames.detections import detection, frame_id, table

HEAD = ReportSettings(submitter="A. B. Tester", measurers=("A. B. Tester", "C. Probe"))
PAIR = {"tracklet": "TABCDEFG", "rate": 1.0, "rate_pa": 30.0}


def submitted(text: str, folder: Path) -> list[dict[str, str]]:
    """Records of a report, after the schema by which the Minor Planet Center checks submissions."""
    etree = pytest.importorskip("lxml.etree")
    psvtoxml = pytest.importorskip("ades.psvtoxml")
    # It keeps where it was in a file from one call to the next.
    importlib.reload(psvtoxml)
    (folder / "report.psv").write_text(text, encoding="utf-8")
    psvtoxml.psvtoxml(str(folder / "report.psv"), str(folder / "report.xml"))
    tree = etree.parse(str(folder / "report.xml"))
    schema = etree.XMLSchema(etree.parse(str(files("ades") / "data" / "xsd" / "submit.xsd")))
    schema.assertValid(tree)
    optical: list[Element] = tree.getroot().findall(".//optical")
    return [{each.tag: each.text or "" for each in record} for record in optical]


def rows(**values: Any) -> list[dict[str, Any]]:
    """Two detections of an unknown object in a tracklet."""
    return [detection(frame_id(number), **{**PAIR, **values}) for number in (0, 40)]


def test_a_tracklet_passes_the_schema(tmp_path: Path) -> None:
    text = report(table(*rows()), HEAD)
    first, second = submitted(text, tmp_path)
    assert first["trkSub"] == second["trkSub"] == "TABCDEFG"
    assert "permID" not in first
    assert (first["mode"], first["stn"]) == ("CCD", "I41")
    assert (first["astCat"], first["photCat"], first["band"]) == ("Gaia1", "PS1_DR1", "Pr")
    assert first["exp"] == "30"
    assert text.startswith("# version=2022\n# observatory\n! mpcCode I41\n# submitter\n")


def test_a_report_of_simulated_frames_says_so(tmp_path: Path) -> None:
    text = report(table(*rows(simulated=True)), HEAD)
    assert len(submitted(text, tmp_path)) == 2
    assert "! line These frames are SIMULATED." in text
    assert "SIMULATED" not in report(table(*rows()), HEAD)


def test_time_is_that_of_the_middle(tmp_path: Path) -> None:
    """Midnight and a quarter, to a tenth of a second."""
    jd = Time("2024-05-03T04:48:15.04").jd
    first, _ = submitted(report(table(*rows(jd=jd)), HEAD), tmp_path)
    assert first["obsTime"] == "2024-05-03T04:48:15.0Z"


@pytest.mark.parametrize(
    ("error", "decimals", "rms"),
    [(0.02, 6, "0.10"), (0.3, 6, "0.32"), (2.0, 5, "2.00"), (None, 5, None)],
)
def test_no_more_digits_than_a_place_is_worth(
    tmp_path: Path, error: float | None, decimals: int, rms: str | None
) -> None:
    """The error is told with 0.1″ for the frame; the last digit of a place is below it."""
    ra, dec = 0.0123456789, -0.9876543211
    first, _ = submitted(report(table(*rows(radec_err=error, ra=ra, dec=dec)), HEAD), tmp_path)
    assert first.get("rmsRA") == first.get("rmsDec") == rms
    assert len(first["ra"].partition(".")[2]) == decimals
    assert len(first["dec"].partition(".")[2]) == decimals
    assert float(first["ra"]) == pytest.approx(ra, abs=10.0**-decimals)
    assert float(first["dec"]) == pytest.approx(dec, abs=10.0**-decimals)


def test_a_place_at_zero_stays_below_360(tmp_path: Path) -> None:
    first, _ = submitted(report(table(*rows(ra=359.99999999)), HEAD), tmp_path)
    assert float(first["ra"]) == 0.0


def test_light_of_the_coma_first_then_of_the_aperture(tmp_path: Path) -> None:
    first, _ = submitted(report(table(*rows()), HEAD), tmp_path)
    assert (first["mag"], first["rmsMag"], first["photAp"]) == ("18.30", "0.07", "9.5")
    faint = rows(magcoma=None, sigmagcoma=None, sigmagap=0.23)
    first, _ = submitted(report(table(*faint), HEAD), tmp_path)
    assert (first["mag"], first["rmsMag"], first["photAp"]) == ("18.9", "0.23", "5")
    first, _ = submitted(report(table(*rows(magcoma=None, magap=np.nan)), HEAD), tmp_path)
    assert not {"mag", "rmsMag", "band", "photCat", "photAp"} & set(first)


@pytest.mark.parametrize(
    ("name", "permanent", "provisional"),
    [
        ("(1) Ceres", "1", ""),
        ("(325395) 2009 CQ5", "325395", ""),
        ("2009 CQ5", "", "2009 CQ5"),
        ("4321 T-2", "", "4321 T-2"),
        ("C/2020 T2 (Palomar)", "", "C/2020 T2"),
        ("C/1995 O1 (Hale-Bopp)", "", "C/1995 O1"),
        ("P/2016 J1-A (PANSTARRS)", "", "P/2016 J1-A"),
        ("1P/Halley", "1P", ""),
        ("332P-B/Ikeya-Murakami", "332P-B", ""),
        ("2I/Borisov", "2I", ""),
        ("Jupiter", "", ""),
        ("something near 2009 CQ5", "", ""),
        (None, "", ""),
    ],
)
def test_designations(tmp_path: Path, name: str | None, permanent: str, provisional: str) -> None:
    assert designations(name) == (permanent, provisional)
    known = {"known_status": "matched", "known_name": name, "known_offset": 1.5}
    text = report(table(*rows(**known, tracklet=None)), HEAD)
    if permanent or provisional:
        for record in submitted(text, tmp_path):
            assert record.get("permID", "") == permanent
            assert record.get("provID", "") == provisional
    else:
        assert text == ""


def test_a_match_far_off_is_not_told_as_that_object(tmp_path: Path) -> None:
    far = {"known_status": "matched", "known_name": "(1) Ceres", "known_offset": 60.0}
    first, _ = submitted(report(table(*rows(**far)), HEAD), tmp_path)
    assert "permID" not in first
    assert first["trkSub"] == "TABCDEFG"


def test_single_unknown_detections_are_left_out(tmp_path: Path) -> None:
    alone = detection(frame_id(3))
    lost = detection(frame_id(4), **PAIR, ra=None)
    assert report(table(alone, lost), HEAD) == ""
    assert len(submitted(report(table(alone, *rows()), HEAD), tmp_path)) == 2


def test_only_what_is_trusted(tmp_path: Path) -> None:
    pair = rows()
    pair[1]["p"] = 0.3
    text = report(table(*pair), HEAD, trusted=lambda row: row["p"] > 0.5)
    assert len(submitted(text, tmp_path)) == 1


def test_own_names_are_different_and_fit(tmp_path: Path) -> None:
    pairs = [
        detection(frame_id(number), ni, **{**PAIR, "tracklet": f"T{ni:07d}"})
        for number in (0, 40)
        for ni in (0, 7, 12)
    ]
    names = [each["obsSubID"] for each in submitted(report(table(*pairs), HEAD), tmp_path)]
    assert len(set(names)) == 6
    assert max(map(len, names)) <= 35
    assert names[0] == "20240503200000_000570_zr_c05_q3_0"


def test_columns_stand_below_each_other() -> None:
    lines = report(table(*rows()), HEAD).splitlines()
    body = lines[next(n for n, line in enumerate(lines) if line.startswith("permID")) :]
    bars = [[place.start() for place in re.finditer(r"\|", line)] for line in body]
    assert bars[0] == bars[1] == bars[2]


def test_the_whole_head(tmp_path: Path) -> None:
    head = ReportSettings(
        submitter="A. B. Tester",
        measurers=("A. B. Tester",),
        institution="Institute of Examples",
        observers=("D. Watcher", "E. Watcher"),
        station="Z22",
        astrometric_catalogue="Gaia2",
        funding="Grant 1",
        comment="Simulated",
        telescope=Telescope(name="T1", design="Reflector", aperture=0.5, pixel_scale=0.6),
    )
    text = report(table(*rows()), head)
    (record, _) = submitted(text, tmp_path)
    assert (record["stn"], record["astCat"]) == ("Z22", "Gaia2")
    for line in (
        "! name D. Watcher",
        "! aperture 0.5",
        "# fundingSource Grant 1",
        "! line Simulated",
    ):
        assert line in text.splitlines()


def test_settings_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "report.toml"
    path.write_text(
        'submitter = "A. B. Tester"\nmeasurers = ["A. B. Tester"]\n[telescope]\naperture = 1\n'
    )
    settings = read_report_settings(path)
    assert settings.measurers == ("A. B. Tester",)
    assert settings.telescope.aperture == 1
    assert settings.station == "I41"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "does not say submitter"),
        ('submitter = "A. B."', "does not say measurers"),
        ('submitter = "A. B."\nmeasurers = []', "who measured"),
        ('submitter = "A | B"\nmeasurers = ["C"]', "must have no |"),
        ('submitter = "A"\nmeasurers = ["B\\nC"]', "no line breaks"),
        (f'submitter = "{"A" * 101}"\nmeasurers = ["C"]', "101 characters"),
        ('submitter = "A"\nmeasurers = "C"', "measurers is 'C'"),
        ('submitter = 3\nmeasurers = ["C"]', "submitter is 3"),
        ('observer = "A"', "no setting observer; there are submitter, measurers"),
        ("[telescope]\nfocus = 3", "no setting telescope.focus"),
        ("telescope = 3", "must be a table"),
        ("submitter = ", "not readable as TOML"),
    ],
)
def test_settings_that_will_not_do(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "report.toml"
    path.write_text(text)
    with pytest.raises(ReportError, match=re.escape(wrong)):
        read_report_settings(path)


def test_no_settings(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no settings of reports at"):
        read_report_settings(tmp_path / "missing.toml")
