"""Small sets of made-up galaxies with known chances of each answer, written by TensorFlow."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from skysift.galaxy_zoo import read_tree
from skysift.models.zoobot.training_set import (
    GALAXIES,
    MANIFEST,
    SHARDS,
    TRUTH,
    GalaxySet,
    read_galaxy_set,
)

TREE = read_tree("gz2")
SIDE = 32
PEOPLE = 40


def make_galaxies(count: int, *, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw ellipses, some with a bar across: images (n, 32, 32, 3) uint8; chances (n, answers)."""
    q, bar = rng.uniform(0.15, 1.0, count), rng.uniform(0.0, 1.0, count)
    angle = rng.uniform(0, np.pi, count)[:, None, None]
    y, x = np.indices((SIDE, SIDE)) - (SIDE - 1) / 2
    along = x * np.cos(angle) + y * np.sin(angle)
    across = -x * np.sin(angle) + y * np.cos(angle)
    light = 130 * np.exp(-(along**2 + (across / q[:, None, None]) ** 2) / (2 * 6.0**2))
    light += 110 * bar[:, None, None] * np.exp(-(across**2 / 2.0 + along**2 / 30.0))
    images = light[..., None] + rng.normal(12, 4, (count, SIDE, SIDE, 3))
    return np.clip(images, 0, 255).astype(np.uint8), chances(q, bar)


def chances(q: np.ndarray, bar: np.ndarray) -> np.ndarray:
    """Chances of the answers: round ones are smooth, flat ones edge-on, bars are barred."""
    p = np.zeros((len(q), len(TREE.columns)))
    for part in TREE.slices.values():
        p[:, part] = 1 / (part.stop - part.start)
    smooth, edge_on = _sigmoid(6 * (q - 0.55)), _sigmoid(12 * (0.35 - q))
    p[:, :3] = np.stack([0.96 * smooth, 0.96 * (1 - smooth), np.full_like(q, 0.04)], 1)
    p[:, TREE.slices["disk-edge-on"]] = np.stack([edge_on, 1 - edge_on], 1)
    barred = _sigmoid(7 * (bar - 0.5))
    p[:, TREE.slices["bar"]] = np.stack([barred, 1 - barred], 1)
    return p


def vote(p: np.ndarray, *, rng: np.random.Generator, people: int = PEOPLE) -> np.ndarray:
    """Send people through the tree: votes (n, answers)."""
    votes = np.zeros(p.shape, int)
    for question in TREE.questions:
        asked = np.full(len(p), people)
        if question.parent:
            asked = votes[:, TREE.leading(question)].sum(axis=1)
        part = TREE.slices[question.name]
        votes[:, part] = [rng.multinomial(n, row) for n, row in zip(asked, p[:, part], strict=True)]
    return votes


def write_shard(path: Path, images: np.ndarray, ids: list[str]) -> None:
    """Write a shard as TensorFlow does, with features besides those that are read."""
    import tensorflow as tf

    def feature(value: object) -> tf.train.Feature:
        if isinstance(value, bytes):
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
        if isinstance(value, float):
            return tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))

    with tf.io.TFRecordWriter(str(path)) as writer:
        for image, galaxy in zip(images, ids, strict=True):
            entries = {
                "matrix": image.tobytes(), "id_str": galaxy.encode(), "height": image.shape[0],
                "bar_yes": 3.0, "label": -1,
            }  # fmt: skip
            features = tf.train.Features(feature={k: feature(v) for k, v in entries.items()})
            writer.write(tf.train.Example(features=features).SerializeToString())


def make_set(folder: Path, *, count: int = 120, seed: int = 5, shard: int = 50) -> GalaxySet:
    """Write a set, 60 % of it to train on, 20 % to validate and 20 % to test; read it."""
    rng = np.random.default_rng(seed)
    images, p = make_galaxies(count, rng=rng)
    return write_set(folder, images, p, vote(p, rng=rng), shard=shard)


def write_set(
    folder: Path, images: np.ndarray, p: np.ndarray, votes: np.ndarray, *, shard: int = 50
) -> GalaxySet:
    """Write images, chances and votes as a set; read it."""
    (folder / SHARDS).mkdir(parents=True)
    ids = [f"58773{number:04d}" for number in range(len(images))]
    for start in range(0, len(images), shard):
        path = folder / SHARDS / f"s{SIDE}_shard_{start // shard}.tfrecord"
        write_shard(path, images[start : start + shard], ids[start : start + shard])
    parts = np.array(["train", "train", "train", "validation", "test"])
    table = pd.DataFrame({"id_str": ids, "split": parts[np.arange(len(ids)) % 5]})
    columns = dict(zip(TREE.columns, votes.T, strict=True))
    truth = dict(zip((f"{column}{TRUTH}" for column in TREE.columns), p.T, strict=True))
    totals = {
        q.total: votes[:, TREE.slices[q.name]].sum(axis=1) for q in TREE.questions
    }  # fmt: skip
    pd.concat([table, pd.DataFrame({**columns, **totals, **truth})], axis=1).to_parquet(
        folder / GALAXIES
    )
    image = {"side": images.shape[1], "channels": images.shape[3], "dtype": str(images.dtype)}
    (folder / MANIFEST).write_text(json.dumps({"tree": "gz2", "image": image}))
    return read_galaxy_set(folder)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))
