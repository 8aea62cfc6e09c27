"""Small synthetic packets in ZTF's shape, written by fastavro."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import fastavro

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
REAL_PACKETS = sorted((SHARED / "ztf" / "packets").rglob("*.avro"))


def _nullable(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "type": [kind, "null"], "default": None}


POINT = [
    {"name": "jd", "type": "double"},
    {"name": "fid", "type": "int"},
    _nullable("magpsf", "float"),
    _nullable("sigmapsf", "float"),
    _nullable("diffmaglim", "float"),
    _nullable("isdiffpos", "string"),
]

CUTOUT = {
    "type": "record",
    "name": "ztf.alert.cutout",
    "fields": [{"name": "fileName", "type": "string"}, {"name": "stampData", "type": "bytes"}],
}

SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "ztf.alert",
    "fields": [
        {"name": "schemavsn", "type": "string"},
        {"name": "objectId", "type": "string"},
        {"name": "candid", "type": ["null", "long"]},
        {
            "name": "candidate",
            "type": {
                "type": "record",
                "name": "ztf.alert.candidate",
                "fields": [_nullable("jd", "double"), *POINT[1:], _nullable("ra", "double")],
            },
        },
        {
            "name": "prv_candidates",
            "type": [
                "null",
                {
                    "type": "array",
                    "items": {
                        "type": "record",
                        "name": "ztf.alert.prv_candidate",
                        "fields": POINT,
                    },
                },
            ],
            "default": None,
        },
        {"name": "cutoutScience", "type": ["null", CUTOUT], "default": None},
        {"name": "cutoutTemplate", "type": ["null", "ztf.alert.cutout"], "default": None},
    ],
}
SCHEMA_JSON = json.dumps(SCHEMA)

LSST_SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "lsst.alert",
    "fields": [
        {
            "name": "diaSource",
            "type": {
                "type": "record",
                "name": "lsst.diaSource",
                "fields": [
                    {"name": "diaSourceId", "type": "long"},
                    {"name": "midpointMjdTai", "type": "double"},
                ],
            },
        }
    ],
}


def alert(number: int = 0, history: int | None = 3, **candidate: Any) -> dict[str, Any]:
    """One alert; `history` points in its history, None for a null one."""
    jd = 2460000.5 + number
    return {
        "schemavsn": "3.3",
        "objectId": f"ZTF23aaaaa{number:02d}",
        "candid": 2_400_000_000_015_000_000 + number,
        "candidate": {
            "jd": jd, "fid": 1 + number % 3, "magpsf": 18.25 + number, "sigmapsf": 0.125,
            "diffmaglim": 20.5, "isdiffpos": "t", "ra": 10.0 * number, **candidate,
        },
        "prv_candidates": None if history is None else [_point(jd, i) for i in range(history)],
        "cutoutScience": {"fileName": "science.fits.gz", "stampData": bytes([number]) * 50},
        "cutoutTemplate": None,
    }  # fmt: skip


def _point(jd: float, number: int) -> dict[str, Any]:
    limit = number % 2 == 0
    return {
        "jd": jd - 1 - number,
        "fid": 1,
        "magpsf": None if limit else 19.5,
        "sigmapsf": None if limit else 0.25,
        "diffmaglim": 20.25,
        "isdiffpos": None if limit else "f",
    }


def container(
    records: list[dict[str, Any]],
    *,
    schema: dict[str, Any] = SCHEMA,
    codec: str = "null",
    block_bytes: int = 16000,
) -> bytes:
    """One Avro container; blocks are closed when they exceed `block_bytes`."""
    out = io.BytesIO()
    fastavro.writer(out, schema, records, codec=codec, sync_interval=block_bytes)
    return out.getvalue()


def bare(record: dict[str, Any], schema: dict[str, Any] = SCHEMA) -> bytes:
    """One record without container."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, record)
    return out.getvalue()
