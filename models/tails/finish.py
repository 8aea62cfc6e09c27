"""What a fitted network needs besides its weights: a calibration."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd

from skysift.models import _calibration
from skysift.models.tails.config import Config
from skysift.models.tails.detector import Detector
from skysift.models.tails.matching import COMET, UNCLEAR, match_frames
from skysift.models.tails.scorer import FLOOR
from skysift.models.tails.training_set import FrameSet


def calibration(
    model: keras.Model, network: dict[str, Any], frames: FrameSet, config: Config
) -> dict[str, Any] | None:
    """Fit the calibration on detections in whole frames.

    None if none is wanted, or if the detections are all comets, or none of them is.
    """
    if config.calibration.method == "none":
        return None
    detector = Detector(model, network, config.inputs.preprocessing, config.inputs.channels)

    def detect(frame: int) -> pd.DataFrame:
        return pd.DataFrame(vars(detector.frame(np.asarray(frames.images(frame)), FLOOR)[0]))

    matched = match_frames(frames, config.windows, detect)
    found = matched.detections[matched.detections["is"] != UNCLEAR]
    label = (found["is"] == COMET).to_numpy(bool)
    if label.all() or not label.any():
        return None
    return _calibration.fit(config.calibration.method, label, found["score"].to_numpy(np.float64))
