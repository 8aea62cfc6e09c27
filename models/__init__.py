"""Models: networks built, trained, described and served; arrays in, arrays out.

Each folder is one model and its own registration: ``network.py`` (what it is), ``inputs.py``
(arrays to network inputs, one code for training and serving), ``training.py``,
``presets.toml`` (known weights), ``README.md`` (the card). Each offers
``load(weights=None)``, which returns an object with ``score(**arrays)`` and ``version``.

Importing a model loads no deep-learning library; calling its ``load`` does.
"""

from __future__ import annotations

from pathlib import Path

from skysift.models._presets import FILE, Preset, read_presets
from skysift.models._weights import WeightsError

__all__ = ["Preset", "WeightsError", "discover"]


def discover() -> dict[str, dict[str, Preset]]:
    """Find every model in this folder and the weights it knows.

    Returns
    -------
    dict of str to dict of str to Preset
        By model, then by name of the weights; sorted by model.

    Examples
    --------
    >>> "btsbot-v1.0.1" in discover()["btsbot"]
    True
    """
    folders = sorted(file.parent for file in Path(__file__).parent.glob(f"*/{FILE}"))
    return {folder.name: read_presets(folder) for folder in folders}
