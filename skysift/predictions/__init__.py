"""What `skysift predict` does for millions of images: a Spark job, a table, pictures of examples.

`wanted.py` says which images, `looker.py` is what a worker does with some of them, `job.py` hands
them out and gathers the answers, `table.py` says what a row holds and writes it, `gallery.py` shows
examples. `scoring.py` does the same for GANomaly's scores.
"""

from __future__ import annotations

from skysift.predictions.gallery import write_gallery
from skysift.predictions.job import predict
from skysift.predictions.looker import Looker, look_with
from skysift.predictions.table import FORMATS, read_predictions
from skysift.predictions.wanted import Wanted, in_folder, of_catalog

__all__ = [
    "FORMATS",
    "Looker",
    "Wanted",
    "in_folder",
    "look_with",
    "of_catalog",
    "predict",
    "read_predictions",
    "write_gallery",
]
