"""Build a training set: alerts and labels in; table, triplets and manifest out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.datasets.config import SetConfig
from skysift.datasets.exclusions import Exclusions
from skysift.datasets.flags import add_flags, find_peaks
from skysift.datasets.harvest import Harvest
from skysift.datasets.hosts import build_hosts
from skysift.datasets.image_file import ImageFile
from skysift.datasets.labels import check_classes, read_labels
from skysift.datasets.manifest import make_manifest, read_manifest, write_manifest
from skysift.datasets.pictures import find_pictures
from skysift.datasets.reading import iter_batches
from skysift.datasets.source_sets import BRIGHT
from skysift.datasets.splits import split_objects
from skysift.datasets.thinning import keep, rank_alerts
from skysift.models.btsbot.training_set import COLUMNS, MANIFEST, ROW, TABLE, TRIPLETS

Progress = Callable[[int, int], object]

BRIGHT_DIM, NO_ALERT, NO_USABLE_ALERT = "bright_dim", "label_without_alerts", "no_usable_alert"


def build_set(
    config: SetConfig, output: Path, *, progress: Progress = lambda read, kept: None
) -> dict[str, Any]:
    """Build a training set, unless the very same is there already.

    Alerts are read some hundred at a time, in the order of the files; triplets go straight to
    disk. Features and triplets are what serving computes: `science_modules.btsbot.model_inputs`.
    The manifest is written last: a folder without it holds no set.

    Parameters
    ----------
    config : SetConfig
    output : Path
        Folder; gets ``alerts.parquet``, ``triplets.npy`` and ``manifest.json``; with host images
        also ``hosts.npy`` and ``hosts.json``.
    progress : callable
        Told, every so often, the numbers of alerts read and kept so far.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    FileExistsError
        If the folder holds a set that is made otherwise.
    ValueError
        If labels make no sense, or no sound set can be made of these alerts, or no host image is of
        an object with a label; the message says why.
    """
    there = read_manifest(output, config)
    if there is not None:
        return there
    exclusions = Exclusions()
    labels = read_labels(config.labels, config.sources, exclusions)
    check_classes(labels, config.labels, exclusions)  # told before an hour of reading
    if config.hosts is not None:
        find_pictures(config.hosts).of(labels.index)
    output.mkdir(parents=True, exist_ok=True)
    with ImageFile(output / TRIPLETS) as triplets:
        harvest = Harvest(config, labels.index, triplets, exclusions)
        for batch in iter_batches(config.alerts, harvest.columns, exclusions):
            harvest.take(batch)
            progress(harvest.read, triplets.count)
        table = finish(harvest.table, harvest.sightings, labels, config, exclusions)
    table.to_parquet(output / TABLE, index=False)
    manifest = make_manifest(config, output, table, exclusions, harvest)
    if config.hosts is not None:
        manifest["hosts"] = build_hosts(config.hosts, output, table["objectId"].unique())
    write_manifest(manifest, output / MANIFEST)
    return manifest


def finish(
    alerts: pd.DataFrame,
    sightings: pd.DataFrame,
    labels: pd.DataFrame,
    config: SetConfig,
    exclusions: Exclusions,
) -> pd.DataFrame:
    """Label, flag, split and thin: all that needs an object as a whole.

    Parameters
    ----------
    alerts, sightings : DataFrame
        From `Harvest`.
    labels : DataFrame
        From `read_labels`.
    config : SetConfig
    exclusions : Exclusions
        Told of objects that are left out.

    Returns
    -------
    DataFrame
        The columns of `TrainingSet.table`, and ``row``.
    """
    told = labels.loc[alerts["objectId"]].reset_index(drop=True)
    table = add_flags(alerts.join(told), find_peaks(sightings))
    computed = table["peakmag"] < BRIGHT
    table["label"] = np.where(table["label"].isna(), computed, table["label"] == 1)
    exclusions.add(NO_ALERT, labels.index.difference(sightings["objectId"]), "objects")
    lost = pd.Index(sightings["objectId"]).difference(alerts["objectId"])
    exclusions.add(NO_USABLE_ALERT, lost, "objects")
    if BRIGHT_DIM in config.exclude:
        table = _without_bright_dims(table, exclusions)
    objects = table.drop_duplicates("objectId")
    try:
        part_of = split_objects(objects, config.shares, seed=config.seed)
    except ValueError as error:
        raise ValueError(f"{error}. Left out were: {exclusions.counts or 'none'}") from None
    table["split"] = table["objectId"].map(part_of)
    table["rank"] = rank_alerts(table, seed=config.seed)
    table["kept"] = keep(table, config.n_max, config.validation)
    return table.astype({"fid": np.int64})[[ROW, *COLUMNS]]


def _without_bright_dims(table: pd.DataFrame, exclusions: Exclusions) -> pd.DataFrame:
    bright = (table["source_set"] == "dims") & (table["peakmag"] <= BRIGHT)
    exclusions.add(BRIGHT_DIM, table["objectId"][bright].unique(), "objects")
    return table[~bright].reset_index(drop=True)
