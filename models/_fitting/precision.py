"""In which numbers a network is trained; its weights are float32 always."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras

CPU = Path("/proc/cpuinfo")


def resolve(precision: str) -> str:
    """Return ``precision``, with ``auto`` decided: bfloat16 where the CPU multiplies in it.

    Measured on two AMX cores, training `mm_cnn` takes 2.6 ms an alert instead of 10.1. Without
    such instructions bfloat16 is emulated, and slower.
    """
    if precision != "auto":
        return precision
    return "mixed_bfloat16" if multiplies_bfloat16() else "float32"


def multiplies_bfloat16(cpu: Path = CPU) -> bool:
    """Tell whether the CPU has matrix instructions for bfloat16 (Intel AMX)."""
    return cpu.is_file() and bool(re.search(r"^flags.*\bamx_bf16\b", cpu.read_text(), re.M))


@contextmanager
def precision_of(policy: str) -> Iterator[None]:
    """Let layers that are made inside compute in `policy`, Keras' word for it."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
