"""TFRecord files: TensorFlow reads what is written, and we what it writes; damage is found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from skysift.datasets.galaxies.checksum import crc32c, masked_crc32c
from skysift.datasets.galaxies.records import RecordFile, decode_example, encode_example, verify
from skysift.models.zoobot.shards import ShardError

VALUES = {"matrix": bytes(range(256)) * 3, "id_str": "587é".encode(), "bar_yes": 300, "odd": -2,
          "none": 0, "share": 0.25}  # fmt: skip


def written(path: Path, count: int = 3) -> Path:
    with RecordFile(path) as file:
        for number in range(count):
            file.append({**VALUES, "bar_yes": number})
    return path


@pytest.mark.parametrize(
    ("content", "known"),
    [  # RFC 3720, appendix B.4, and the usual check value
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (b"", 0x00000000),
    ],
)
def test_the_checksum_is_that_of_the_standard(content, known):
    assert crc32c(content) == known


def test_tensorflow_reads_what_we_write(tmp_path):
    path = written(tmp_path / "a.tfrecord")
    read = list(tf.data.TFRecordDataset([str(path)]).as_numpy_iterator())
    assert len(read) == 3
    found = tf.train.Example.FromString(read[2]).features.feature
    assert found["matrix"].bytes_list.value[0] == VALUES["matrix"]
    assert found["id_str"].bytes_list.value[0].decode() == "587é"
    assert list(found["bar_yes"].int64_list.value) == [2]
    assert list(found["odd"].int64_list.value) == [-2]
    assert list(found["share"].float_list.value) == [0.25]


def test_we_read_what_tensorflow_writes(tmp_path):
    feature = {
        "matrix": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"pixels"])),
        "bar_yes": tf.train.Feature(int64_list=tf.train.Int64List(value=[12345678901])),
        "odd": tf.train.Feature(int64_list=tf.train.Int64List(value=[-5])),
        "share": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5])),
    }
    example = tf.train.Example(features=tf.train.Features(feature=feature))
    with tf.io.TFRecordWriter(str(tmp_path / "a.tfrecord")) as writer:
        writer.write(example.SerializeToString())
    (record,) = verify(tmp_path / "a.tfrecord")
    assert decode_example(record) == {
        "matrix": b"pixels", "bar_yes": 12345678901, "odd": -5, "share": 0.5
    }  # fmt: skip


def test_what_is_written_is_read_back(tmp_path):
    records = list(verify(written(tmp_path / "a.tfrecord")))
    assert [decode_example(r) for r in records] == [{**VALUES, "bar_yes": n} for n in range(3)]


@pytest.mark.parametrize("where", [2, 9, 30, 700, -2])
def test_any_wrong_byte_is_found(tmp_path, where):
    path = written(tmp_path / "a.tfrecord")
    content = bytearray(path.read_bytes())
    content[where] ^= 4
    path.write_bytes(content)
    with pytest.raises(ShardError, match=r"damaged|cut short"):
        list(verify(path))


def test_a_file_that_was_cut_is_found(tmp_path):
    path = written(tmp_path / "a.tfrecord")
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ShardError, match="cut short"):
        list(verify(path))


def test_an_error_leaves_no_file(tmp_path):
    def interrupted() -> None:
        with RecordFile(tmp_path / "a.tfrecord") as file:
            file.append(VALUES)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_numbers_of_numpy_are_refused():
    """A count of numpy's was once stored as eight bytes, and read as nonsense."""
    with pytest.raises(TypeError, match=r"must be bytes, int or float\. Got: int64"):
        encode_example({"bar_yes": np.int64(3)})


def test_what_is_no_record_is_said():
    with pytest.raises(ValueError, match=r"no tf\.train\.Example"):
        decode_example(memoryview(b"\x0a\x05\x0a\x03\x0a\x01a"))


def test_the_mask_can_be_undone():
    masked = masked_crc32c(b"123456789")
    rotated = (masked - 0xA282EAD8) & 0xFFFFFFFF
    assert ((rotated >> 17) | (rotated << 15)) & 0xFFFFFFFF == 0xE3069283
