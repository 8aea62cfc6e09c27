"""Which browser tests are steered through: programs that tell a version, on a PATH of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci import chromium
from ci.chromium import Chromium, ChromiumNotFoundError, find_chromium, provide_chromium


@pytest.fixture
def programs(tmp_path, monkeypatch) -> Path:
    """Return the one folder on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "DRIVERS", ("chromedriver",))
    return tmp_path


def add(folder: Path, name: str, says: str, status: int = 0) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}'\nexit {status}\n")
    program.chmod(0o755)
    return program


def test_browser_and_driver_of_one_version_are_found(programs):
    browser = add(programs, "google-chrome", "Google Chrome 156.0.8078.79")
    driver = add(programs, "chromedriver", "ChromeDriver 156.0.9999.1 (abc)")
    assert find_chromium() == Chromium(browser, driver)


def test_a_browser_of_the_drivers_version_is_preferred_to_a_newer_one(programs):
    add(programs, "chromium", "Chromium 157.0.1")
    browser = add(programs, "google-chrome-stable", "Google Chrome 156.0.2")
    add(programs, "chromedriver", "ChromeDriver 156.0.1")
    assert find_chromium().browser == browser


def test_versions_that_differ_are_told(programs):
    add(programs, "chromium", "Chromium 157.0.1")
    add(programs, "chromedriver", "ChromeDriver 156.0.1")
    with pytest.raises(ChromiumNotFoundError, match=r"chromium 157, .*chromedriver 156\)"):
        find_chromium()


def test_a_command_that_only_stands_for_a_browser_is_none(programs):
    add(programs, "chromium-browser", "requires the chromium snap to be installed", status=1)
    add(programs, "chromedriver", "requires the chromium snap to be installed", status=1)
    with pytest.raises(ChromiumNotFoundError, match="apt-get install chromium chromium-driver"):
        find_chromium()


def test_without_rights_to_install_the_message_says_what_to_do(programs, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ChromiumNotFoundError, match="sudo apt-get install chromium"):
        provide_chromium()


def test_an_administrator_gets_what_is_missing(programs, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    add(programs, "apt-get", "")
    log = programs / "log"
    (programs / "apt-get").write_text(
        f'#!/bin/sh\necho "$@" >>{log}\n[ "$1" = install ] || exit 0\n'
        f"for name in chromium chromedriver; do\n"
        f"printf '#!/bin/sh\\necho X 156.0\\n' >{programs}/$name\n/bin/chmod +x {programs}/$name\n"
        "done\n"
    )
    assert provide_chromium() == Chromium(programs / "chromium", programs / "chromedriver")
    update, install = log.read_text().splitlines()
    assert update.startswith("update")
    assert install.endswith("chromium chromium-driver")
