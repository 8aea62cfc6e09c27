"""Training sets: made of alerts and a table of labels, or fetched as others published them.

`build_set` reads alerts, cuts, labels, splits and thins them, and writes what
`skysift.models.btsbot.training_set.read_set` opens.
"""

from __future__ import annotations

from skysift.datasets.build import build_set
from skysift.datasets.config import SetConfig, read_set_config

__all__ = ["SetConfig", "build_set", "read_set_config"]
