"""The card must say what the shipped weights' sidecar says."""

from __future__ import annotations

from pathlib import Path

import skysift.models.btsbot
from skysift.models import discover

CARD = Path(skysift.models.btsbot.__file__).with_name("README.md")


def test_the_card_quotes_the_metrics_of_the_weights_that_ship():
    card = CARD.read_text(encoding="utf-8")
    facts = discover()["btsbot"]["btsbot-sim"].facts
    metrics = facts["metrics"]
    assert f"`{facts['version']}`" in card
    assert f"| AUC | {metrics['auc']:.4f} |" in card
    assert f"| calibration error (15 bins) | {metrics['ece']:.4f} |" in card
    for kind, share in metrics["called_positive"].items():
        assert f"| {kind} | {100 * share:.1f} % |" in card
    for name, policy in metrics["policies"].items():
        shares = " | ".join(f"{100 * policy[what]:.1f} %" for what in ("completeness", "purity"))
        assert f"| {name} | {shares} |" in card
    for kind, share in facts["gate"]["settled_of_class"].items():
        assert f"| {kind} | {100 * share:.1f} % |" in card
    for part, count in facts["training"]["objects"].items():
        assert f"{count:,} {part}" in card
