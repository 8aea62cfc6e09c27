"""The VRA's card must say what the shipped weights' sidecar says, and name every feature."""

from __future__ import annotations

from pathlib import Path

import skysift.models.vra
from skysift.models import discover
from skysift.models.vra.context import CONTEXT
from skysift.models.vra.inputs import PUBLISHED

CARD = Path(skysift.models.vra.__file__).with_name("README.md").read_text(encoding="utf-8")
FACTS = discover()["vra"]["vra-sim"].facts
TITLES = {"gal": "Galactic", "real": "real", "trans": "transient"}


def test_the_card_quotes_the_metrics_of_the_weights_that_ship() -> None:
    assert f"`{FACTS['version']}`" in CARD
    assert FACTS["metrics"].keys() == TITLES.keys()
    for target, metrics in FACTS["metrics"].items():
        judged = f"{metrics['alerts']:,}, {metrics['positive']:,} of them yes"
        figures = f"{metrics['auc']:.4f} | {metrics['average_precision']:.4f}"
        assert f"| {TITLES[target]} | {metrics['labels']} | {judged} | {figures} |" in CARD


def test_the_card_quotes_what_counts_most() -> None:
    for target, metrics in FACTS["metrics"].items():
        most = list(metrics["importance"].items())[:8]
        told = ", ".join(f"`{name}` {lost:.4f}" for name, lost in most)
        assert f"| {TITLES[target]} | {told} |" in CARD


def test_the_card_names_every_feature() -> None:
    in_r = [name for name in PUBLISHED if name.endswith("r_")]
    for name in {*PUBLISHED, *CONTEXT} - set(in_r):
        assert f"`{name}`" in CARD, name


def test_the_weights_that_ship_are_small_and_say_where_they_come_from() -> None:
    preset = discover()["vra"]["vra-sim"]
    assert preset.file is not None and preset.file.stat().st_size < 3e6
    assert "simulation" in preset.trained_on and "simulation" in FACTS["trained_on"]
    assert set(FACTS["features"]) == {*PUBLISHED, *CONTEXT}
