"""Files of orbits: what is in them, and what is said of what is wrong with them."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path

import numpy as np
import pytest
from astropy.time import Time

from skysift.frames.known.orbits import OrbitError
from skysift.frames.known.reading import read_orbits
from tests.frames.orbit_lines import BORISOV, CERES, COMETS, HALE_BOPP, PARABOLA, asteroid_line

HEADING = "MINOR PLANET CENTER ORBIT DATABASE (MPCORB)\n\nDes'n     H     G   Epoch\n" + "-" * 160


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_comets(tmp_path: Path) -> None:
    orbits = read_orbits(written(tmp_path / "CometEls.txt", *COMETS))
    assert len(orbits) == 5
    assert orbits.comet.all()
    assert orbits.name[0] == b"C/1995 O1 (Hale-Bopp)"
    assert set(orbits.source) == {b"CometEls.txt"}
    # Julian dates counted by hand from the calendar: 1997 Mar 29.6333, 2020 Feb 24.
    assert orbits.passage[0] == pytest.approx(2450537.1333, abs=1e-7)
    assert orbits.epoch[0] == 2458903.5
    assert np.isnan(orbits.epoch[1])
    assert orbits.perihelion[:3].tolist() == [0.916241, 5.341055, 1.997724]
    assert orbits.eccentricity[:3].tolist() == [0.994928, 1.0, 3.345952]
    assert np.degrees(orbits.argument[0]) == pytest.approx(130.6448)
    assert np.degrees(orbits.node[0]) == pytest.approx(283.3593)
    assert np.degrees(orbits.inclination[0]) == pytest.approx(88.9908)
    assert (orbits.magnitude[0], orbits.slope[0]) == (-2.0, 4.0)


def test_minor_planets_below_a_heading(tmp_path: Path) -> None:
    orbits = read_orbits(written(tmp_path / "MPCORB.DAT", HEADING, CERES, "", CERES))
    assert len(orbits) == 2
    assert orbits.name[0] == b"(1) Ceres"
    assert not orbits.comet.any()
    assert orbits.epoch[0] == Time("2020-05-31", scale="tt").jd
    assert orbits.perihelion[0] == pytest.approx(2.7676569 * (1 - 0.0775571))
    # 162.69° past perihelion at 0.214° a day.
    assert orbits.passage[0] == pytest.approx(2459000.5 - 162.68631 / 0.21406009, abs=1e-3)


def test_without_a_heading_and_packed(tmp_path: Path) -> None:
    path = tmp_path / "MPCORB.DAT.gz"
    path.write_bytes(gzip.compress(f"{CERES}\n".encode()))
    assert read_orbits(path).name.tolist() == [b"(1) Ceres"]


def test_unnamed_magnitudes_are_nan_and_slopes_the_usual(tmp_path: Path) -> None:
    bare = CERES[:8] + " " * 11 + CERES[19:]
    orbits = read_orbits(written(tmp_path / "a", bare))
    assert np.isnan(orbits.magnitude[0])
    assert orbits.slope[0] == 0.15


def spoilt(line: str, start: int, text: str) -> str:
    return line[:start] + text + line[start + len(text) :]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (spoilt(HALE_BOPP, 31, "0.9x6241"), "no perihelion"),
        (spoilt(HALE_BOPP, 19, "13"), "no date of perihelion"),
        (spoilt(HALE_BOPP, 22, "32"), "no date of perihelion"),
        (spoilt(HALE_BOPP, 81, "20261399"), "no epoch"),
        (spoilt(HALE_BOPP, 41, "-0.99493"), "no eccentricity of 0 or more"),
        (spoilt(HALE_BOPP, 71, "188.9908"), "no inclination from 0 to 180"),
        (spoilt(HALE_BOPP, 31, "0.000000"), "no perihelion distance above 0"),
        (HALE_BOPP[:60], "no node, no inclination"),
    ],
)
def test_a_bad_line_costs_that_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, line: str, reason: str
) -> None:
    with caplog.at_level(logging.WARNING):
        orbits = read_orbits(written(tmp_path / "CometEls.txt", PARABOLA, line, BORISOV))
    assert orbits.name.tolist() == [b"C/2015 A2 (PANSTARRS)", b"2I/Borisov"]
    assert "line 2" in caplog.text
    assert reason in caplog.text


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (spoilt(CERES, 20, "K20DV"), "no epoch"),
        (spoilt(CERES, 20, "K2x5V"), "no epoch"),
        (spoilt(CERES, 92, "   nonsense"), "no axis"),
        (spoilt(CERES, 70, "1.0775571"), "no eccentricity below 1"),
        (spoilt(CERES, 92, " -2.7676569"), "no semi-major axis"),
    ],
)
def test_a_bad_minor_planet_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, line: str, reason: str
) -> None:
    with caplog.at_level(logging.WARNING):
        orbits = read_orbits(written(tmp_path / "MPCORB.DAT", HEADING, line, CERES))
    assert len(orbits) == 1
    assert "line 5" in caplog.text
    assert reason in caplog.text


def test_many_bad_lines_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lines = [spoilt(HALE_BOPP, 41, "rubbish!")] * 12
    with caplog.at_level(logging.WARNING):
        read_orbits(written(tmp_path / "c", HALE_BOPP, *lines))
    assert "and 7 more" in caplog.text


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(OrbitError, match="no file of orbits at"):
        read_orbits(tmp_path / "missing")
    with pytest.raises(OrbitError, match="is empty"):
        read_orbits(written(tmp_path / "empty", ""))
    with pytest.raises(OrbitError, match="holds no orbit: line 1: no "):
        read_orbits(written(tmp_path / "prose", "It was a dark and stormy night."))
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress((f"{CERES}\n" * 900).encode())[:-200])
    with pytest.raises(OrbitError, match="cannot be read"):
        read_orbits(broken)
    with pytest.raises(OrbitError, match="cannot be read"):
        read_orbits(tmp_path)


def test_a_made_line_reads_as_it_was_made(tmp_path: Path) -> None:
    line = asteroid_line(
        "(99) Dike",
        magnitude=9.5,
        anomaly=200.5,
        argument=10.25,
        node=20.5,
        inclination=3.125,
        eccentricity=0.25,
        axis=2.5,
    )
    orbits = read_orbits(written(tmp_path / "m", line))
    assert orbits.name[0] == b"(99) Dike"
    assert orbits.perihelion[0] == pytest.approx(1.875)
    assert np.degrees(orbits.node[0]) == pytest.approx(20.5)
    assert orbits.magnitude[0] == 9.5
