"""A small set of made-up galaxies with votes, and a trunk that has learned nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from skysift.models import _keras_file
from skysift.models.zoobot import networks
from skysift.models.zoobot.labels import labels_of
from skysift.models.zoobot.training_set import GalaxySet
from tests.models.zoobot_galaxies import SIDE, TREE, make_set


@pytest.fixture(scope="module", autouse=True)
def short_courses() -> Iterator[None]:
    """Keep the tests quick: few votes teach what they can in a quarter of the steps."""
    from skysift.models.zoobot import heads

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heads, "HeadConfig", partial(heads.HeadConfig, steps=150))
        yield


@pytest.fixture(scope="session")
def galaxies(tmp_path_factory: pytest.TempPathFactory) -> GalaxySet:
    """Return 200 galaxies: 120 to ask about, 40 to judge on."""
    return make_set(tmp_path_factory.mktemp("galaxies") / "set", count=200)


@pytest.fixture(scope="session")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return weights as they were drawn: convolutions that tell shapes apart nevertheless."""
    import keras

    keras.utils.set_random_seed(3)
    folder, labels = tmp_path_factory.mktemp("trunk"), labels_of(TREE, "smooth-or-featured")
    settings = {**networks.settings_of("bayesian_cnn"), "stored": SIDE, "side": 32,
                "answers": list(labels.counts), "zoom": [1.0, 1.0], "features": 64}  # fmt: skip
    facts = {
        "network": {"name": "bayesian_cnn", "settings": settings},
        "tree": labels.tree.as_table,
        "labels": [list(columns) for columns in labels.columns],
        "recalibration": None,
        "trained_on": "nothing",
    }
    _keras_file.write(networks.build("bayesian_cnn", **settings), folder, "trunk", facts)
    return folder
