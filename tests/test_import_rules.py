"""What importing skysift may load, and that one more file is one more module or filter.

The layers between the rooms are import-linter's business (`setup.cfg`); here is what only a
running Python shows.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from skysift.simulate.containers import encode_packet
from tests.alert_samples import simulated_ztf

ROOT = Path(__file__).parents[1]

HEAVY = ("tensorflow", "keras", "jax", "torch", "pyspark")

LIGHT = (
    "skysift",
    "skysift.active_learning.loop",
    "skysift.alerts.batch",
    "skysift.campaigns.campaign",
    "skysift.campaigns.tails",
    "skysift.campaigns.vra",
    "skysift.alerts.decode",
    "skysift.alerts.payloads",
    "skysift.alerts.stamps",
    "skysift.alerts.tables",
    "skysift.filters",
    "skysift.frames.search",
    "skysift.models.btsbot",
    "skysift.science_modules.btsbot",
    "skysift.simulate",
    "skysift.stream.plan",
    "skysift.cli.main",
)

CLAIM = f"""
import importlib, sys
from skysift import filters, models, science_modules

def claim(what):
    loaded = [name for name in {HEAVY} if name in sys.modules]
    assert not loaded, f"{{what}} loads {{loaded}}"

for name in {LIGHT}:
    importlib.import_module(name)
    claim(f"import {{name}}")
for room in (filters, models, science_modules):
    room.discover()
    claim(f"{{room.__name__}}.discover()")
"""


def python(*arguments: object, folder: Path = ROOT) -> str:
    """Run a Python of its own in a folder; return what it printed."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_reading_declarations_loads_neither_spark_nor_a_deep_learning_library():
    python("-c", CLAIM)


# One more file


MODULE = '''
"""Flux of the difference."""

import numpy as np

OUTPUTS = {"flux": "double"}
SURVEYS = ("ztf", "lsst")


def score(magpsf, *, zero_point: float = 23.9):
    """Flux of the difference image in µJy."""
    known = np.isfinite(magpsf)
    flux = 10 ** ((zero_point - magpsf) / 2.5)
    return {"flux": flux, "status": np.where(known, "ok", "nan_feature"), "version": "1"}
'''

FILTER = '''
"""Select what outshines a limit."""


def glowing(flux, *, min_flux: float = 0.0):
    """Alerts above a flux."""
    return flux["flux"] > min_flux
'''


CAMPAIGN = '''
"""Stars or galaxies."""

from dataclasses import dataclass, field

from skysift.active_learning.questions import Choice
from skysift.campaigns.kind import Kind


@dataclass(frozen=True)
class Settings:
    seeing: float = field(default=1.0, metadata={"low": 0.0, "doc": "arcsec"})


def later(*_):
    raise NotImplementedError


KIND = Kind(
    name="shape", doc="Stars or galaxies.", settings=Settings,
    form=lambda settings: Choice("What?", {"a": "star", "g": "galaxy"}),
    unused=lambda settings: (), read_pool=later, learner=later,
)
'''


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package with one file more in each of the two folders."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT / "skysift", folder / "skysift")
    (folder / "skysift" / "science_modules" / "flux.py").write_text(MODULE)
    (folder / "skysift" / "filters" / "glowing.py").write_text(FILTER)
    (folder / "skysift" / "campaigns" / "shape").mkdir()
    (folder / "skysift" / "campaigns" / "shape" / "__init__.py").write_text(CAMPAIGN)
    packets = folder / "packets"
    packets.mkdir()
    for packet in simulated_ztf()[:3]:
        (packets / f"{packet['candid']}.avro").write_bytes(encode_packet(packet))
    return folder


def test_a_module_is_one_file(extended):
    listed = json.loads(python("-m", "skysift", "modules", "--json", folder=extended))
    (found,) = [row for row in listed if row["name"] == "flux"]
    assert found["inputs"] == ["magpsf"]
    assert found["settings"] == {"zero_point": 23.9}
    assert found["outputs"] == {"flux": "double", "status": "string", "version": "string"}


def test_a_filter_is_one_file(extended):
    listed = json.loads(python("-m", "skysift", "filters", "--json", folder=extended))
    (found,) = [row for row in listed if row["name"] == "glowing"]
    assert found["columns"] == ["flux"]
    assert found["topic"] == "skysift_glowing_{survey}"


def test_the_job_plans_with_them(extended):
    plan = "from skysift.stream.plan import make_plan; p = make_plan('lsst', filters=['glowing'])"
    shown = "print([m.name for m in p.modules], p.topics, 'magpsf' in p.columns)"
    printed = python("-c", f"{plan}; {shown}", folder=extended)
    assert printed == "['flux'] {'glowing': 'skysift_glowing_lsst'} True\n"


def test_the_command_scores_with_them(extended):
    output = extended / "scores.parquet"
    python(
        "-m", "skysift", "score", "packets", "--modules", "flux", "--output", output,
        folder=extended,
    )  # fmt: skip
    scores = pq.read_table(output).to_pylist()
    magnitudes = {p["candid"]: p["candidate"]["magpsf"] for p in simulated_ztf()}
    assert len(scores) == 3
    for row in scores:
        flux = 10 ** ((23.9 - magnitudes[row["candid"]]) / 2.5)
        assert row["flux"]["flux"] == pytest.approx(flux, rel=1e-5)


def test_a_model_that_can_be_taught_is_one_folder(extended):
    assert "shape" in python("-m", "skysift", "learn", "--help", folder=extended)
    python("-m", "skysift", "learn", "shape", "init", "mine.toml", folder=extended)
    assert "seeing = 1.0" in (extended / "mine.toml").read_text()
    told = python("-m", "skysift", "learn", "shape", "status", "-c", "mine.toml", "--json",
                  folder=extended)  # fmt: skip
    assert json.loads(told) == {"rounds": [], "next": {"asked": 0, "open": 0, "by": {}}}
