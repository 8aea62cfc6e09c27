"""Examples of answers: the clearest ones, of galaxies that the question is about."""

from __future__ import annotations

import numpy as np
import pandas as pd
from PIL import Image

from skysift.galaxy_zoo import read_tree
from skysift.predictions.gallery import examples_of, write_gallery

TREE = read_tree("gz2")
BAR = TREE["bar"]


def rows(**columns: list[float]) -> pd.DataFrame:
    """Rows that say nothing but of bars; each with a picture of its own brightness."""
    count = len(next(iter(columns.values())))
    every = {
        **{column: np.zeros(count) for column in TREE.columns},
        **{f"{question.name}_asked": np.zeros(count) for question in TREE.questions},
    }
    names = {"galaxy": [str(n) for n in range(count)], "file": [f"{n}.png" for n in range(count)]}
    return pd.DataFrame({**every, **names, **columns})


def test_the_clearest_come_first_and_who_is_not_asked_does_not_come() -> None:
    told = rows(bar_yes=[0.6, 0.9, 0.95, 0.2, np.nan], bar_no=[0.4, 0.1, 0.05, 0.8, np.nan],
                bar_asked=[0.9, 0.9, 0.3, 0.9, np.nan])  # fmt: skip
    assert examples_of(told, BAR, "bar_yes", 5)["galaxy"].tolist() == ["1", "0"]
    assert examples_of(told, BAR, "bar_yes", 1)["galaxy"].tolist() == ["1"]
    assert examples_of(told, BAR, "bar_no", 5)["galaxy"].tolist() == ["3"]


def test_a_question_that_nobody_is_asked_has_no_picture(tmp_path) -> None:
    told = rows(bar_yes=[0.9, 0.2], bar_no=[0.1, 0.8], bar_asked=[0.9, 0.9])
    for number, grey in enumerate((40, 200)):
        Image.new("RGB", (32, 32), (grey,) * 3).save(tmp_path / f"{number}.png")
    written = write_gallery(told, TREE, tmp_path, tmp_path / "examples")
    assert [path.name for path in written] == ["bar.png"]
    pixels = np.asarray(Image.open(written[0]).convert("L"))
    half = len(pixels) // 2
    whole = 2000  # pixels of an example, of which letters have few
    assert (pixels[:half] == 40).sum() > whole > (pixels[half:] == 40).sum()
    assert (pixels[half:] == 200).sum() > whole > (pixels[:half] == 200).sum()
