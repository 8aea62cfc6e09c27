"""See to it that the tests of the labelling page have a browser: ``python -m ci.chromium``.

Chromium and the chromedriver of the same version, which tests steer through selenium. What is on
the machine is taken as it is; else Debian's packages are installed, which needs root.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

DEBIAN_PACKAGES = ("chromium", "chromium-driver")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRIVERS = ("chromedriver", "/usr/lib/chromium-browser/chromedriver")
VERSION_SECONDS = 60

# Without rights for a sandbox of its own, and without a word to anybody but the page's server:
# a name that the page would have to look up is not found.
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--hide-scrollbars", "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--lang=en-GB",
)  # fmt: skip


class ChromiumNotFoundError(RuntimeError):
    """There is no browser that tests could steer; the message says how to get one."""


@dataclass(frozen=True)
class Chromium:
    """A browser and the driver that fits it.

    Attributes
    ----------
    browser, driver : Path
        Their programs.
    """

    browser: Path
    driver: Path


def find_chromium() -> Chromium:
    """Return the first browser on the machine that a driver on it fits.

    Raises
    ------
    ChromiumNotFoundError
        If there is none.
    """
    browsers, drivers = list(_programs(BROWSERS)), list(_programs(DRIVERS))
    for browser in browsers:
        for driver in drivers:
            version = _major_version(browser)
            if version and version == _major_version(driver):
                return Chromium(browser, driver)
    found = ", ".join(f"{path} {_major_version(path)}" for path in (*browsers, *drivers))
    raise ChromiumNotFoundError(
        "no Chromium with a chromedriver of its version"
        f"{f' (only {found})' if found else ''}. On Debian: "
        f"sudo apt-get install {' '.join(DEBIAN_PACKAGES)}; elsewhere put both on the PATH"
    )


def provide_chromium() -> Chromium:
    """Return a browser with its driver, installing them if there are none.

    Raises
    ------
    ChromiumNotFoundError
        If none were there and none could be installed.
    """
    try:
        return find_chromium()
    except ChromiumNotFoundError:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise
    print(f"== no browser yet: installing {' and '.join(DEBIAN_PACKAGES)}", flush=True)
    _install_debian()
    return find_chromium()


def start_chromium(chromium: Chromium, profile: Path) -> webdriver.Chrome:
    """Start a browser without a window, which records its console and its requests.

    Parameters
    ----------
    chromium : Chromium
    profile : Path
        An empty folder, for its cookies and caches.

    Returns
    -------
    webdriver.Chrome
        Call its ``quit()``.
    """
    options = webdriver.ChromeOptions()
    options.binary_location = str(chromium.browser)
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(str(chromium.driver)))


def _install_debian() -> None:
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False)
    subprocess.run(install, env=quiet, stdout=subprocess.DEVNULL, check=False)


def _programs(names: Iterable[str]) -> Iterable[Path]:
    return (Path(path) for name in names if (path := shutil.which(name)))


def _major_version(program: Path) -> str | None:
    """Return the first number that ``--version`` tells; None if it tells none."""
    try:
        run = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.search(r"\d+", run.stdout)
    return number[0] if run.returncode == 0 and number else None


if __name__ == "__main__":
    try:
        chromium = provide_chromium()
    except ChromiumNotFoundError as error:
        sys.exit(str(error))
    print(f"== browser: {chromium.browser}, {chromium.driver}")
