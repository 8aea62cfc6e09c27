"""What a Python worker of Spark is spared; tried in processes of their own, for it changes them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

COLLECT = """
import gc
from skysift.science_modules._worker import settle
memory = [{i: [i]} for i in range(300_000)]
settle()
assert gc.get_freeze_count() > 300_000, gc.get_freeze_count()
settle()
later = [[]]
later[0].append(later)
assert any(held is later for held in gc.get_objects()), "what came later is still looked after"
"""

IMPORTS = """
import sys, zipimport
from skysift.science_modules._worker import settle
sys.path.insert(0, sys.argv[1])
import zipped.first
settle()
held = [f for f in sys.path_importer_cache.values() if isinstance(f, zipimport.zipimporter)]
assert not held, held
import zipped.second
assert zipped.second.ANSWER == 42
"""


def run(program: str, *arguments: str) -> None:
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_what_is_in_memory_is_frozen_once_and_what_comes_later_is_not() -> None:
    run(COLLECT)


def test_no_zip_is_read_again_and_imports_from_it_go_on(tmp_path: Path) -> None:
    path = tmp_path / "library.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("zipped/__init__.py", "")
        archive.writestr("zipped/first.py", "")
        archive.writestr("zipped/second.py", "ANSWER = 42")
    run(IMPORTS, str(path))
