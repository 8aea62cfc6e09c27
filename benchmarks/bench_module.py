"""The module ``btsbot`` on packets: our network, with and without its gate, against mm_cnn.

Each side starts from the packets' bytes: their fields are read, features computed, stamps decoded
and the network run, on the same cores. Mm_cnn, the published architecture, is centred and scored in
float32; its weights are new, which costs the same as any others. The alerts are a simulated night
of the default mix.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _alerts
from benchmarks._timing import Side, compare
from skysift.alerts.batch import AlertBatch
from skysift.alerts.payloads import Payload
from skysift.models import btsbot
from skysift.models.btsbot.inputs import FEATURES, SIDE
from skysift.science_modules import get

MM_CNN = "mm_cnn, the published architecture"
TARGETS = {"network alone": 5.0, "cascade": 15.0}

MODULE = get("btsbot")


def run(night: Path, *, count: int = 1024, turns: int = 5) -> list[dict[str, object]]:
    """Time the module with our network, with and without the gate, against mm_cnn.

    Parameters
    ----------
    night : Path
        Folder of simulated packets.
    count : int
        Alerts to take from it.
    turns : int
    """
    packets = _alerts.read_packets(night, count)
    btsbot.load()  # starts Keras
    with tempfile.TemporaryDirectory() as folder:
        weights = _mm_cnn(Path(folder))
        published = Side(lambda: _annotate(packets, weights=weights), len(packets))
        return [
            row
            for name, cascade in (("network alone", False), ("cascade", True))
            for row in _race(name, packets, cascade, published, turns)
        ]


def _race(
    name: str, packets: Sequence[Payload], cascade: bool, published: Side, turns: int
) -> list[dict[str, object]]:
    answer = _annotate(packets, cascade=cascade)
    settled = float(np.mean(answer["stage"] == "gate"))
    rows = compare(
        f"{len(packets)} alerts, shipped weights, {name}",
        Side(lambda: _annotate(packets, cascade=cascade), len(packets)),
        {MM_CNN: published},
        turns=turns,
        targets={MM_CNN: TARGETS[name]},
    )
    return [{**row, "settled by the gate": settled} for row in rows]


def _annotate(packets: Sequence[Payload], **settings: Any) -> dict[str, Any]:
    """Read the packets anew, since a batch keeps what it has decoded, and score them."""
    batch = AlertBatch(_alerts.decode_packets(packets, MODULE.columns))
    return dict(MODULE.annotate(batch, **settings))


def _mm_cnn(folder: Path) -> str:
    """Write mm_cnn with new weights."""
    import keras

    from skysift.models import _keras_file
    from skysift.models.btsbot import networks

    name = "mm_cnn"
    keras.utils.set_random_seed(1)
    settings = networks.settings_of(name)
    facts = {
        "network": {"name": name, "settings": settings},
        "preprocessing": "centred",
        "crop": SIDE,
        "features": list(FEATURES),
        "trained_on": "nothing",
    }
    _keras_file.write(networks.build(name, **settings), folder, name, facts)
    return str(folder)
