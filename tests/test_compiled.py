"""Compiling where the machine code cannot be kept."""

from __future__ import annotations

from typing import Any

import pytest

from skysift import compiled as room


def test_it_works_where_no_machine_code_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, cache: bool = False, **options: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(room.numba, "njit", refuse)
    assert room.compiled(len) is len
