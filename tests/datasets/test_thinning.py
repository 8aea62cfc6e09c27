"""Ranks, thinning, flags and splits, on tables small enough to see through."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.datasets.config import ValidationCuts
from skysift.datasets.flags import add_flags, find_peaks, is_supernova
from skysift.datasets.splits import split_objects
from skysift.datasets.thinning import keep, rank_alerts

ALL = ValidationCuts()


def alerts_of(counts: dict[str, int], **columns) -> pd.DataFrame:
    names = np.repeat(np.array(list(counts), object), list(counts.values()))
    jd = np.concatenate([np.arange(n, dtype=float) for n in counts.values()])
    table = pd.DataFrame({"objectId": names, "jd": jd, "candid": np.arange(len(names))})
    flags = {"is_SN": True, "near_threshold": False, "is_rise": True, "split": "train"}
    return table.assign(**{**flags, **columns})


def test_ranks_number_each_object_from_one():
    table = alerts_of({"a": 5, "b": 1, "c": 3})
    ranks = pd.Series(rank_alerts(table, seed=2)).groupby(table["objectId"])
    assert {name: sorted(r) for name, r in ranks} == {
        "a": [1, 2, 3, 4, 5],
        "b": [1],
        "c": [1, 2, 3],
    }


def test_ranks_do_not_depend_on_the_order_of_rows_or_on_other_objects():
    table = alerts_of({"a": 8, "b": 8})
    ranks = rank_alerts(table, seed=2)
    order = np.random.default_rng(0).permutation(16)
    np.testing.assert_array_equal(rank_alerts(table.iloc[order], seed=2), ranks[order])
    np.testing.assert_array_equal(rank_alerts(table[:8], seed=2), ranks[:8])
    assert ranks[:8].tolist() != ranks[8:].tolist()


def test_training_keeps_ranks_up_to_the_limit_and_other_parts_keep_all():
    table = alerts_of({"a": 10}, source_set="trues")
    table["rank"] = rank_alerts(table, seed=1)
    kept = keep(table, {"trues": 4}, ALL)
    np.testing.assert_array_equal(kept, table["rank"] <= 4)
    assert kept.sum() == 4
    assert keep(table.assign(split="test"), {"trues": 4}, ALL).all()


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_variables_keep_their_latest_everywhere(part):
    table = alerts_of({"a": 10, "b": 2}, source_set="vars", split=part)
    table["rank"] = rank_alerts(table, seed=1)
    shuffled = table.sample(frac=1, random_state=0)
    kept = shuffled[keep(shuffled, {"vars": 3}, ALL)]
    assert sorted(kept[kept["objectId"] == "a"]["jd"]) == [7, 8, 9]
    assert (kept["objectId"] == "b").sum() == 2


def test_a_set_without_a_limit_keeps_all():
    table = alerts_of({"a": 10}, source_set="junk", rank=np.arange(10) + 1)
    assert keep(table, {"trues": 1}, ALL).all()


@pytest.mark.parametrize(
    ("cuts", "kept"),
    [
        (ALL, [True] * 4),
        (ValidationCuts(sne_only=True), [True, False, True, True]),
        (ValidationCuts(near_threshold=False), [True, True, False, True]),
        (ValidationCuts(rise_only=True), [True, True, True, False]),
    ],
)
def test_validation_cuts_touch_the_validation_part_alone(cuts, kept):
    table = alerts_of(
        {"a": 4}, source_set="trues", rank=1, is_SN=[True, False, True, True],
        near_threshold=[False, False, True, False], is_rise=[True, True, True, False],
    )  # fmt: skip
    assert keep(table.assign(split="validation"), {}, cuts).tolist() == kept
    assert keep(table.assign(split="test"), {}, cuts).all()
    assert keep(table, {}, cuts).all()


def test_the_peak_is_the_brightest_alert_and_the_earliest_of_equals():
    seen = pd.DataFrame(
        {
            "objectId": ["a", "a", "a", "a", "b"],
            "jd": [4.0, 3.0, 2.0, 1.0, 9.0],
            "magpsf": [18.0, 17.0, 17.0, np.nan, np.nan],
        }
    )
    peaks = find_peaks(seen)
    assert peaks.to_dict() == {"peakmag": {"a": 17.0}, "peak_jd": {"a": 2.0}}
    table = pd.DataFrame({"objectId": ["a"] * 3 + ["b"], "jd": [1.0, 2.0, 3.0, 9.0]})
    flagged = add_flags(table.assign(source_set="trues", **{"class": ""}), peaks)
    assert flagged["is_rise"].tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("peak", "near"), [(18.39, False), (18.41, True), (18.59, True), (18.61, False)]
)
def test_near_the_threshold_is_within_a_tenth_of_a_magnitude(peak, near):
    table = pd.DataFrame({"objectId": ["a"], "jd": [1.0], "source_set": "dims", "class": "SN II"})
    peaks = pd.DataFrame({"peakmag": [peak], "peak_jd": [1.0]}, index=["a"])
    assert add_flags(table, peaks)["near_threshold"].tolist() == [near]


def test_supernovae_are_told_by_set_and_among_dims_by_class():
    sets = pd.Series(["trues", "extIas", "dims", "dims", "dims", "vars", "rejects"])
    kinds = pd.Series(["LBV", "", "SN Ia", "CV?", "Blazar", "SN Ia", "SN Ia"])
    assert is_supernova(sets, kinds).tolist() == [True, True, True, False, False, False, False]


SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}


def objects_of(**counts: int) -> pd.DataFrame:
    rows = [(f"{name}{i}", name, name == "trues") for name, n in counts.items() for i in range(n)]
    return pd.DataFrame(rows, columns=["objectId", "source_set", "label"])


def test_each_set_is_split_by_the_shares():
    objects = objects_of(trues=20, vars=50)
    part_of = split_objects(objects, SHARES, seed=2)
    counts = pd.crosstab(objects["source_set"], objects["objectId"].map(part_of))
    assert counts.loc["trues"].to_dict() == {"train": 12, "validation": 4, "test": 4}
    assert counts.loc["vars"].to_dict() == {"train": 30, "validation": 10, "test": 10}


def test_a_set_is_split_alike_whatever_stands_beside_it():
    alone = split_objects(objects_of(trues=20, vars=50), SHARES, seed=2)
    mixed = objects_of(trues=20, vars=50, junk=9).sample(frac=1, random_state=1)
    assert split_objects(mixed, SHARES, seed=2).items() >= alone.items()
    assert split_objects(mixed, SHARES, seed=3).items() ^ alone.items()


def test_a_set_of_one_object_is_no_error_while_every_part_has_its_class():
    part_of = split_objects(objects_of(trues=10, vars=10, junk=1), SHARES, seed=2)
    assert part_of["junk0"] == "train"


def test_a_part_without_a_class_is_an_error_that_says_what_there_is():
    complaint = r"the validation part gets no positive object .* there are: 1 in trues"
    with pytest.raises(ValueError, match=complaint):
        split_objects(objects_of(trues=1, vars=50), SHARES, seed=2)
    with pytest.raises(ValueError, match=r"the train part gets no negative object .*: none"):
        split_objects(objects_of(trues=10), SHARES, seed=2)


def test_a_part_with_no_share_needs_no_class():
    shares = {"train": 0.5, "validation": 0.5, "test": 0.0}
    part_of = split_objects(objects_of(trues=2, vars=2), shares, seed=2)
    assert set(part_of.values()) == {"train", "validation"}
