"""Images out of files: pictures, ``.npy``, FITS, and Parquet tables of stamps.

What comes out is an array as it was stored, (h, w) or (h, w, c); `inputs.prepare` does the rest.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from skysift.models.ganomaly.inputs import ImageError, check_size

PICTURES = {
    ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP",
    ".webp": "WEBP",
}  # fmt: skip
"""By the suffix of a file's name, in whatever case."""

ARRAYS, FITS, TABLES = (".npy",), (".fits", ".fit", ".fits.gz", ".fit.gz"), (".parquet",)

MOST_CHANNELS = 16
"""A last axis of an ``.npy`` that is longer is a side, not channels."""

DEEP_MODES = ("I", "F", "I;16", "I;16B", "I;16L")
"""Of pictures with more than 8 bits, which have one channel."""

STAMP_COLUMN, SHAPE_COLUMN, NAME_COLUMNS = "image", "shape", ("id", "name", "filename", "objectId")
"""Of a table of stamps. An image is the bytes of a picture or of an ``.npy``, or all its numbers in
one list, with its shape in a list beside it."""

ROWS_AT_ONCE = 256


def is_image_file(path: Path) -> bool:
    """Tell whether a file is one we read, by its name; hidden files are not."""
    name = path.name.lower()
    return not name.startswith(".") and name.endswith((*PICTURES, *ARRAYS, *FITS, *TABLES))


def is_stack(path: Path) -> bool:
    """Tell whether a file holds any number of images: a table, or an array with an axis more."""
    if path.suffix.lower() in TABLES:
        return True
    if path.suffix.lower() not in ARRAYS:
        return False
    try:
        shape = np.load(path, mmap_mode="r", allow_pickle=False).shape
    except (OSError, ValueError):
        return False  # whatever it is, it is one thing that cannot be read
    return len(shape) == 4 or (len(shape) == 3 and shape[2] > MOST_CHANNELS)


def read_image(path: Path, channels: int) -> np.ndarray:
    """Read the one image of a file.

    Parameters
    ----------
    path : Path
    channels : int
        As many as are wanted: 3 makes colours of a grey picture or of one with a palette, 1 makes
        grey of colours, as Pillow does.

    Raises
    ------
    ImageError
        If there is none in it, or it is damaged, too large or too small.
    """
    name = path.name.lower()
    try:
        if name.endswith(ARRAYS):
            return _array(np.load(path, mmap_mode="r", allow_pickle=False))
        if name.endswith(FITS):
            return _fits(path)
        return _picture(path, [PICTURES[path.suffix.lower()]], channels)
    except ImageError:
        raise
    except Exception as error:  # whatever a decoder may say of bytes from anywhere
        raise ImageError("unreadable", f"it cannot be read: {error}") from error


def stack_length(path: Path) -> int:
    """Tell how many images a file that `is_stack` holds.

    Raises
    ------
    ValueError
        If a table has no images.
    """
    if path.suffix.lower() in ARRAYS:
        return len(np.load(path, mmap_mode="r", allow_pickle=False))
    with _table(path) as table:
        return table.metadata.num_rows


def read_stack(
    path: Path, channels: int, rows: range | None = None
) -> Iterator[tuple[str, np.ndarray | ImageError, Any]]:
    """Read images of a file that `is_stack`, one after the other.

    Parameters
    ----------
    path : Path
    channels : int
        See `read_image`.
    rows : range, optional
        Which; by default all.

    Yields
    ------
    name : str
        The file's and the image's: ``file.npy#12``, or what a table calls it.
    image : ndarray or ImageError
    row : dict
        What a table says of it besides.

    Raises
    ------
    ValueError
        If a table has no images.
    """
    if path.suffix.lower() in ARRAYS:
        stack = np.load(path, mmap_mode="r", allow_pickle=False)
        for number in range(len(stack)) if rows is None else rows:
            yield f"{path.name}#{number}", np.array(stack[number]), {}
        return
    for number, row in _rows(path, rows):
        named = next((row[name] for name in NAME_COLUMNS if row.get(name) is not None), None)
        name = f"{path.name}#{number}" if named is None else str(named)
        yield name, _stamp_or_error(row, channels), row


