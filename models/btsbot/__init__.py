"""BTSbot: scores of bright extragalactic transients, from stamps and 25 features.

See README.md in this folder for what it answers, how it was trained and where it fails.
"""

from __future__ import annotations

from skysift.models.btsbot.scorer import Scorer, check_weights, load

__all__ = ["Scorer", "check_weights", "load"]
