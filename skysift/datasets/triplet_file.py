"""An ``.npy`` file that grows: triplets are appended, never held together in memory."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from numpy.lib import format as npy

from skysift.models.btsbot.inputs import SIDE

SHAPE = (SIDE, SIDE, 3)


class TripletFile:
    """Writes float32 (n, 63, 63, 3), n known only at the end.

    Use as a context manager. The file has its name, and its true length, only if all went well:
    until then it is ``NAME.part``, which an error removes.

    Parameters
    ----------
    path : Path
        A file of that name is replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._part = path.with_name(path.name + ".part")

    def __enter__(self) -> TripletFile:
        self._file: IO[bytes] = open(self._part, "wb")
        self._write_header()
        return self

    def append(self, triplets: np.ndarray) -> None:
        """Write triplets, float32 (n, 63, 63, 3), behind the others."""
        if triplets.shape[1:] != SHAPE or triplets.dtype != np.float32:
            raise ValueError(
                f"triplets must be float32 (n, {', '.join(map(str, SHAPE))}). "
                f"Got: {triplets.dtype} {triplets.shape}"
            )
        self._file.write(np.ascontiguousarray(triplets, dtype="<f4").data)
        self.count += len(triplets)

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
        npy.write_array_header_1_0(
            self._file, {"descr": "<f4", "fortran_order": False, "shape": shape}
        )
