"""How a survey's fields become the columns that are not simply read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from skysift.alerts._columns_shared import LSST_POINT, ZTF_POINT
from skysift.alerts._columns_ztf import REFERENCE
from skysift.alerts._fink_features import read_features
from skysift.alerts.column import Column
from skysift.alerts.columns import COLUMNS
from skysift.alerts.light_curve import LightCurve, ReferenceSources, append
from skysift.alerts.photometry import (
    band_names,
    band_numbers,
    is_positive,
    julian_date_utc,
    magnitude,
    magnitude_error,
    signal_to_noise,
    truth,
)
from skysift.alerts.source import Source
from skysift.alerts.stamps import Stamps


def read_column(column: Column, source: Source) -> Any:
    """Read a column from a source that is not missing what it needs.

    Returns
    -------
    ndarray (n,), LightCurve, ReferenceSources or Stamps
        Of the type that the column's kind tells; all null where the source is older than the
        column.
    """
    recipe = _RECIPES.get((source.survey, column.name))
    if recipe is not None:
        return recipe(source)
    (path,) = column.paths[source.survey]
    if not source.has(path):
        return nulls(column.kind, len(source))
    return _READERS[column.kind](source, path)


def nulls(kind: str, n: int) -> np.ndarray:
    """Make a column of nulls."""
    if kind == "text":
        return np.full(n, None, dtype=object)
    return np.zeros(n, dtype=np.int64) if kind == "id" else np.full(n, np.nan)


_READERS: dict[str, Callable[[Source, str], np.ndarray]] = {
    "id": lambda source, path: source.integers(path),
    "float": lambda source, path: source.numbers(path),
    "int": lambda source, path: source.numbers(path),
    "bool": lambda source, path: source.numbers(path),
    "text": lambda source, path: source.texts(path),
}


def _ztf_light_curve(source: Source) -> LightCurve:
    offsets, is_null = source.list_offsets("prv_candidates")
    history: dict[str, np.ndarray] = {}
    current: dict[str, np.ndarray] = {}
    for name in ZTF_POINT:
        if name == "isdiffpos":
            history[name] = truth(source.list_texts("prv_candidates", name))
            current[name] = truth(source.texts(f"candidate.{name}"))
        else:
            history[name] = _list_numbers(source, "prv_candidates", name, offsets[-1])
            current[name] = _numbers(source, f"candidate.{name}")
    return LightCurve.from_history(offsets, is_null, history, current)


def _reference_sources(source: Source) -> ReferenceSources:
    offsets, _ = source.list_offsets("prv_candidates")
    places = offsets + np.arange(len(offsets))
    points = {
        name: append(
            source.list_numbers("prv_candidates", name), source.numbers(f"candidate.{name}"), places
        )
        for name in REFERENCE
    }
    return ReferenceSources(offsets=places, **points)


def _numbers(source: Source, path: str) -> np.ndarray:
    return source.numbers(path) if source.has(path) else np.full(len(source), np.nan)


def _list_numbers(source: Source, path: str, field: str, total: int) -> np.ndarray:
    if not source.has(f"{path}.{field}"):
        return np.full(total, np.nan)
    return source.list_numbers(path, field)


def _lsst_light_curve(source: Source) -> LightCurve:
    time, band, flux, error = LSST_POINT
    path = "prvDiaSources"
    offsets, is_null = source.list_offsets(path)
    history = _lsst_points(
        source.list_numbers(path, time),
        source.list_texts(path, band),
        source.list_numbers(path, flux),
        source.list_numbers(path, error),
    )
    current = _lsst_points(
        source.numbers(f"diaSource.{time}"),
        source.texts(f"diaSource.{band}"),
        source.numbers(f"diaSource.{flux}"),
        source.numbers(f"diaSource.{error}"),
    )
    return LightCurve.from_history(offsets, is_null, history, current)


def _lsst_points(
    mjd_tai: np.ndarray, band: np.ndarray, flux: np.ndarray, error: np.ndarray
) -> dict[str, np.ndarray]:
    return {
        "jd": julian_date_utc(mjd_tai),
        "fid": band_numbers(band),
        "magpsf": magnitude(flux),
        "sigmapsf": magnitude_error(flux, error),
        "diffmaglim": np.full(len(flux), np.nan),
        "isdiffpos": is_positive(flux),
    }


def _lsst_object_id(source: Source) -> np.ndarray:
    """Name the object: the diaObject's number, else the ssObject's; None where there is neither."""
    dia, ss = (source.integers(path) for path in COLUMNS["objectId"].paths["lsst"])
    number = np.where(dia != 0, dia, ss)
    return pc.cast(pa.array(number, mask=number == 0), pa.string()).to_numpy(zero_copy_only=False)


def _stamps(source: Source) -> Stamps:
    science, template, difference = (
        source.blobs(path) for path in COLUMNS["stamps"].paths[source.survey]
    )
    return Stamps.packed(zip(science, template, difference, strict=True))


def _lsst_numbers(field: str, convert: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Any]:
    return lambda source: convert(source.numbers(f"diaSource.{field}"))


_RECIPES: dict[tuple[str, str], Callable[[Source], Any]] = {
    ("ztf", "band"): lambda source: band_names(source.numbers("candidate.fid")),
    ("ztf", "snr"): lambda source: signal_to_noise(source.numbers("candidate.sigmapsf")),
    ("ztf", "isdiffpos"): lambda source: truth(source.texts("candidate.isdiffpos")),
    ("ztf", "light_curve"): _ztf_light_curve,
    ("ztf", "reference_sources"): _reference_sources,
    ("ztf", "lc_features_g"): lambda source: read_features(source, "lc_features_g"),
    ("ztf", "lc_features_r"): lambda source: read_features(source, "lc_features_r"),
    ("ztf", "stamps"): _stamps,
    ("lsst", "objectId"): _lsst_object_id,
    ("lsst", "jd"): _lsst_numbers("midpointMjdTai", julian_date_utc),
    ("lsst", "fid"): lambda source: band_numbers(source.texts("diaSource.band")),
    ("lsst", "magpsf"): _lsst_numbers("psfFlux", magnitude),
    ("lsst", "sigmapsf"): lambda source: magnitude_error(
        source.numbers("diaSource.psfFlux"), source.numbers("diaSource.psfFluxErr")
    ),
    ("lsst", "isdiffpos"): _lsst_numbers("psfFlux", is_positive),
    ("lsst", "light_curve"): _lsst_light_curve,
    ("lsst", "stamps"): _stamps,
}
