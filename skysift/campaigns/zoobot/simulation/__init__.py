"""Queries compared on galaxies whose votes are known: side by side, with paired seeds.

``FOLDER`` of ``skysift learn zoobot --simulate --save FOLDER`` holds ::

    simulation.json          what is compared
    galaxies/, set/          simulated galaxies with votes, and the set made of them
    trunk/                   weights that heads are learned on
    runs/seed_000/QUERY/     a run: its ledger, and its rounds, which nobody changes
    rounds.csv               a row a query, seed and round: labels and metrics
    asked.csv                a row a galaxy that was asked about, with its votes
    result.json              labels needed, over those of random sampling, with intervals
    curves.png, acquired.png, gallery_QUERY.png, posteriors_QUERY/galaxies.png

Killed at any time, the same command goes on.
"""

from __future__ import annotations

from skysift.campaigns.zoobot.simulation.compare import simulate

__all__ = ["simulate"]
