"""A pool as the assistant sees it; and Sherlock, asked while listening, or only remembered."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest

from skysift.campaigns import get
from skysift.campaigns.kind import RowsError
from skysift.campaigns.listening import Listener
from skysift.campaigns.sources import FILES, FolderSource
from skysift.campaigns.store import Store, read_pool
from skysift.campaigns.vra import pool as pools
from skysift.campaigns.vra.settings import Settings
from skysift.datasets import feature_table
from skysift.datasets.sherlock_answers import Answer, Answers
from skysift.models.vra.inputs import FEATURES


def test_a_pool_holds_what_can_be_learned_by_its_object(listened):
    table = read_pool(listened)
    ok = table[table["status"] == "ok"]
    pool = pools.read_pool(listened, Settings())
    assert 0 < len(pool) == len(ok) < len(table)
    assert pool.items.tolist() == ok["candid"].astype(str).tolist()
    assert pool.objects.tolist() == ok["objectId"].tolist()
    np.testing.assert_array_equal(pool.features, ok[list(FEATURES)].to_numpy())
    assert np.isfinite(pool.space).all()


def test_a_table_of_features_is_a_pool_too(night, tmp_path, listened):
    feature_table([night / "packets"]).to_parquet(tmp_path / "table.parquet", index=False)
    one = pools.read_pool(tmp_path / "table.parquet", Settings())
    other = pools.read_pool(listened, Settings())
    assert sorted(one.items) == sorted(other.items)


def test_a_pool_of_an_older_skysift_is_made_anew_from_itself(night, tmp_path):
    table = feature_table([night / "packets"]).drop(columns="age")
    table.to_parquet(tmp_path / "old.parquet")
    with pytest.raises(ValueError, match=r"lacks age: .*listen --source .*old.parquet"):
        pools.read_pool(tmp_path / "old.parquet", Settings())


# Sherlock


@pytest.fixture
def remembered(tmp_path, truth, monkeypatch):
    """Return a file in which Sherlock's verdict on every object stands: each third is an AGN."""
    monkeypatch.delenv("LASAIR_TOKEN", raising=False)
    pools._sherlock.cache_clear()
    answers = Answers(tmp_path / "sherlock.sqlite")
    for number, name in enumerate(sorted(set(truth["objectId"]))):
        kind = ("SN", "AGN", "ORPHAN")[number % 3]
        answers.put(name, Answer(kind, np.nan if kind == "ORPHAN" else float(number)), 0.0, 0.0)
    answers.close()
    yield tmp_path / "sherlock.sqlite"
    pools._sherlock.cache_clear()


def listen(night, pool, sherlock):
    kind, store = get("vra"), Store(pool)
    source = FolderSource(night / "packets", store.folder / FILES)
    settings = Settings(sherlock=str(sherlock))
    return Listener(source, store, kind.rows, settings).run(Event(), once=True)


def test_what_sherlock_knows_stands_in_the_pool_and_what_is_known_is_kept_apart(
    night, truth, tmp_path, remembered
):
    heard = listen(night, tmp_path / "pool", remembered)
    table = read_pool(tmp_path / "pool").set_index("objectId")
    assert heard.new == len(truth) == len(table)
    names = sorted(set(truth["objectId"]))
    asked = table[table["sherlock_class"].notna()]
    for name, row in asked.iterrows():
        number = names.index(name)
        kind = ("SN", "AGN", "ORPHAN")[number % 3]
        assert row["sherlock_class"] == kind
        assert row["status"] == ("known_variable" if kind == "AGN" else "ok")
        assert (row["sep_arcsec"] == number) if kind != "ORPHAN" else np.isnan(row["sep_arcsec"])
    assert {"SN", "AGN", "ORPHAN"} == set(asked["sherlock_class"])
    pool = pools.read_pool(tmp_path / "pool", Settings())
    agn = asked.index[asked["sherlock_class"] == "AGN"]
    assert len(agn) and not set(agn) & set(pool.objects)


def test_without_a_token_what_is_not_known_ends_the_listening(night, tmp_path, remembered):
    empty = tmp_path / "empty.sqlite"
    with pytest.raises(RowsError, match="Set LASAIR_TOKEN"):
        listen(night, tmp_path / "pool", empty)
    assert not len(read_pool(tmp_path / "pool"))
    assert not (tmp_path / "pool" / "_dead").exists()  # it was not the alerts' fault
