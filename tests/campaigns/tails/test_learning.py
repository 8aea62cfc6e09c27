"""A campaign of detections: questions with pictures, rounds, weights that serve, and what dies."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from skysift.active_learning.loop import Waiting
from skysift.active_learning.oracles import TableOracle
from skysift.active_learning.rounds import Round
from skysift.campaigns import get
from skysift.campaigns.campaign import Campaign
from skysift.campaigns.config import read_config
from skysift.campaigns.oracles import read_truth
from skysift.campaigns.tails.judging import figures
from skysift.campaigns.tails.learning import config_of, learner
from skysift.campaigns.tails.settings import FORM, Settings
from skysift.models import tails
from skysift.models._fitting import loop
from skysift.models._presets import default_weights
from skysift.models._weights import read_weights
from skysift.models.tails import training
from skysift.models.tails.matching import Matched

TAILS = get("tails")


@pytest.fixture
def campaign(filled: Path, frames, start: Path, tmp_path: Path) -> Campaign:
    """Return a campaign on the pool."""
    path = tmp_path / "campaign.toml"
    path.write_text(
        f'[campaign]\npool = "{filled}"\ntracking = ""\n'
        "[plan]\ninitial = 6\nbatch = 3\nheld_out = 0.3\n"
        f'[tails]\nset = "{frames.folder}"\nstart = "{start}"\nepochs = 2\nsteps = 2\n'
        "repeat = 2\nfalse_per_frame = 3\n"
    )
    return Campaign(TAILS, read_config(path, TAILS))


@pytest.fixture(scope="session")
def truth(filled: Path) -> TableOracle:
    """Return somebody who knows the comets."""
    return TableOracle(read_truth(filled / "truth.csv", FORM))


def test_rounds_ask_show_learn_judge_and_serve(campaign, truth, start):
    waiting = campaign.take_round(None)
    assert isinstance(waiting, Waiting) and waiting.progress.asked == 6
    questions = campaign.ledger.questions("tails", round=0)
    assert {path.stem for path in campaign.pictures.iterdir()} == {q.item for q in questions}
    with Image.open(campaign.pictures / f"{questions[0].item}.png") as shown:
        assert shown.size[0] > 2.5 * shown.size[1]
    assert campaign.describe(questions[0]).endswith(f"{questions[0].item}.png")

    done = campaign.take_round(truth)
    assert isinstance(done, Round)
    assert (done.parameters["train"], done.parameters["held_out"]) == (4, 2)
    metrics = done.metrics
    for name in ("recall", "recall_bright", "threshold", "false_at_half"):
        assert {name, f"{name}_before"} <= metrics.keys()
    facts = read_weights(campaign.config.current).facts
    before = read_weights(start)
    assert facts["training"]["start"]["sha256"] == before.sha256
    assert facts["network"] == before.facts["network"]
    assert facts["training"]["frames"] == {"train": 6 + 2 * 4, "validation": 2}
    comets = (done.ids.query("part == 'train'")["answer"] == "comet").sum()
    assert f"4 labelled detections, {comets} of them comets" in facts["trained_on"]
    assert tails.load(campaign.config.current).version == facts["version"]

    following = campaign.take_round(truth)
    assert (following.parameters["train"], following.parameters["held_out"]) == (6, 3)
    queries = {q.query for q in campaign.ledger.questions("tails", round=1)}
    assert queries == {"margin:k_means", "random:top"}
    predicted = pd.read_csv(following.folder / "predictions.csv")
    assert predicted[["p_comet", "p_not"]].sum(axis=1).to_numpy() == pytest.approx(1)
    # What the round began with, and so how well that did, is the same each time.
    names = [name for name in metrics if name.endswith("_before") and "label" not in name]
    assert [following.metrics[n] for n in names] == [metrics[n] for n in names]


def test_a_round_that_was_killed_goes_on_where_its_training_was(campaign, truth, monkeypatch):
    def die(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(training, "calibration", die)  # both epochs are over
        campaign.take_round(truth)
    (work,) = Path(campaign.config.settings.work).iterdir()
    assert (work / "tails.state.npz").exists() and not campaign.rounds.numbers()
    with monkeypatch.context() as resumed:
        resumed.setattr(loop, "_epoch", die)
        done = campaign.take_round(truth)
    assert done.number == 0 and read_weights(done.model).facts["training"]["epochs_run"] == 2


def test_unclear_ones_are_asked_about_no_more_and_teach_nothing(campaign, truth):
    campaign.take_round(None)
    unclear = {q.object for q in campaign.ledger.questions("tails", round=0)}
    TableOracle(dict.fromkeys(unclear, "unclear")).work(campaign.ledger, "tails", 0)
    waiting = campaign.take_round(None)
    assert isinstance(waiting, Waiting) and waiting.progress.asked == 12
    assert waiting.progress.open == 6


def test_recall_is_told_where_few_enough_are_false(frames):
    part = frames.part("test")
    judged = replace(part, frames=part.frames.head(1))
    comets = judged.comets.head(2).assign(frame=0, counted=True, score=[0.9, 0.4])
    found = pd.DataFrame(
        {"score": [0.9, 0.8, 0.6, 0.4, 0.3], "is": ["comet", "nothing", "nothing", "comet",
                                                  "nothing"]}
    )  # fmt: skip
    matched = Matched(found, comets)
    expected = {0: (0.5, 0.9), 1: (0.5, 0.8), 2: (1.0, 0.4), 3: (1.0, 0.3)}
    for allowed, (recall, threshold) in expected.items():
        told = figures(matched, judged, allowed)
        assert (told["recall"], told["threshold"]) == (recall, threshold)
        assert told["false_at_half"] == 2
    nothing = Matched(found[found["is"] == "nothing"], comets.assign(score=np.nan))
    assert figures(nothing, judged, 0)["recall"] == 0


@pytest.mark.parametrize(("calibrated", "method"), [(True, "platt"), (False, "none")])
def test_a_round_trains_on_as_its_weights_were_trained(calibrated, method):
    start = read_weights(default_weights(Path(tails.__file__).parent))
    config = config_of(start, Settings(epochs=3), 5, calibrated=calibrated)
    assert config.calibration.method == method
    assert (config.training.epochs, config.training.seed) == (3, 5)
    assert asdict(config.windows) == start.facts["windows"]
    assert config.training.batch == start.facts["training"]["batch"]


def test_a_set_without_comets_to_judge_on_is_refused(filled, frames, tmp_path):
    from skysift.campaigns.tails.pool import read_pool

    pool = read_pool(filled, Settings())
    lacking = replace(frames, folder=tmp_path, frames=frames.frames.assign(split="train"))
    (tmp_path / "manifest.json").write_text("{}")
    lacking.frames.to_parquet(tmp_path / "frames.parquet")
    lacking.truth.to_parquet(tmp_path / "truth.parquet")
    with pytest.raises(ValueError, match=r"the test part of .* has no comet, in 0 frames"):
        learner(pool, np.ones(len(pool), bool), Settings(set=str(tmp_path)))
    with pytest.raises(FileNotFoundError, match="skysift data build tails"):
        learner(pool, np.ones(len(pool), bool), Settings(set=str(tmp_path / "none")))
    with pytest.raises(FileNotFoundError, match="skysift learn tails collect"):
        read_pool(tmp_path / "none", Settings())
