"""The labelling page as people start it, for tests and trials: a process on a free port."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

START_SECONDS = 90.0
STOP_SECONDS = 20.0


class Served:
    """A running ``skysift marshal``.

    Parameters
    ----------
    log : Path
        Where its words go.
    arguments : sequence of str or Path
        After ``skysift marshal``; a port is added.
    environment : dict of str to str
        Variables to add to those of this process.

    Raises
    ------
    RuntimeError
        If it ends or stays silent; the message holds its words.
    """

    def __init__(self, log: Path, *arguments: str | Path, **environment: str) -> None:
        self.log = log
        self._arguments = [str(argument) for argument in arguments]
        self._environment = {**os.environ, "COLUMNS": "200", **environment}
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, again at the port that it had, and wait until it answers."""
        command = [sys.executable, "-m", "skysift", "marshal", *self._arguments]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                stdout=log, stderr=subprocess.STDOUT, env=self._environment,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            told = re.search(r"http://[^\s/]+:(\d+)/", self.log.read_text())
            if told and _answers(f"http://127.0.0.1:{told[1]}/static/marshal.css"):
                self.port = int(told[1])
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"the page was not served:\n{self.log.read_text()}")

    def stop(self) -> None:
        """End it in good order, by force if it does not listen."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def kill(self) -> None:
        """End it without a word, as a power cut does."""
        self.process.kill()
        self.process.wait()


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5):
            return True
    except HTTPError:
        return True
    except OSError:
        return False
