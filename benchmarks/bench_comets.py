"""The module ``tails`` on packets, against the published network on the same stamps.

Each side starts from the packets' bytes: fields are read, stamps decoded and the network run.
The published network takes tiles of 256 px, in the middle of which the stamps are set; its weights
are new, which costs the same as any others.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import _alerts
from benchmarks._timing import Side, take_turns
from skysift.alerts.batch import AlertBatch
from skysift.alerts.payloads import Payload
from skysift.models import tails
from skysift.science_modules import get

MODULE = get("tails")
NAME = "tails_v1"

FEW = 16
"""Alerts that the published network looks at: it takes a tenth of a second for each."""

TARGET_US = 1000.0
"""Of one core, an alert."""


def run(night: Path, *, count: int = 1024, turns: int = 5) -> list[dict[str, object]]:
    """Time the module with the weights that ship, and with the published network.

    Parameters
    ----------
    night : Path
        Folder of simulated packets.
    count : int
        Alerts to take from it.
    turns : int
    """
    packets = _alerts.read_packets(night, count)
    few = packets[:FEW]
    tails.load()  # starts Keras
    with tempfile.TemporaryDirectory() as folder:
        weights = _published(Path(folder))
        sides = {
            "skysift": Side(lambda: _annotate(packets), len(packets)),
            NAME: Side(lambda: _annotate(few, weights=weights), len(few)),
        }
        times = take_turns(sides, turns)
    ours, theirs = times["skysift"], times[NAME]
    return [
        {
            "what": f"{len(packets)} alerts, shipped weights",
            "today": f"{NAME} on tiles of 256 px",
            "today µs": theirs.wall * 1e6,
            "skysift µs": ours.wall * 1e6,
            "ratio": theirs.wall / ours.wall,
            "ratio of CPU time": theirs.cpu / ours.cpu,
            "µs of one core": ours.cpu * 1e6,
            "target": TARGET_US,
        }
    ]


def _annotate(packets: Sequence[Payload], **settings: Any) -> None:
    """Read the packets anew, since a batch keeps what it has decoded, and score them."""
    batch = AlertBatch(_alerts.decode_packets(packets, MODULE.columns))
    MODULE.annotate(batch, **settings)


def _published(folder: Path) -> str:
    """Write the published network with new weights."""
    import keras

    from skysift.models import _keras_file
    from skysift.models.tails import networks

    keras.utils.set_random_seed(1)
    own = {"published_fusion": True, "published_sigmoids": True}
    settings = {**networks.settings_of(NAME), **own}
    facts = {
        "network": {"name": NAME, "settings": settings},
        "preprocessing": "tails",
        "channels": 3,
        "calibration": None,
        "trained_on": "nothing",
    }
    _keras_file.write(networks.build(NAME, **settings), folder, NAME, facts)
    return str(folder)
