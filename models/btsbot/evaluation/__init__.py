"""How good BTSbot's scores are: alert by alert, and source by source under the policies.

`judge` makes the whole report; the other files are its steps, in this order: ``scores``,
``policies``, ``sources``, ``alerts``, ``report``, ``misclassified``, ``figure``. What it found may
go into the weights' sidecar: ``headline``.
"""

from __future__ import annotations

from skysift.models.btsbot.evaluation.judge import judge

__all__ = ["judge"]