def _stamp_or_error(row: Mapping[str, Any], channels: int) -> np.ndarray | ImageError:
    try:
        return _stamp(row, channels)
    except ImageError as error:
        return error
    except Exception as error:  # whatever a decoder may say of bytes from anywhere
        return ImageError("unreadable", f"it cannot be read: {error}")


def _rows(path: Path, wanted: range | None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield rows with their numbers; groups of rows in which none is wanted are not read."""
    with _table(path) as table:
        start = 0
        for group in range(table.num_row_groups):
            length = table.metadata.row_group(group).num_rows
            if wanted is None or (wanted.start < start + length and start < wanted.stop):
                number = start
                for batch in table.iter_batches(ROWS_AT_ONCE, row_groups=[group]):
                    yield from _wanted(batch, number, wanted)
                    number += len(batch)
            start += length


def _wanted(batch: Any, start: int, wanted: range | None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the wanted rows of a batch that begins with number `start`."""
    stop = start + len(batch)
    first, last = (start, stop) if wanted is None else (wanted.start, wanted.stop)
    first, last = max(first, start), min(last, stop)
    if first < last:
        yield from enumerate(batch.slice(first - start, last - first).to_pylist(), first)


def _table(path: Path) -> Any:
    """Open a table that has images."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise ValueError(f"{path} is no Parquet file: {error}") from None
    if STAMP_COLUMN not in table.schema_arrow.names:
        columns = ", ".join(table.schema_arrow.names)
        table.close()
        raise ValueError(f"{path} has no column {STAMP_COLUMN!r} with images. Columns: {columns}")
    return table


def _stamp(row: Mapping[str, Any], channels: int) -> np.ndarray:
    """Make an array of an image of a table."""
    stored, shape = row[STAMP_COLUMN], row.get(SHAPE_COLUMN)
    if stored is None:
        raise ImageError("unreadable", "there is no image")
    if isinstance(stored, bytes):
        if stored.startswith(b"\x93NUMPY"):
            return _array(np.load(io.BytesIO(stored), allow_pickle=False))
        return _picture(io.BytesIO(stored), sorted(set(PICTURES.values())), channels)
    if shape is None:
        raise ImageError("unreadable", f"its numbers need a list {SHAPE_COLUMN!r} beside them")
    numbers = np.array(stored, dtype=np.float64)
    return _array(numbers.reshape(shape))


def _array(array: np.ndarray) -> np.ndarray:
    """Check an image's shape before it is copied into memory."""
    if array.ndim not in (2, 3):
        raise ImageError("size", f"its shape must be (h, w) or (h, w, c). Got: {array.shape}")
    check_size(*array.shape[:2])
    return np.array(array)


def _picture(file: Path | io.BytesIO, formats: list[str], channels: int) -> np.ndarray:
    with warnings.catch_warnings():  # we refuse what is too large ourselves
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(file, formats=formats) as image:
            check_size(image.height, image.width)
            if image.mode in DEEP_MODES:
                return _deep(np.asarray(image))
            modes = {1: "L", 3: "RGB"}
            return np.array(image.convert(modes[channels]) if channels in modes else image)


def _deep(pixels: np.ndarray) -> np.ndarray:
    """Pillow has pictures of 16 bits as integers of 32, or of either order of bytes."""
    if np.issubdtype(pixels.dtype, np.floating):
        return np.array(pixels)
    if pixels.min() < 0 or pixels.max() > np.iinfo(np.uint16).max:
        raise ImageError("numbers", "integers of more than 16 bits are not taken")
    return pixels.astype(np.uint16)


def _fits(path: Path) -> np.ndarray:
    """Read the first image of a FITS file; bands, if any, are its first axis there."""
    from astropy.io import fits

    with fits.open(path, memmap=False) as file:
        for part in file:
            axes = part.header.get("NAXIS", 0) if part.is_image else 0
            if axes in (2, 3):
                check_size(part.header["NAXIS2"], part.header["NAXIS1"])
                pixels = np.asarray(part.data, np.float32)
                return np.moveaxis(pixels, 0, -1) if axes == 3 else pixels
    raise ImageError("unreadable", "it holds no image of two or three axes")
