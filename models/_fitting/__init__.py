"""Fit a network to batches: schedules, early stop, read-ahead, and going on after a kill.

Nothing here knows what the network is for; each model brings its batches and its judge.
"""

from __future__ import annotations
