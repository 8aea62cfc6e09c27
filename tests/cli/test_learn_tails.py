"""``skysift learn tails``: from what a search has found to open questions, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from skysift.campaigns import get
from skysift.cli.main import BAD_INPUT, USER_ERRORS, app
from tests.frames.detections import detection, frame_id, write_frame
from tests.models.tails_frames import make_set


def learn(*words: object, code: int = 0, keys: str | None = None) -> Result:
    """Run ``skysift learn`` in this process; an error that a user can mend is code 2."""
    result = CliRunner().invoke(app, ["learn", *map(str, words)], input=keys)
    ended = BAD_INPUT if isinstance(result.exception, USER_ERRORS) else result.exit_code
    assert ended == code, (result.output, result.exception)
    return result


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """Return a campaign's file, with a pool of 20 detections."""
    for number in range(20):
        row = detection(frame_id(number))
        folder = write_frame(tmp_path / "comets", row)
        np.save(folder / row["cutouts"], np.zeros((256, 256, 3), np.float32))
    make_set(tmp_path / "mine" / "set", frames=5, side=64)
    path = tmp_path / "mine" / "campaign.toml"
    told = learn("tails", "init", path).output
    assert "learn tails collect --config" in told.replace("\n", " ")
    path.write_text(path.read_text().replace('tracking = "mlflow"', 'tracking = ""'))
    told = learn("tails", "collect", "-c", path, "--source", tmp_path / "comets").output
    assert "20 frames, 20 detections not seen before, 20 at new places" in told.replace("\n", " ")
    return path


def test_detections_are_collected_asked_about_and_labelled(campaign):
    asked = learn("tails", "round", "-c", campaign, "--initial", 10)
    assert "round 0: 10 asked, 10 open" in asked.output
    pictures = campaign.parent / "pictures"
    assert f"--pictures {pictures}" in asked.output.replace("\n", "")
    assert len(list(pictures.glob("*.png"))) == 10
    told = learn("tails", "label", "-c", campaign, keys="c\nN\nu\nq\n").output
    assert "[c] comet  [n] not  [u] unclear" in told and str(pictures) in told
    assert "3 of 10 answered, 7 open" in told
    sheet = campaign.parent / "sheet.csv"
    learn("tails", "round", "-c", campaign, "--initial", 10, "--oracle", sheet)
    open_ones = pd.read_csv(sheet)
    assert len(open_ones) >= 7 and set(open_ones["answers"]) == {"comet | not | unclear | skip"}
    status = json.loads(learn("tails", "status", "-c", campaign, "--json").stdout)
    assert status["next"]["open"] == len(open_ones)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("tails", "collect", "--source", "{}"), "give --output"),
        (("tails", "collect", "--source", "{}", "-o", "{}/pool"), "holds neither frames that"),
        (("vra", "collect", "--source", "{}", "-o", "{}/pool"), "vra cannot collect; see listen"),
        (("tails", "listen", "--source", "{}", "-o", "{}/pool"), "no pool of alerts"),
        (("tails", "score", "{}", "-o", "{}/a.csv"), "tails cannot score"),
        (("tails", "--simulate", "--save", "{}/out", "--labels", "3"), "labels must be 40 or more"),
        (("tails", "--simulate", "--save", "{}/out", "--start", "{}"), "must hold exactly one"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, words: tuple[str, ...], reason: str):
    result = learn(*(word.format(tmp_path) for word in words), code=BAD_INPUT)
    assert reason in (str(result.exception) if result.exception else result.output)
    assert not (tmp_path / "out").exists()


def test_a_pool_that_nothing_fills_says_so(campaign):
    (campaign.parent / "pool").rename(campaign.parent / "away")
    (campaign.parent / "pool").mkdir()
    result = learn("tails", "round", "-c", campaign, code=BAD_INPUT)
    assert "fill it with `skysift learn tails collect`" in str(result.exception)
    assert get("vra").filled_by == "listen" and get("zoobot").filled_by is None
