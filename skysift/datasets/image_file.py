"""An ``.npy`` file that grows: images are appended, never held together in memory."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from numpy.lib import format as npy

from skysift.models.btsbot.inputs import SIDE

SHAPE = (SIDE, SIDE, 3)


class ImageFile:
    """Writes (n, 63, 63, 3), triplets or colour images, n known only at the end.

    Use as a context manager. The file has its name, and its true length, only if all went well:
    until then it is ``NAME.part``, which an error removes.

    Parameters
    ----------
    path : Path
        A file of that name is replaced.
    dtype : type
        ``numpy.float32`` or ``numpy.uint8``.
    """

    def __init__(self, path: Path, dtype: type = np.float32) -> None:
        self.path = path
        self.dtype = np.dtype(dtype).newbyteorder("<")
        self.count = 0
        self._part = path.with_name(path.name + ".part")

    def __enter__(self) -> ImageFile:
        self._file: IO[bytes] = open(self._part, "wb")
        self._write_header()
        return self

    def append(self, images: np.ndarray) -> None:
        """Write images (n, 63, 63, 3) behind the others."""
        if images.shape[1:] != SHAPE or images.dtype != self.dtype:
            raise ValueError(
                f"images must be {self.dtype} (n, {', '.join(map(str, SHAPE))}). "
                f"Got: {images.dtype} {images.shape}"
            )
        self._file.write(np.ascontiguousarray(images, dtype=self.dtype).data)
        self.count += len(images)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._file:
            if kind is None:
                self._file.seek(0)
                self._write_header()
        if kind is None:
            self._part.replace(self.path)
        else:
            self._part.unlink()

    def _write_header(self) -> None:
        """Write the header; numpy leaves room in it for the first axis to grow."""
        shape = (self.count, *SHAPE)
        descr = npy.dtype_to_descr(self.dtype)
        npy.write_array_header_1_0(
            self._file, {"descr": descr, "fortran_order": False, "shape": shape}
        )
