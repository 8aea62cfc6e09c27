"""Write trained weights as ONNX or as a SavedModel, checked against the network."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from skysift.models import _backend
from skysift.models._export import BATCHES, export
from skysift.models._weights import read_weights
from skysift.models.btsbot.hosts import COLOURS
from skysift.models.btsbot.inputs import FEATURES, MISSING, SIDE, crop

TYPICAL = {
    "sgscore1": (0.0, 1.0), "distpsnr1": (0.1, 30.0), "sgscore2": (0.0, 1.0),
    "distpsnr2": (5.0, 30.0), "fwhm": (1.5, 4.0), "magpsf": (16.0, 20.0),
    "sigmapsf": (0.02, 0.2), "chipsf": (0.5, 5.0), "ra": (0.0, 360.0), "dec": (-30.0, 90.0),
    "diffmaglim": (19.0, 21.0), "ndethist": (1.0, 300.0), "nmtchps": (0.0, 20.0),
    "age": (0.0, 500.0), "days_since_peak": (0.0, 200.0), "days_to_peak": (0.0, 200.0),
    "peakmag_so_far": (15.0, 19.0), "drb": (0.3, 1.0), "ncovhist": (10.0, 3000.0),
    "nnotdet": (0.0, 2500.0), "chinr": (0.3, 5.0), "sharpnr": (-0.5, 1.0), "scorr": (5.0, 50.0),
    "sky": (-1.0, 1.0), "maxmag_so_far": (17.0, 21.0),
}  # fmt: skip
"""Where the features of most ZTF alerts lie."""

SEED = 5


def export_weights(
    weights: str | os.PathLike[str], output: str | os.PathLike[str], *, kind: str
) -> dict[int, float]:
    """Write weights in another format, with their sidecar; see `skysift.models._export.export`.

    Outputs are raw probabilities of each head, as the network gives them: what else makes the
    score (calibration, gate, preprocessing) is in the sidecar.

    Parameters
    ----------
    weights : path-like
        A ``.keras`` file or a folder with one.
    output : path-like
    kind : str
        ``onnx`` or ``savedmodel``.

    Returns
    -------
    dict of int to float
        Largest difference between what was written and the network, by batch.
    """
    _backend.start()
    from skysift.models.btsbot.stored import rebuild

    read = read_weights(weights)
    samples = likely_inputs(max(BATCHES), read.facts.get("crop", SIDE))
    samples["host"] = likely_hosts(max(BATCHES))
    return export(rebuild(read), read.facts, Path(output), kind=kind, samples=samples)


def likely_inputs(count: int, side: int = SIDE, seed: int = SEED) -> dict[str, np.ndarray]:
    """Make inputs as those of alerts: a source in noise, features in their ranges, some missing.

    Returns
    -------
    dict
        ``triplet`` (n, side, side, 3) and ``metadata`` (n, 25), float32.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    source = np.exp(-(x**2 + y**2) / 8)[None, :, :, None]
    flux = rng.lognormal(3, 2, (count, 1, 1, 3))
    stamps = flux * source + rng.normal(0, 1, (count, SIDE, SIDE, 3))
    triplet = stamps / np.sqrt((stamps**2).sum(axis=(1, 2), keepdims=True))
    low, high = np.array([TYPICAL[name] for name in FEATURES]).T
    metadata = rng.uniform(low, high, (count, len(FEATURES)))
    metadata[rng.random(metadata.shape) < 0.02] = MISSING
    return {
        "triplet": crop(triplet.astype(np.float32), side),
        "metadata": metadata.astype(np.float32),
    }


def likely_hosts(count: int, seed: int = SEED) -> np.ndarray:
    """Make host images: a galaxy in noise, none for every eighth alert.

    Returns
    -------
    ndarray (n, 63, 63, 4), float32
        As from `hosts.Hosts.images`.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    galaxy = np.exp(-np.sqrt(x**2 + y**2) / 6)[None, :, :, None]
    colour = rng.uniform(0.1, 0.9, (count, 1, 1, COLOURS))
    noise = rng.normal(0.1, 0.02, (count, SIDE, SIDE, COLOURS))
    images = np.concatenate([colour * galaxy + noise, np.ones((count, SIDE, SIDE, 1))], axis=-1)
    images[::8] = 0
    return images.clip(0, 1).astype(np.float32)
