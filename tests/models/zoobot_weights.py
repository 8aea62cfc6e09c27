"""Weights of a small network that has learned nothing: it answers, and always the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skysift.galaxy_zoo import Tree
from skysift.models import _backend, _keras_file
from skysift.models.zoobot.labels import labels_of


def write_weights(
    folder: Path, tree: Tree, side: int, *, seed: int = 5, name: str = "none", **settings: Any
) -> Path:
    """Write them into a folder, for all questions of a tree and images of a side; return it."""
    _backend.start()
    import keras

    from skysift.models.zoobot import networks

    keras.utils.set_random_seed(seed)
    labels = labels_of(tree)
    settings = {
        **networks.settings_of("bayesian_cnn"), "stored": side, "side": 16, "features": 16,
        "answers": list(labels.counts), "kind": "concentrations", **settings,
    }  # fmt: skip
    facts = {
        "network": {"name": "bayesian_cnn", "settings": settings}, "tree": labels.tree.as_table,
        "labels": [list(columns) for columns in labels.columns], "recalibration": None,
        "trained_on": "nothing",
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    _keras_file.write(networks.build("bayesian_cnn", **settings), folder, name, facts)
    return folder
