"""``skysift marshal`` as a person starts it: what it says, whom it lets in, how it ends."""

from __future__ import annotations

import re
import signal
import socket
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from ci.marshal import Served
from skysift.cli import main, marshal
from tests.marshal.browser.night import write_topics


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    folder = tmp_path_factory.mktemp("night")
    write_topics(folder, 4)
    return folder


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """Return what runs the command in an empty folder, and what it says when it refuses."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> str:
        command = ["skysift", "marshal", "--port", "0", *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        return capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "there is nothing to label"),
        (["nowhere"], "there is nothing at nowhere"),
        (["{night}", "--rank", "btsbot.scor"], "can be ordered by: jd, btsbot.score"),
        (["--ledger", "none.db"], "there is no ledger at none.db"),
        (["{night}", "--pictures", "nowhere"], "pictures must be in a folder"),
        (["{night}", "--alerts", "nowhere"], "there is nothing at nowhere"),
        (["{night}", "--token-file", "nowhere"], "No such file or directory: nowhere"),
        (["{night}", "--host", "192.0.2.1"], "cannot listen at 192.0.2.1"),
        (["{night}", "--port", "{taken}"], "Address already in use"),
        (["{night}", "--ledger", "{night}"], "cannot open the ledger"),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_2(arguments, said, night, tmp_path, refused):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        facts = {"night": night, "taken": other.getsockname()[1]}
        given = [part.format(**facts) for part in arguments]
        printed = refused(*given)
    (line,) = [line for line in printed.splitlines() if line.strip()]
    assert line.startswith("skysift: ") and said in line
    assert not list(tmp_path.iterdir())


def test_a_short_token_is_refused(night, tmp_path, monkeypatch, refused):
    monkeypatch.setenv(marshal.TOKEN, "short")
    assert "16 characters or more" in refused(night, "--ledger", tmp_path / "l.db")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_the_loopback_and_ends_when_it_is_told_to(night, tmp_path, number):
    served = Served(tmp_path / "log", night, "--ledger", tmp_path / "l.db")
    with urlopen(served.url) as page:
        assert b"skysift_all_ztf" in page.read()
    assert (tmp_path / "l.db").exists()
    assert "token" not in served.log.read_text()
    served.process.send_signal(number)
    assert served.process.wait(30) == 0


@pytest.mark.parametrize("way", [("--host", "0.0.0.0"), ("--name", "sift.example.org")])
def test_open_to_others_it_demands_the_token_that_it_drew(night, tmp_path, way):
    served = Served(tmp_path / "log", night, "--ledger", tmp_path / "l.db", *way)
    try:
        told = served.log.read_text()
        assert len(re.findall(r"token, for this time: ([a-z0-9-]{29})\b", told)) == 1
        with urlopen(served.url) as page:
            assert page.url.endswith("/login?then=/")
        with pytest.raises(HTTPError, match="421"):
            urlopen(Request(served.url, headers={"Host": "evil.example"}))
    finally:
        served.stop()


def test_a_token_from_the_environment_or_a_file_is_not_shown(tmp_path, monkeypatch, capsys):
    file = tmp_path / "token"
    file.write_text("from a file, long enough\n")
    monkeypatch.setenv(marshal.TOKEN, "from the environment")
    assert marshal._token(file, wanted=True) == "from a file, long enough"
    assert marshal._token(None, wanted=False) == "from the environment"
    monkeypatch.delenv(marshal.TOKEN)
    assert marshal._token(None, wanted=False) is None
    assert capsys.readouterr().err == ""
