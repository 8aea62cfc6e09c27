"""CRC-32C, as TFRecord files have it: Castagnoli's polynomial, and a mask on top."""

from __future__ import annotations

import numpy as np

from skysift.compiled import compiled

POLYNOMIAL = 0x82F63B78
"""Castagnoli's, bits reversed (RFC 3720, appendix B.4)."""
MASK = 0xA282EAD8
"""Added by TFRecord, lest a checksum of checksums be found again."""


def _tables() -> np.ndarray:
    """Checksums of a byte that 0 to 7 others follow, (8, 256)."""
    tables = np.empty((8, 256), np.uint32)
    first = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        first = np.where(first & 1, (first >> 1) ^ np.uint32(POLYNOMIAL), first >> 1)
    tables[0] = first
    for k in range(1, 8):
        tables[k] = (tables[k - 1] >> 8) ^ first[tables[k - 1] & 255]
    return tables


_TABLES = _tables()


def masked_crc32c(content: bytes | memoryview) -> int:
    """Checksum of bytes as TFRecord writes it.

    References
    ----------
    https://www.tensorflow.org/tutorials/load_data/tfrecord
    """
    crc = crc32c(content)
    return (((crc >> 15) | (crc << 17)) + MASK) & 0xFFFFFFFF


def crc32c(content: bytes | memoryview) -> int:
    """Checksum of bytes."""
    return int(_crc32c(np.frombuffer(content, np.uint8), _TABLES))


@compiled
def _crc32c(content: np.ndarray, tables: np.ndarray) -> np.uint32:
    """Eight bytes at a time (Kounavis & Berry 2005)."""
    crc = np.uint32(0xFFFFFFFF)
    whole = len(content) // 8 * 8
    for at in range(0, whole, 8):
        crc = (
            tables[7, content[at] ^ (crc & np.uint32(255))]
            ^ tables[6, content[at + 1] ^ ((crc >> np.uint32(8)) & np.uint32(255))]
            ^ tables[5, content[at + 2] ^ ((crc >> np.uint32(16)) & np.uint32(255))]
            ^ tables[4, content[at + 3] ^ (crc >> np.uint32(24))]
            ^ tables[3, content[at + 4]]
            ^ tables[2, content[at + 5]]
            ^ tables[1, content[at + 6]]
            ^ tables[0, content[at + 7]]
        )
    for at in range(whole, len(content)):
        crc = tables[0, (crc ^ content[at]) & np.uint32(255)] ^ (crc >> np.uint32(8))
    return crc ^ np.uint32(0xFFFFFFFF)
