"""Fetch images of galaxies from the cutout services of SDSS and the Legacy Surveys."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits
from PIL import Image

from skysift.datasets.download import WAITS, DownloadError, read_bytes
from skysift.whole import whole

MOST_BYTES = 2**25
FAILED = "failed.csv"
"""In the folder: which galaxies have no image, and why."""
IN_A_ROW = 25
"""Failures one after another after which the service is left alone."""


@dataclass(frozen=True)
class Service:
    """A cutout service.

    Attributes
    ----------
    url : str
        With ``{ra}``, ``{dec}`` [deg], ``{scale}`` [arcsec per pixel] and ``{side}`` [px].
    suffix : str
        Of its files.
    scale : float
        Of the survey's own pixels [arcsec].
    """

    url: str
    suffix: str
    scale: float


SERVICES = {
    "sdss": Service(
        "https://skyserver.sdss.org/dr17/SkyServerWS/ImgCutout/getjpeg"
        "?ra={ra:.6f}&dec={dec:.6f}&scale={scale:.5f}&width={side}&height={side}",
        ".jpg", 0.396127,
    ),
    "legacy": Service(
        "https://www.legacysurvey.org/viewer/jpeg-cutout"
        "?ra={ra:.6f}&dec={dec:.6f}&layer=ls-dr9&pixscale={scale:.5f}&size={side}",
        ".jpg", 0.262,
    ),
    "legacy-fits": Service(
        "https://www.legacysurvey.org/viewer/fits-cutout"
        "?ra={ra:.6f}&dec={dec:.6f}&layer=ls-dr9&pixscale={scale:.5f}&size={side}&bands=grz",
        ".fits", 0.262,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Fetched:
    """What came of it: images that were there, that were fetched, and reasons by id."""

    there: int
    fetched: int
    failed: dict[str, str]


def fetch_images(
    galaxies: pd.DataFrame,
    folder: Path,
    service: Service,
    *,
    side: int = 424,
    scale: float | None = None,
    per_second: float = 5.0,
    workers: int = 4,
    waits: Sequence[float] = WAITS,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Fetched:
    """Fetch an image for each galaxy that has none yet.

    Several at a time, but no more than `per_second` requests begin in a second, and a server that
    asks to wait is obeyed. An image is kept if it can be decoded, has the size that was asked for
    and shows something; it has its name only when all of it is on the disk.

    Parameters
    ----------
    galaxies : DataFrame
        ``id_str`` text, ``ra``, ``dec`` [deg].
    folder : Path
        Images are called ``<first six of the id>/<id>`` with the service's suffix.
    service : Service
    side : int
        Of the images [px].
    scale : float, optional
        Of their pixels [arcsec]; the survey's own by default.
    per_second : float
    workers : int
        Requests at a time.
    waits : sequence of float
        Seconds before each retry.
    progress : callable
        Told how many galaxies are done, and how many there are.

    Raises
    ------
    DownloadError
        If one galaxy after another fails: what came is kept, the same command goes on there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    targets = list(galaxies[["id_str", "ra", "dec"]].itertuples(index=False, name=None))
    missing = [t for t in targets if not _path(folder, t[0], service).is_file()]
    pace, failed, done, in_a_row = _Pace(per_second), {}, len(targets) - len(missing), 0
    progress(done, len(targets))

    def work(target: tuple[str, float, float]) -> None:
        name, ra, dec = target
        pace.wait()
        url = service.url.format(ra=ra, dec=dec, scale=scale or service.scale, side=side)
        content = read_bytes(url, most=MOST_BYTES, waits=waits)
        _check(content, service, side)
        path = _path(folder, name, service)
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as part:
            part.write_bytes(content)

    with ThreadPoolExecutor(workers) as pool:
        try:
            for target, trouble in _several(pool, work, missing, 2 * workers):
                done += 1
                in_a_row = in_a_row + 1 if trouble else 0
                if trouble:
                    failed[target[0]] = trouble
                progress(done, len(targets))
                if in_a_row >= IN_A_ROW:
                    raise DownloadError(
                        f"{in_a_row} images one after another could not be fetched, the last "
                        f"because: {trouble}. What came is kept; try again later"
                    )
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            _write_failed(folder, failed)
    return Fetched(len(targets) - len(missing), len(missing) - len(failed), failed)


