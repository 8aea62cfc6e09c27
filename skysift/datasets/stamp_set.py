"""Make a set of images for GANomaly: template and difference stamps of alerts, one alert an object.

Alerts of one object share their template: more of them would teach nothing, and would let images
that are held back be known already.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from skysift import __version__
from skysift.alerts.batch import AlertBatch
from skysift.datasets.exclusions import Exclusions
from skysift.datasets.manifest import describe, write_manifest
from skysift.datasets.reading import iter_batches
from skysift.models.ganomaly.stamps import SIDE
from skysift.science_modules._stamp_images import OK, pictures
from skysift.whole import whole

TABLE, MANIFEST = "stamps.parquet", "manifest.json"

COLUMNS = ("alert_id", "objectId", "stamps")
"""Columns of an alert that the set is made from."""

SCHEMA = pa.schema(
    {"id": pa.string(), "objectId": pa.string(), "label": pa.string(), "image": pa.binary()}
)
"""Of the table; images are the bytes of ``.npy`` files."""

NORMAL = "normal"
"""Label of what is learned from."""

ANOTHER_ALERT = "another_of_its_object"


def build_stamp_set(
    alerts: Sequence[Path],
    output: Path,
    *,
    survey: str = "ztf",
    side: int = SIDE,
    truth: Path | None = None,
    abnormal: Collection[str] = (),
    progress: Callable[[int, int], object] = lambda read, kept: None,
) -> dict[str, Any]:
    """Build a set of images of alerts, as the science module ``ganomaly`` sees them.

    Parameters
    ----------
    alerts : sequence of Path
        Files, folders and tarballs with alerts.
    output : Path
        Folder; gets ``stamps.parquet`` (`SCHEMA`) and, last, ``manifest.json``.
    survey : str
        ``ztf`` or ``lsst``; alerts of another are left out.
    side : int
        Of the images [px].
    truth : Path, optional
        CSV or Parquet with ``candid`` and ``class``, as `skysift simulate alerts` writes it.
    abnormal : collection of str
        Classes of the truth that are not learned from: their name becomes the label.
    progress : callable
        Told the numbers of alerts read and kept so far.

    Returns
    -------
    dict
        The manifest: ``survey``, ``side``, ``read``, ``images`` by label, ``exclusions``,
        ``files``.

    Raises
    ------
    FileExistsError
        If there is a set already.
    FileNotFoundError
        If there is nothing at a path.
    ValueError
        If no alert can be used, the truth lacks a column, or no alert of it is of an abnormal
        class.
    """
    if (output / MANIFEST).exists():
        raise FileExistsError(f"there is a set in {output} already; choose another folder")
    labels = _labels(truth, abnormal)
    output.mkdir(parents=True, exist_ok=True)
    harvest = _Harvest(side, labels)
    with whole(output / TABLE) as part, pq.ParquetWriter(part, SCHEMA) as table:
        for batch in iter_batches(alerts, COLUMNS, harvest.exclusions, survey=survey):
            rows = list(harvest.rows(batch))
            if rows:
                table.write_table(pa.Table.from_pylist(rows, SCHEMA))
            progress(harvest.read, sum(harvest.counts.values()))
        if not harvest.counts:
            raise ValueError(f"there is no alert of {survey} with three stamps that can be used")
    manifest = {
        "what": "template and difference stamps of alerts, one alert an object",
        "alerts": [str(path) for path in alerts],
        "survey": survey,
        "side": side,
        "read": harvest.read,
        "images": harvest.counts,
        "exclusions": harvest.exclusions.as_dict,
        "files": {TABLE: describe(output / TABLE)},
        "skysift": __version__,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    write_manifest(manifest, output / MANIFEST)
    return manifest


class _Harvest:
    """Takes images out of batches, and remembers which objects it has."""

    def __init__(self, side: int, labels: Mapping[int, str]) -> None:
        self.exclusions = Exclusions()
        self.read = 0
        self.counts: dict[str, int] = {}
        self._side, self._labels = side, labels
        self._objects: set[str] = set()

    def rows(self, batch: AlertBatch) -> Iterator[dict[str, Any]]:
        """Yield rows of the table; the first usable alert of each object."""
        ids, names = batch.column("alert_id"), batch.column("objectId")
        stamps = batch.column("stamps")
        self.read += len(batch)
        fresh = np.array([name not in self._objects for name in names], bool)
        self.exclusions.add(ANOTHER_ALERT, ids[~fresh])
        rows = np.flatnonzero(fresh)
        images, status = pictures(stamps.take(rows), self._side)
        for reason in sorted(set(status) - {OK}):
            self.exclusions.add(reason, ids[rows[status == reason]])
        for row, image in zip(rows[status == OK], images, strict=True):
            if names[row] in self._objects:
                self.exclusions.add(ANOTHER_ALERT, [ids[row]])
                continue
            self._objects.add(names[row])
            label = self._labels.get(int(ids[row]), NORMAL)
            self.counts[label] = self.counts.get(label, 0) + 1
            yield {
                "id": str(ids[row]), "objectId": names[row], "label": label, "image": _npy(image)
            }  # fmt: skip


def _npy(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, image, allow_pickle=False)
    return file.getvalue()


def _labels(truth: Path | None, abnormal: Collection[str]) -> dict[int, str]:
    """Read the labels of alerts that are not normal, by their number."""
    if truth is None:
        if abnormal:
            raise ValueError("abnormal classes need a truth, which says what each alert is")
        return {}
    table = pd.read_parquet(truth) if truth.suffix == ".parquet" else pd.read_csv(truth)
    for column in ("candid", "class"):
        if column not in table:
            raise ValueError(f"{truth} lacks a column {column!r}; it has: {', '.join(table)}")
    for name in abnormal:
        if name not in set(table["class"]):
            known = ", ".join(sorted(set(table["class"])))
            raise ValueError(f"{truth} knows no class {name!r}; it knows: {known}")
    odd = table[table["class"].isin(list(abnormal))]
    return dict(zip(odd["candid"].astype(int), odd["class"], strict=True))
