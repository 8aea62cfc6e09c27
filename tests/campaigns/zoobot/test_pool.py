"""What a campaign leaves beside its pool of galaxies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.active_learning.loop import Acquisition
from skysift.campaigns.zoobot.pool import pool_of, remember
from skysift.datasets.galaxies.index import INDEX, SetIndex
from skysift.galaxy_zoo import read_tree
from skysift.models.zoobot.shards import Shards
from skysift.models.zoobot.training_set import GalaxySet

NAMES = ["007", "587722981741363294", "1e5"]


@pytest.fixture
def pool(tmp_path):
    table = pd.DataFrame({"id_str": NAMES, "split": "train"})
    return pool_of(GalaxySet(tmp_path, table, read_tree("gz2"), Shards([], (8, 8, 3), "uint8"), {}))


ASKED = Acquisition(
    "bars", 2, "bald:top", np.array(NAMES, object), np.array([0.1, np.nan, 0.3]),
    np.array([False, False, True]),
)  # fmt: skip


def test_what_galaxies_were_worth_goes_to_the_index_of_the_set(pool, tmp_path):
    index = SetIndex(tmp_path / INDEX)
    index.add([{"id_str": name, "split": "train", "shard": "a", "place": 0} for name in NAMES])
    remember(pool, ASKED)
    told = index.history()
    index.close()
    assert told[["campaign", "round", "query"]].drop_duplicates().values.tolist() == [
        ["bars", 2, "bald:top"]
    ]
    assert told["id_str"].tolist() == ["007", "1e5", "587722981741363294"]
    np.testing.assert_equal(told["value"].to_numpy(float), [0.1, 0.3, np.nan])
    assert told["chosen"].tolist() == [False, True, False]


def test_a_set_without_index_gets_none(pool, tmp_path):
    remember(pool, ASKED)
    assert not (tmp_path / INDEX).exists()
