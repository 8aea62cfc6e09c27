"""Tables of labels: what they say, and what is wrong with them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.datasets.exclusions import Exclusions
from skysift.datasets.labels import read_labels

SOURCES = {"trues": ("SN Ia", "SN II"), "vars": ("CV",)}


def read(tmp_path, table, sources=SOURCES, *, name="labels.csv"):
    path = tmp_path / name
    frame = pd.DataFrame(table)
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
    return read_labels(path, sources, exclusions := Exclusions()), exclusions


def test_the_source_set_is_given_or_follows_from_the_class_or_from_the_label(tmp_path):
    table = {
        "objectId": ["a", "b", "c", "d"],
        "source_set": ["dims", None, None, None],
        "class": ["SN Ia", "CV", None, None],
        "label": [0, 0, 1, 0],
    }
    labels, _ = read(tmp_path, table)
    assert labels["source_set"].to_dict() == {
        "a": "dims", "b": "vars", "c": "trues", "d": "rejects",
    }  # fmt: skip
    assert labels["label"].tolist() == [0, 0, 1, 0]
    assert labels["class"].tolist() == ["SN Ia", "CV", "", ""]


def test_labels_alone_are_enough_even_with_classes_when_no_sets_are_named(tmp_path):
    labels, _ = read(tmp_path, {"objectId": ["a", "b"], "label": [1, 0], "class": ["x", "y"]}, {})
    assert labels["source_set"].tolist() == ["trues", "rejects"]


def test_classes_alone_are_enough(tmp_path):
    labels, _ = read(tmp_path, {"objectId": ["a", "b"], "class": ["SN II", "CV"]})
    assert labels["label"].tolist() == [1, 0]


def test_a_class_in_no_set_is_left_out_and_counted(tmp_path):
    labels, exclusions = read(tmp_path, {"objectId": ["a", "b"], "class": ["SN II", "rock"]})
    assert labels.index.tolist() == ["a"]
    assert exclusions.as_dict == {
        "class_in_no_source_set": {"unit": "objects", "count": 1, "examples": ["b"]}
    }


def test_the_label_of_foreign_supernovae_is_left_to_be_computed(tmp_path):
    labels, _ = read(tmp_path, {"objectId": ["a"], "source_set": ["extIas"], "label": [0]})
    assert np.isnan(labels["label"]["a"])


def test_reference_times_are_kept_and_are_nan_where_there_are_none(tmp_path):
    labels, _ = read(
        tmp_path, {"objectId": ["a", "b"], "label": [1, 0], "save_jd": [2460000.5, np.nan]}
    )
    assert labels["save_jd"]["a"] == 2460000.5
    assert labels[["save_jd", "trigger_jd"]].isna().sum().tolist() == [1, 2]


def test_csv_and_parquet_say_the_same(tmp_path):
    table = {"objectId": ["a", "b"], "class": ["SN II", "CV"], "label": [1, 0]}
    csv, _ = read(tmp_path, table)
    parquet, _ = read(tmp_path, table, name="labels.parquet")
    pd.testing.assert_frame_equal(csv, parquet)


def test_a_table_of_alerts_tells_of_each_object_once(tmp_path):
    labels, _ = read(
        tmp_path, {"candid": [1, 2, 3], "objectId": ["a", "a", "b"], "label": [1, 1, 0]}
    )
    assert labels.index.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"object": ["a"], "label": [1]}, "no column 'objectId'; it has: object, label"),
        ({"objectId": ["a"]}, "none of the columns label, class, source_set"),
        ({"objectId": [], "label": []}, "has no row"),
        ({"objectId": ["a", None], "label": [1, 0]}, "rows without an objectId"),
        ({"objectId": ["a"], "Label": [1]}, "unknown column 'Label'; did you mean 'label'"),
        ({"objectId": ["a", "b"], "label": [0, 2]}, r"must be 0 or 1\. Got: \[2"),
        ({"objectId": ["a"], "label": ["yes"]}, r"must be 0 or 1\. Got: \['yes'"),
        ({"objectId": ["a", "a", "b"], "label": [1, 1, 0]}, "more than once: a$"),
        ({"candid": [1, 2], "objectId": ["a", "a"], "label": [1, 0]}, "contradict themselves: a$"),
        ({"objectId": ["a"], "source_set": ["true"]}, "source set 'True'; did you mean 'trues'"),
        ({"objectId": ["a"], "label": [0], "class": ["SN Ia"]}, "label contradicts .*: a$"),
        ({"objectId": ["a"], "class": ["rock"]}, "no object of .* is in a source set"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, table, complaint):
    with pytest.raises(ValueError, match=complaint):
        read(tmp_path, table)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("labels.csv", b"", "labels.csv cannot be read as CSV: No columns"),
        (
            "labels.csv",
            b"objectId,label\na,1\nb,0,3\n",
            "labels.csv cannot be read as CSV: .*line 3",
        ),
        ("labels.csv", b"\x89PNG\xff", "labels.csv cannot be read as CSV: "),
        ("labels.parquet", b"PAR1", "labels.parquet cannot be read as Parquet: "),
        ("labels.csv", b"objectId,label\na,\nb,\n", "no object of .* is in a source set"),
        (
            "labels.csv",
            b"objectId,label,save_jd\na,1,soon\nb,0,\n",
            "objects in .*labels.csv whose save_jd is no Julian date: a$",
        ),
    ],
)
def test_a_file_that_is_no_table_of_labels_is_named(tmp_path, name, content, complaint):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=complaint) as told:
        read_labels(tmp_path / name, {}, Exclusions())
    assert "\n" not in str(told.value)


def test_a_long_list_of_bad_objects_is_cut_short(tmp_path):
    table = {"objectId": [f"o{i}" for i in range(9)], "label": [0] * 9, "class": ["SN Ia"] * 9}
    with pytest.raises(ValueError, match="o0, o1, o2, o3, o4 and 4 more"):
        read(tmp_path, table)


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no table of labels at"):
        read_labels(tmp_path / "none.csv", {}, Exclusions())
