"""Training sets: made of alerts and a table of labels, or fetched as others published them.

`build_set` reads alerts, cuts, labels, splits and thins them; `fetch` brings a published set.
`skysift.models.btsbot.training_set.read_set` opens either, with the host images that `add_hosts`
adds. `feature_table` makes the table that the VRA learns from.
"""

from __future__ import annotations

from skysift.datasets.build import build_set
from skysift.datasets.config import SetConfig, read_set_config
from skysift.datasets.feature_table import feature_table
from skysift.datasets.fetching import fetch
from skysift.datasets.hosts import add_hosts
from skysift.datasets.registry import registered

__all__ = [
    "SetConfig",
    "add_hosts",
    "build_set",
    "feature_table",
    "fetch",
    "read_set_config",
    "registered",
]
