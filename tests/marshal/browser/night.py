"""A small night of simulated alerts in two topics, as a job leaves them, with scores by dice."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import fastavro
import numpy as np

from skysift.simulate import simulate_night

TOPICS = ("skysift_bright_ztf", "skysift_all_ztf")
"""The first holds every other alert of the second."""

SCORE = {
    "name": "btsbot",
    "type": [
        "null",
        {
            "type": "record",
            "name": "btsbot_outputs",
            "fields": [
                {"name": "score", "type": ["null", "float"]},
                {"name": "status", "type": "string"},
                {"name": "version", "type": "string"},
            ],
        },
    ],
}


def write_topics(folder: Path, count: int, *, seed: int = 3) -> list[dict[str, Any]]:
    """Write ``topics/TOPIC/CANDID.avro``; the alert at each tenth place has no score.

    Parameters
    ----------
    folder : Path
        Where `topics` is made.
    count : int
        Objects, each with one alert.

    Returns
    -------
    list of dict
        The alerts as they were written.
    """
    scores = np.random.default_rng(seed).permutation(count) / count
    alerts = []
    for number, (packet, _) in enumerate(simulate_night(count, seed=seed, alerts_per_object=1)):
        ok = number % 10 != 9
        told = {"score": float(np.float32(scores[number])) if ok else None,
                "status": "ok" if ok else "missing_stamp", "version": "dice"}  # fmt: skip
        alerts.append(packet | {"btsbot": told})
        for topic in TOPICS if number % 2 == 0 else TOPICS[1:]:
            write_alert(folder, topic, alerts[-1])
    return alerts


def write_alert(folder: Path, topic: str, alert: dict[str, Any]) -> None:
    """Write ``topics/TOPIC/CANDID.avro``."""
    path = folder / "topics" / topic / f"{alert['candid']}.avro"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        fastavro.writer(file, _schema(), [alert], codec="null")


@cache
def _schema() -> Any:
    schema = json.loads(files("skysift.simulate").joinpath("ztf_alert.avsc").read_text())
    schema["fields"].append(SCORE)
    return fastavro.parse_schema(schema)
