"""Real processes at one ledger: two at once, one that is killed, and PostgreSQL."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import create_engine, create_mock_engine
from sqlalchemy.exc import DBAPIError

from skysift.active_learning import _schema
from skysift.active_learning._queue import next_open
from skysift.active_learning.errors import ClosedError
from skysift.active_learning.ledger import Ledger
from skysift.active_learning.questions import TRANSIENT

ROOT = Path(__file__).parents[2]
COUNT = 40
NUMBERS = itertools.count()


def labelling(where: object, labeller: str) -> subprocess.Popen[str]:
    """Start somebody labelling in another process."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.active_learning.labelling", str(where), labeller],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(ledger: Ledger, count: int = COUNT) -> list[int]:
    items = [(f"item{i}", f"object{i}") for i in range(count)]
    return [question.id for question in ledger.ask("vra", 0, TRANSIENT, items)]


@pytest.fixture(scope="module")
def server():
    """Return the URL of a PostgreSQL that listens on a socket in a folder of its own."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if not (shutil.which("initdb") and shutil.which("pg_ctl")):
        pytest.skip("PostgreSQL is not installed")
    user = "nobody" if os.getuid() == 0 else None  # it does not start as root
    folder = Path(tempfile.mkdtemp(prefix="ledger"))
    if user:
        shutil.chown(folder, user)
    data, log = folder / "data", folder / "log"
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"

    def run(*command: object) -> None:
        subprocess.run(list(map(str, command)), check=True, user=user, cwd=folder)

    try:
        run("initdb", "-D", data, "-U", "ledger", "-A", "trust", "--no-sync")
        run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "-t", "300", "start")
        yield f"postgresql+psycopg://ledger@/postgres?host={folder}"
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql(server):
    """Return the URL of an empty database."""
    name = f"labels_{next(NUMBERS)}"
    with create_engine(server, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request, tmp_path):
    """Return where a ledger may be: a file, and a server."""
    if request.param == "sqlite":
        return tmp_path / "ledger.db"
    return request.getfixturevalue("postgresql")


def test_two_processes_lose_and_double_nothing(where):
    ledger = Ledger(where)
    asked = ask(ledger)
    people = [labelling(where, name) for name in ("anna", "ben")]
    # More keys than questions: both go on until nothing is open for them.
    said = [one.communicate("g\n" * COUNT)[0] for one in people]
    assert [one.returncode for one in people] == [0, 0], said
    given = Counter(answer.question.id for answer in ledger.answers("vra", retracted=True))
    assert given == dict.fromkeys(asked, 1)


def test_of_eight_who_reach_for_a_question_at_once_one_is_given_it(where):
    ledgers = [Ledger(where) for _ in range(8)]
    together = Barrier(8)

    def reach(who, number):
        together.wait()
        return ledgers[who].next("vra", f"person{who}", round=number)

    with ThreadPoolExecutor(8) as people:
        for number in range(5):
            ledgers[0].ask("vra", number, TRANSIENT, [(f"item{number}", "object")])
            given = list(people.map(reach, range(8), [number] * 8))
            assert sum(question is not None for question in given) == 1, number
    for one in ledgers:
        one.close()


def test_a_ledger_can_be_begun_by_several_at_once(tmp_path):
    path = tmp_path / "ledger.db"
    with ThreadPoolExecutor(8) as people:
        ledgers = list(people.map(Ledger, [path] * 8))
        asked = list(people.map(ask, ledgers))
    assert all(one == asked[0] for one in asked)
    assert len(ledgers[0].questions("vra")) == COUNT


def test_a_killed_process_loses_nothing_and_is_taken_up_again(tmp_path):
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    asked = ask(ledger, 6)
    anna = labelling(path, "anna")
    assert anna.stdin and anna.stdout
    for key in "gsx":
        anna.stdin.write(f"{key}\n")
        anna.stdin.flush()
    while "object3" not in anna.stdout.readline():  # the fourth is shown: three are settled
        pass
    anna.kill()
    anna.wait()
    acts = [(a.question.id, a.skipped, a.value) for a in ledger.answers("vra")]
    assert acts == [(asked[0], False, "gal"), (asked[1], True, None), (asked[2], False, "extragal")]

    again = labelling(path, "anna")
    said, _ = again.communicate("z\nb\nv\nv\nv\nq\n")
    assert again.returncode == 0
    assert "5 of 6 answered, 0 open" in said
    values = {a.question.id: a.value for a in ledger.answers("vra")}
    assert values == dict(zip(asked, ["gal", None, "bogus", *["varstar"] * 3], strict=True))


def test_eight_at_once_answer_what_is_open_once(where):
    ledger = Ledger(where)
    (question,) = ask(ledger, 1)
    ready = Barrier(8)

    def late(labeller: str) -> bool:
        ready.wait()
        try:
            ledger.answer(question, "agn", labeller=labeller, if_open=True)
        except ClosedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(late, map(str, range(8))))
    assert sum(written) == len(ledger.answers("vra")) == 1


def test_changes_and_holds_are_those_of_every_database(where):
    ledger = Ledger(where)
    first, second, _ = ask(ledger, 3)
    assert ledger.hold(first, "anna") and not ledger.hold(first, "ben")
    ledger.answer(first, "agn", labeller="anna")
    before = ledger.changes("vra")
    ledger.undo("vra", "anna")
    ledger.skip(second, labeller="ben")
    after = ledger.changes("vra", before.mark)
    assert [len(before.questions), len(before.answers), len(before.retracted)] == [3, 1, 0]
    assert after.retracted == {before.answers[0].id}
    assert [answer.skipped for answer in after.answers] == [True]
    assert ledger.question(first).item == "item0"


def test_postgresql_by_its_address(postgresql):
    ledger = Ledger(postgresql)
    (first, *_) = ask(ledger, 1)
    ledger.answer(first, "gal", labeller="cleo", confidence=0.5)
    assert ledger.undo("vra", "cleo") is not None
    (kept,) = ledger.answers("vra", retracted=True)
    assert (kept.value, kept.confidence, kept.retracted) == ("gal", 0.5, True)
    assert Ledger(postgresql).questions("vra")[0].form == TRANSIENT
    ledger.close()
    for order in ("DELETE FROM", "UPDATE", "TRUNCATE"):
        end = " SET id = id" if order == "UPDATE" else " CASCADE" if order == "TRUNCATE" else ""
        with (
            create_engine(postgresql).connect() as raw,
            pytest.raises(DBAPIError, match="append-only"),
        ):
            raw.exec_driver_sql(f"{order} ledger_answers{end}")


def test_without_a_driver_the_way_out_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ImportError, match=r"pip install 'skysift\[postgresql\]'"):
        Ledger("postgresql://host/labels")


def test_without_a_server_the_statements_for_one_can_be_read():
    statements = []
    engine = create_mock_engine(
        "postgresql+psycopg://",
        lambda sql, *_: statements.append(str(sql.compile(dialect=engine.dialect))),
    )
    _schema.metadata.create_all(engine, checkfirst=False)
    assert statements[0].split()[:5] == ["CREATE", "OR", "REPLACE", "FUNCTION", "ledger_refuse()"]
    guarded = re.findall(r"BEFORE UPDATE OR DELETE OR TRUNCATE ON (\w+)", "".join(statements))
    assert sorted(guarded) == sorted(_schema.metadata.tables)
    assert "TIMESTAMP WITH TIME ZONE" in "".join(statements)
    assert "RAISE(ABORT" not in "".join(statements)  # SQLite's way
    query = next_open("vra", "anna", 0, datetime.now(timezone.utc))
    assert "%(until_1)s::TIMESTAMP WITH TIME ZONE" in str(query.compile(dialect=engine.dialect))
