"""``python -m benchmarks.marshal``: how soon the labelling page answers over many candidates."""

from __future__ import annotations

import argparse
import http.client
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import _alerts, _report
from skysift.alerts.avro import AvroAlerts
from skysift.stream.container import write_container
from skysift.stream.wire import annotated_schema, append_structs

QUEUE = "topic=skysift_bench_ztf&rank=btsbot.score"
SCORE = {"btsbot": {"score": "float", "status": "string", "version": "string"}}
NIGHT = 9600
"""Alerts, of which the first of each object is taken."""


class Browser:
    """Asks for pages over one connection, with the cookies that it was given."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}

    def open(self, path: str, **form: str) -> tuple[str, str]:
        """Return a page's address and content, after redirects."""
        method, body = ("POST", urlencode(form)) if form else ("GET", None)
        head = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        if form:
            head["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, head)
        answer = self._connection.getresponse()
        content = answer.read().decode(errors="replace")
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status == 303:
            return self.open(answer.headers["location"])
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]}")
        return path, content


def write_topic(folder: Path, count: int) -> None:
    """Write a sink's topic of so many objects, each with one alert, scored by its number."""
    packets = _alerts.read_packets(_alerts.simulated_night(NIGHT))
    records, seen = [], set()
    for payload in packets:
        alerts: AvroAlerts = _alerts.decode_packets([payload], ["objectId"])
        name = alerts.texts("objectId")[0]
        if name in seen:
            continue
        seen.add(name)
        told = {"score": len(records) * 0.37 % 1, "status": "ok", "version": "bench"}
        schema = alerts.schema_json(0)
        records.append(append_structs(alerts.record_bytes(0), schema, SCORE, {"btsbot": told}))
        if len(records) == count:
            break
    topic = folder / "topics" / "skysift_bench_ztf"
    topic.mkdir(parents=True)
    write_container(topic / "0.avro", annotated_schema(schema, SCORE), records)


def timed(what: Callable[[], object], turns: int) -> tuple[float, float]:
    """Return milliseconds of the first turn and the median of the others."""
    taken = []
    for _ in range(turns + 1):
        began = time.perf_counter()
        what()
        taken.append(1000 * (time.perf_counter() - began))
    return taken[0], statistics.median(taken[1:])


def label(browser: Browser) -> None:
    """Label whatever is next."""
    _, page = browser.open(f"/next?{QUEUE}")
    (action,) = re.findall(r'id="answer" method="post" action="([^"]+)"', page)
    (token, *_) = re.findall(r'name="form_token" value="([^"]+)"', page)
    browser.open(action.replace("&amp;", "&"), form_token=token, labeller="bench", value="real")


def measure(folder: Path, turns: int) -> list[dict[str, object]]:
    """Start the page and time what a labeller does."""
    command = [sys.executable, "-m", "skysift", "marshal", str(folder), "--port", "0"]
    began = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        port = int(re.findall(r":(\d+)/", process.stderr.readline())[0])
        started = time.perf_counter() - began
        try:
            browser = Browser(port)
            _, page = browser.open("/name")
            token = re.findall(r'name="form_token" value="([^"]+)"', page)[0]
            browser.open("/name", form_token=token, name="bench")
            steps: dict[str, Callable[[], object]] = {
                "the list of the topic": lambda: browser.open(f"/queue?{QUEUE}"),
                "the next candidate": lambda: browser.open(f"/next?{QUEUE}"),
                "see, label, see the next": lambda: label(browser),
            }
            rows: list[dict[str, object]] = [
                {"step": "start of the process, alerts read", "first, ms": 1000 * started}
            ]
            for name, step in steps.items():
                first, median = timed(step, turns)
                rows.append({"step": name, "first, ms": first, "median, ms": median})
        finally:
            process.terminate()
    return [{"step": "", "first, ms": None, "median, ms": None} | row for row in rows]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.marshal", description=__doc__)
    parser.add_argument("--candidates", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=20)
    chosen = parser.parse_args()
    about = _report.machine()
    with tempfile.TemporaryDirectory() as folder:
        write_topic(Path(folder), chosen.candidates)
        rows = measure(Path(folder), chosen.turns)
    print(_report.as_markdown(f"{chosen.candidates:,} candidates", rows))
    print(" · ".join(f"{key} {value}" for key, value in about.items()))


if __name__ == "__main__":
    main()
