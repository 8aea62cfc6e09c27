"""The benchmark of passes with dropout runs; it raises by itself where both ways differ."""

from __future__ import annotations

from benchmarks import mc_dropout


def test_one_trunk_costs_less_than_one_a_pass() -> None:
    rows = mc_dropout.run(count=8, turns=1, passes=6)
    assert [row["network"] for row in rows] == list(mc_dropout.NETWORKS)
    assert all(float(str(row["ratio of CPU time"])) > 1.5 for row in rows)
