"""``python -m benchmarks.marshal_page``: how long a labeller waits for the page.

A real server shows simulated candidates to a real headless Chromium, which keeps nothing between
two pages. A page is there when it is loaded with all its stamps; the next candidate, when it stands
on the screen with its stamps after the key that answered the last one.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from benchmarks import _alerts, _report
from ci.chromium import provide_chromium, start_chromium
from ci.marshal import Served
from skysift.active_learning.ledger import Ledger
from skysift.simulate import write_night

CANDIDATES = 1000
TARGET = 1000.0
"""Of the list of `CANDIDATES` [ms]."""

LOADED = "return performance.getEntriesByType('navigation')[0].loadEventEnd"

NEXT = """
const done = arguments[0];
const begun = performance.now();
document.addEventListener("swapped", async () => {
  await Promise.all([...document.images].map((image) => image.decode()));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
}, { once: true });
document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "x", bubbles: true }));
"""
"""Answers with "extragal"; tells the milliseconds until the next candidate is painted."""


def run(candidates: int, turns: int, *, kept: Path = _alerts.KEPT) -> _report.Rows:
    """Measure the page.

    Parameters
    ----------
    candidates : int
        In the topic.
    turns : int
        Openings of each page, and candidates that are labelled.
    kept : Path
        Where simulated nights lie.

    Returns
    -------
    list of dict
        A row for each thing waited for: median and largest wait [ms].

    Raises
    ------
    RuntimeError
        If the page did not list all candidates, or the ledger does not hold all answers.
    """
    packets = _candidates(candidates, kept)
    with tempfile.TemporaryDirectory() as scratch:
        ledger = Path(scratch) / "labels.db"
        begun = time.perf_counter()
        served = Served(Path(scratch) / "log", packets, "--ledger", ledger)
        start = (time.perf_counter() - begun) * 1000
        driver = start_chromium(provide_chromium(), Path(scratch) / "profile")
        try:
            waits = _wait(driver, served.url, turns, candidates)
        finally:
            driver.quit()
            served.stop()
        _check(ledger, turns)
    return [
        _row("the server, from its command on", [start]),
        _row(f"the list of {candidates:,} candidates", waits.pop("list"), TARGET),
        *(_row(what, all_) for what, all_ in waits.items()),
    ]


def _candidates(count: int, kept: Path) -> Path:
    """Return a folder of so many simulated objects, each with one alert; made once."""
    night = kept / f"candidates-{count}"
    if not (night / "truth.csv").exists():  # written last
        write_night(count, _alerts.SEED, night, alerts_per_object=1)
    return night / "packets"


def _wait(
    driver: webdriver.Chrome, url: str, turns: int, candidates: int
) -> dict[str, list[float]]:
    """Open each page so many times, then label."""
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    driver.get(f"{url}/name")
    driver.find_element(By.ID, "name").send_keys("benchmark", Keys.ENTER)
    lists = [_open(driver, f"{url}/queue?topic=*") for _ in range(turns)]
    listed = len(driver.find_elements(By.CSS_SELECTOR, "tr[data-object]"))
    if listed != candidates:
        raise RuntimeError(f"{candidates} candidates are there, the page lists {listed}")
    return {
        "list": lists,
        "the overview": [_open(driver, f"{url}/") for _ in range(turns)],
        "a candidate": [_open(driver, f"{url}/next?topic=*") for _ in range(turns)],
        "the next candidate, after a key": [
            driver.execute_async_script(NEXT) for _ in range(turns)
        ],
    }


def _open(driver: webdriver.Chrome, address: str) -> float:
    driver.get(address)
    return driver.execute_script(LOADED)


def _check(path: Path, turns: int) -> None:
    with closing(Ledger(path)) as ledger:
        held = len(ledger.answers("candidates"))
    if held != turns:
        raise RuntimeError(f"{turns} answers were given, the ledger holds {held}")


def _row(what: str, waits: Sequence[float], target: float | None = None) -> dict[str, object]:
    return {
        "waiting for": what,
        "median ms": statistics.median(waits),
        "largest ms": max(waits),
        "target ms": target,
    }


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=CANDIDATES, help="alerts in the folder")
    parser.add_argument("--turns", type=int, default=20, help="of each page, and of labelling")
    options = parser.parse_args()
    about = _report.machine()
    rows = run(options.candidates, options.turns)
    print("\n".join(f"- {key}: {value}" for key, value in about.items()), end="\n\n")
    print(_report.as_markdown("Waiting for the labelling page", rows))


if __name__ == "__main__":
    main()
