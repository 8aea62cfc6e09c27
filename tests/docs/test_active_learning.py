"""The page on active learning: its tables are what the code declares, its example runs."""

from __future__ import annotations

import inspect
import io
import re

from skysift.active_learning import signals
from skysift.active_learning.learner import Learner
from skysift.active_learning.ledger import LEASE
from skysift.active_learning.query import available_selectors, available_strategies
from skysift.active_learning.questions import TRANSIENT
from skysift.active_learning.reconcile import RULES
from skysift.active_learning.rounds import Rounds
from tests.active_learning import toy
from tests.docs.markdown import ROOT, Page

PATH = ROOT / "docs" / "active-learning.md"
TEXT = PATH.read_text(encoding="utf-8")
GIVEN = ("utility", "n", "rng")


def table(head):
    """Return the rows of the table whose first column is called so, by their first cell."""
    lines = iter(TEXT.splitlines())
    next(line for line in lines if line.startswith(f"| {head} |"))
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return {row[0].strip("`"): row[1:] for row in rows}


def declared(functions):
    """Return what each function needs, and its settings, as the page writes them."""
    found = {}
    for name, function in functions.items():
        parameters = [
            p for p in inspect.signature(function).parameters.values() if p.name not in GIVEN
        ]
        settings = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
        needs = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
        found[name] = (
            ", ".join(f"`{p.name}`" for p in needs),
            ", ".join(f"`{p.name}={p.default!r}`".replace("'", '"') for p in settings),
        )
    return found


def test_the_tables_of_strategies_and_selectors_are_the_declarations():
    for head, functions in {
        "strategy": available_strategies(),
        "selector": available_selectors(),
    }.items():
        assert {name: tuple(row[1:]) for name, row in table(head).items()} == declared(functions)
    assert f"the {signals.LOOKAHEAD_ROWS} of smallest margin" in TEXT


def test_the_rules_the_keys_and_the_times_are_those_there_are():
    assert set(table("rule")) == set(RULES)
    keys = dict(re.findall(r"`(\w)` (\w+)", table("oracle")["TerminalOracle"][0]))
    assert keys == {**TRANSIENT.choices, "s": "skip", "z": "undo", "q": "quit"}
    assert LEASE.total_seconds() == 5 * 60 and "after five minutes" in TEXT


def test_the_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = (block.text for block in Page(PATH).blocks if block.language == "python")
    pool, _ = toy.clouds()
    monkeypatch.setattr("sys.stdin", io.StringIO("l\nr\n" * 15))
    learner = Learner(toy.fit, toy.evaluate, toy.save, toy.load)
    exec(code, {"pool": pool, "learner": learner, "form": toy.FORM})
    done = Rounds("mine/rounds").latest()
    assert len(done.ids) == 30
    # Nothing was held out, so there is nothing to judge.
    shown = set(re.findall(r"^  ([\w.]+)/? ", TEXT, flags=re.MULTILINE))
    assert shown - {"predictions.csv"} == {path.name for path in done.folder.iterdir()}
