"""The benchmark of the labelling page runs, and raises where the page shows too little."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import marshal_page
from ci.chromium import ChromiumNotFoundError, find_chromium


def test_every_wait_is_measured(tmp_path: Path) -> None:
    try:
        find_chromium()
    except ChromiumNotFoundError as reason:
        pytest.skip(str(reason))
    rows = marshal_page.run(3, 1, kept=tmp_path)
    waits = {row["waiting for"]: row["median ms"] for row in rows}
    assert "the list of 3 candidates" in waits
    assert len(waits) == 5
    assert all(0 < float(str(wait)) < 60_000 for wait in waits.values())
