"""Small frames with made-up comets, what is found in them, and weights to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from skysift.campaigns.tails import searched_set
from skysift.campaigns.tails.collecting import collect
from skysift.models import _keras_file
from skysift.models.tails import networks
from skysift.models.tails.config import TrainingConfig, WindowsConfig
from skysift.models.tails.training_set import FrameSet
from tests.models.tails_frames import make_set

THRESHOLD = 0.2


def silent(stage: str, done: int, of: int) -> None:
    """Take what is told, and tell nobody."""


@pytest.fixture(scope="session")
def frames(tmp_path_factory: pytest.TempPathFactory) -> FrameSet:
    """Return 10 frames with 2 comets each: 6 to learn from, 2 to stop by, 2 to judge on."""
    return make_set(tmp_path_factory.mktemp("tails") / "set", frames=10, side=96)


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return weights as they were drawn."""
    import keras

    keras.utils.set_random_seed(3)
    folder = tmp_path_factory.mktemp("start")
    settings = {**networks.settings_of("heat_map"), "widths": [4, 4, 6, 6, 6]}
    model = networks.build("heat_map", **settings)
    training = TrainingConfig(
        validation_steps=1, batch=2, stamp_batch=2, precision="float32", schedule="constant"
    )
    facts = {
        "network": {"name": "heat_map", "settings": settings},
        "preprocessing": "robust",
        "channels": 3,
        "calibration": None,
        "trained_on": "nothing",
        "windows": asdict(WindowsConfig(tile=64)),
        "training": {**asdict(training), "best_epoch": 0},
    }
    _keras_file.write(model, folder, "start", facts)
    return folder


class Told:
    """A network that answers as it is told: all comets, one of them twice, and what is none."""

    version = "told+1"

    def __init__(self, frames: FrameSet) -> None:
        self._answers = {}
        for number, name in enumerate(frames.frames["id"]):
            comets = frames.comets[frames.comets["id"] == name]
            places = [(0.9, row.x + 1.0, row.y - 0.5) for row in comets.itertuples()]
            places += [(0.3, places[0][1] - 3.0, places[0][2]), (0.4, 5.0, 5.0), (0.6, 90.0, 4.0)]
            places += [(0.15, 50.0, 92.0)]
            self._answers[self._key(frames.images(number))] = np.array(places, np.float32)

    def detect(
        self, images: np.ndarray, *, threshold: float, zeropoint: float
    ) -> dict[str, np.ndarray]:
        """Tell the places of a frame that is known."""
        score, x, y = self._answers[self._key(images)].T
        kept = score >= threshold
        told = {"score": score, "x": x, "y": y, "size": np.full_like(score, 4.0)}
        told |= {"mag": np.full_like(score, zeropoint - 8), "sigma": np.full_like(score, 0.5)}
        return {name: column[kept] for name, column in told.items()}

    def _key(self, images: np.ndarray) -> bytes:
        return np.asarray(images[0]).tobytes()


@pytest.fixture(scope="session")
def searching(frames: FrameSet) -> Iterator[None]:
    """Search sets with what is told."""
    scorer = Told(frames)
    with pytest.MonkeyPatch.context() as patch:
        told = SimpleNamespace(
            load=lambda weights: scorer, check_weights=lambda weights: {"version": scorer.version}
        )
        patch.setattr(searched_set, "tails", told)
        yield


@pytest.fixture(scope="session")
def filled(frames: FrameSet, searching: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a pool of what is found in the frames; not to be changed."""
    pool = tmp_path_factory.mktemp("filled") / "pool"
    collect(frames.folder, pool, {"weights": None, "threshold": THRESHOLD}, silent)
    return pool


@pytest.fixture(scope="session")
def cutout() -> np.ndarray:
    """Return what is seen about a detection."""
    return np.random.default_rng(1).normal(0, 1, (256, 256, 3)).astype(np.float32)
