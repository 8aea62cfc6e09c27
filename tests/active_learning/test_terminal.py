"""A person at a terminal: keys are scripted, and once pressed in a real pseudo-terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

from skysift.active_learning.oracles import TerminalOracle
from skysift.active_learning.questions import TRANSIENT, Choice, Marks, Votes

ROOT = Path(__file__).parents[2]
SHAPE = Votes("Shape?", {"shape": {"smooth": None, "disk": "arms"}, "arms": {"1": None, "2": None}})


def ask(ledger, count=3, form=TRANSIENT):
    return ledger.ask("vra", 0, form, [(f"item{i}", f"ZTF{i}") for i in range(count)])


def press(ledger, keys, labeller="anna", **settings):
    """Let somebody press keys and go; return what they were shown."""
    shown: list[str] = []
    waiting = iter(keys)
    TerminalOracle(
        labeller,
        key=lambda: next(waiting, "q"),
        line=lambda: next(waiting, "q"),
        write=shown.append,
        **settings,
    ).work(ledger, "vra", 0)
    return shown


def acts(ledger):
    return [(a.question.object, a.value, a.confidence) for a in ledger.answers("vra")]


def test_the_published_keys_give_the_published_labels(ledger):
    ask(ledger, 6)
    shown = press(ledger, "rxgabv")
    assert [value for _, value, _ in acts(ledger)] == [
        "real",
        "extragal",
        "gal",
        "agn",
        "bogus",
        "varstar",
    ]
    assert shown[-1] == "6 of 6 answered, 0 open"
    keys = "[r] real  [x] extragal  [g] gal  [a] agn  [b] bogus  [v] varstar"
    assert f"{keys}  [s] skip  [z] undo  [q] quit" in shown[1]


def test_a_capital_letter_is_half_as_sure(ledger):
    ask(ledger, 2)
    press(ledger, "Gg")
    assert acts(ledger) == [("ZTF0", "gal", 0.5), ("ZTF1", "gal", None)]


def test_skip_undo_and_quit(ledger):
    ask(ledger, 4)
    shown = press(ledger, "zgszabq")
    assert "nothing to undo" in shown
    assert "taken back: ZTF1" in shown
    assert acts(ledger) == [("ZTF0", "gal", None), ("ZTF1", "agn", None), ("ZTF2", "bogus", None)]
    assert shown[-1] == "3 of 4 answered, 1 open"
    press(ledger, "v")
    assert acts(ledger)[3] == ("ZTF3", "varstar", None)


def test_a_key_that_means_nothing_changes_nothing(ledger):
    ask(ledger, 1)
    shown = press(ledger, ["k", "\x1b[A", "é", "g"])
    assert sum("is no answer here" in line for line in shown) == 3
    assert acts(ledger) == [("ZTF0", "gal", None)]


def test_what_the_object_is_about_is_shown(ledger):
    ask(ledger, 1)
    shown = press(ledger, "", describe=lambda question: f"https://example.org/{question.object}")
    assert "https://example.org/ZTF0" in shown


def test_votes_are_numbered_down_the_tree_and_undo_starts_again(ledger):
    ask(ledger, 2, SHAPE)
    press(ledger, "2z1" + "22")
    assert [value for _, value, _ in acts(ledger)] == [
        {"shape": {"smooth": 1}},
        {"shape": {"disk": 1}, "arms": {"2": 1}},
    ]


def test_a_tree_with_more_answers_than_digits_can_be_answered(ledger):
    many = {str(arms): None for arms in range(1, 21)}
    ask(ledger, 2, Votes("Arms?", {"arms": many}))
    press(ledger, "ak")
    assert [value for _, value, _ in acts(ledger)] == [{"arms": {"10": 1}}, {"arms": {"20": 1}}]


def test_marks_are_typed(ledger):
    ask(ledger, 4, Marks("Comet?", 63, 63))
    shown = press(ledger, ["3 4.5; 60,61\n", "99 1", "here", "1 2 3", "none", "S\n", "Z", "q"])
    assert sum("Got:" in line for line in shown) == 3
    assert [value for _, value, _ in acts(ledger)] == [
        [{"x": 3.0, "y": 4.5}, {"x": 60.0, "y": 61.0}],
        [],
    ]


def test_an_answer_from_another_window_meanwhile_is_told_and_stands(ledger):
    (question, _) = ask(ledger, 2, Choice("?", {"y": "quit", "n": "undo"}))  # not the commands
    other_window = iter(["y"])

    def key():
        if next(other_window, None):
            ledger.answer(question.id, "undo", labeller="anna")
            return "y"
        return "n"

    shown: list[str] = []
    TerminalOracle("anna", key=key, write=shown.append).work(ledger, "vra", 0)
    assert any("anna has answered question" in line for line in shown)
    assert [value for _, value, _ in acts(ledger)] == ["undo", "undo"]


def test_keys_of_a_real_terminal(tmp_path, ledger):
    ask(ledger, 3)
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.active_learning.labelling",
            str(tmp_path / "ledger.db"),
            "anna",
        ],
        cwd=ROOT,
        stdin=slave,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    try:
        for number, key in enumerate(["\x1b[A" + "g", "x", "q"]):  # an arrow up is no A
            while f"ZTF{number}" not in child.stdout.readline():
                pass
            child.stdout.readline()
            _in_single_keys(slave)
            for part in [key[:-1], key[-1]]:
                os.write(master, part.encode())
                time.sleep(0.3 if part else 0)
        said, _ = child.communicate(timeout=60)
    finally:
        child.kill()
        os.close(master)
        os.close(slave)
    assert child.returncode == 0
    assert "2 of 3 answered, 1 open" in said
    assert acts(ledger) == [("ZTF0", "gal", None), ("ZTF1", "extragal", None)]


def _in_single_keys(terminal: int) -> None:
    """Wait until the other side takes keys without waiting for a line."""
    import termios

    deadline = time.monotonic() + 60
    while termios.tcgetattr(terminal)[3] & termios.ICANON:
        assert time.monotonic() < deadline
        time.sleep(0.01)
