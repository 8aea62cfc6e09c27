"""Archives laid out like the published record, small, and a record that registers them."""

from __future__ import annotations

import hashlib
import io
import zipfile

import numpy as np
import pandas as pd

from skysift.datasets.registry import Archive, Record
from skysift.models.btsbot.inputs import FEATURES
from tests.datasets.mirror import RECORD

VERSION = "v10_N100_programid1"
IMAGES, METADATA = "images_v10.zip", "metadata_v10.zip"
BIG = 3_000_000
"""Bytes that no archive here falls short of much: several pieces of a download."""


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def published_files() -> dict[str, bytes]:
    """Make archives like the record's: 10 alerts a part, noise for stamps."""
    rng = np.random.default_rng(1)
    arrays, tables = {}, {}
    for part in ("train", "val", "test"):
        array = io.BytesIO()
        np.save(array, rng.normal(size=(10, 63, 63, 3)))
        arrays[f"images/{part}_triplets_{VERSION}.npy"] = array.getvalue()
        flags = {"is_SN": True, "near_threshold": False, "is_rise": True}
        table = pd.DataFrame(rng.normal(size=(10, len(FEATURES))), columns=list(FEATURES))
        table = table.rename(columns={"drb": "new_drb"}).assign(
            objectId=[f"ZTF{i // 2}" for i in range(10)], candid=np.arange(10) + 10**18, jd=1.0,
            fid=1, label=np.arange(10) % 2, source_set="trues", N=1, peakmag=18.0, **flags,
        )  # fmt: skip
        tables[f"{part}_cand_{VERSION}.csv"] = table.to_csv(index=False).encode()
    tables["README.txt"] = b"read me" * (BIG // 7)
    return {IMAGES: zipped(arrays), METADATA: zipped(tables)}


def record_of(files: dict[str, bytes]) -> Record:
    """Register files as the real record is registered."""
    md5 = {name: hashlib.md5(content).hexdigest() for name, content in files.items()}
    return Record(
        "title", "doi", "CC BY 4.0", "https://nowhere.invalid", RECORD,
        (
            Archive(IMAGES, md5[IMAGES], "*_triplets_v10_*.npy", 10**6),
            Archive(METADATA, md5[METADATA][:10], "*_cand_v10_*.csv", 10**6),
        ),
    )  # fmt: skip


FILES = published_files()
REGISTERED = record_of(FILES)