def read_targets(
    catalog: Path, id_column: str, ids: Path | None = None, limit: int | None = None
) -> pd.DataFrame:
    """Read whose images are wanted.

    Parameters
    ----------
    catalog : Path
        CSV, also compressed, with ids, ``ra`` and ``dec``.
    id_column : str
    ids : Path, optional
        Text file with an id a line: no others.
    limit : int, optional
        The first so many.

    Returns
    -------
    DataFrame
        ``id_str`` text, ``ra``, ``dec`` [deg].

    Raises
    ------
    ValueError
        If columns or ids are missing, or places are none.
    """
    there = pd.read_csv(catalog, nrows=0).columns
    lacking = [name for name in (id_column, "ra", "dec") if name not in there]
    if lacking:
        raise ValueError(f"{catalog} lacks the columns: {', '.join(lacking)}")
    table = pd.read_csv(catalog, usecols=[id_column, "ra", "dec"], dtype={id_column: str})
    table = table.rename(columns={id_column: "id_str"}).drop_duplicates("id_str")
    if ids is not None:
        wanted = [line.strip() for line in ids.read_text(encoding="utf-8").splitlines()]
        wanted = [name for name in dict.fromkeys(wanted) if name]
        unknown = sorted(set(wanted) - set(table["id_str"]))
        if unknown or not wanted:
            told = f"{unknown[0]} is not in {catalog}" if unknown else "there is no id in it"
            raise ValueError(f"{ids}: {told}")
        table = table.set_index("id_str").loc[wanted].reset_index()
    table = table.head(limit) if limit else table
    lost = ~(table["ra"].between(0, 360) & table["dec"].between(-90, 90))
    if lost.any():
        raise ValueError(f"{catalog}: {table.loc[lost, 'id_str'].iloc[0]} has no place on the sky")
    return table.reset_index(drop=True)


class _Pace:
    """Lets nobody begin sooner than a moment after the one before."""

    def __init__(self, per_second: float) -> None:
        self._step, self._next, self._lock = 1.0 / per_second, 0.0, threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now)
            self._next = turn + self._step
        time.sleep(turn - now)


Target = tuple[str, float, float]


def _several(
    pool: ThreadPoolExecutor, work: Callable[[Target], None], targets: Sequence[Target], most: int
) -> Iterator[tuple[Target, str]]:
    """Yield targets as they are done, each with what went wrong; no more than `most` wait."""
    waiting = iter(targets)
    open_ones: dict[Future[None], Target] = {
        pool.submit(work, target): target for target in islice(waiting, most)
    }
    while open_ones:
        for future in wait(open_ones, return_when=FIRST_COMPLETED).done:
            target, trouble = open_ones.pop(future), ""
            try:
                future.result()
            except DownloadError as error:
                trouble = str(error)
            for following in islice(waiting, 1):
                open_ones[pool.submit(work, following)] = following
            yield target, trouble


def _check(content: bytes, service: Service, side: int) -> None:
    """Refuse what is no image, or one with nothing on it."""
    try:
        if service.suffix == ".fits":
            with fits.open(io.BytesIO(content)) as hdus:
                pixels = np.asarray(hdus[0].data)
        else:
            with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
                pixels = np.moveaxis(np.asarray(image.convert("RGB")), -1, 0)
    except Exception as error:  # whatever a decoder may say of bytes from anywhere
        raise DownloadError(f"no image came: {error}") from None
    if pixels.ndim != 3 or pixels.shape[1:] != (side, side):
        raise DownloadError(f"an image of {pixels.shape} came, {side} px a side were asked for")
    if not np.isfinite(pixels).any() or np.nanmin(pixels) == np.nanmax(pixels):
        raise DownloadError("the image is blank: the survey was not there")


def _path(folder: Path, name: str, service: Service) -> Path:
    return folder / name[:6] / f"{name}{service.suffix}"


def _write_failed(folder: Path, failed: dict[str, str]) -> None:
    path = folder / FAILED
    with whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id_str", "reason"))
        writer.writerows(sorted(failed.items()))
