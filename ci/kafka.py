"""Start a real Apache Kafka for tests and trials: one node, this machine only.

    python -m ci.kafka start --port 9092     start one, wait until it answers, say how to reach it
    python -m ci.kafka status                is it running, and where
    python -m ci.kafka stop                  stop it; what it holds stays for the next start
    python -m ci.kafka fetch                 only get the server's jars

The server's jars come from Maven Central through Spark's own dependency resolver, once for each
user (in ``$XDG_CACHE_HOME/skysift``, else ``~/.cache/skysift``). It listens on 127.0.0.1 only, on
three ports: plain; SCRAM-SHA-512 with a password made up at the first start; and the same inside
TLS with a certificate of its own. Run it with the Python of the environment that `make env` makes.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from confluent_kafka.admin import AdminClient

from ci.kafka_jars import VERSION, KafkaUnavailable, fetch_jars, java_command
from skysift.stream.java import ensure_java

USER = "skysift"
START_SECONDS = 90.0
STOP_SECONDS = 30.0

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{plaintext},SASL_PLAINTEXT://{sasl},SASL_SSL://{tls},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{plaintext},SASL_PLAINTEXT://{sasl},SASL_SSL://{tls}
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=\
PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config={login}
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={login}
ssl.keystore.type=PKCS12
ssl.keystore.location={keystore}
ssl.keystore.password={password}
log.dirs={data}
num.partitions=2
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""
_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


@dataclass(frozen=True)
class Broker:
    """A running single-node Kafka, and how to reach it.

    Attributes
    ----------
    folder
        Where its data, its settings and ``server.log`` lie.
    pid
        Process id of the server.
    plaintext, sasl, tls
        ``host:port`` of each listener: no login; SCRAM-SHA-512; SCRAM-SHA-512 inside TLS.
    ca
        PEM file to trust for `tls`.
    user, password
        The login that `sasl` and `tls` ask for.
    """

    folder: Path
    pid: int
    plaintext: str
    sasl: str
    tls: str
    ca: Path
    user: str
    password: str = field(repr=False)

    def is_running(self) -> bool:
        """Whether the process is there and is this broker (ids are used again)."""
        with suppress(ChildProcessError):  # of a child that ended, only the id would be left
            os.waitpid(self.pid, os.WNOHANG)
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        command = Path(f"/proc/{self.pid}/cmdline")
        words = command.read_bytes() if command.exists() else b""
        return not words or str(self.folder).encode() in words  # empty while it is being started

    def stop(self) -> None:
        """Let it write out what it holds and end; end it by force after half a minute."""
        if not self.is_running():
            return
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self.is_running():
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.1)


def start_broker(folder: Path, *, port: int = 0) -> Broker:
    """Start a broker that keeps its data in `folder`, and wait until it answers.

    Parameters
    ----------
    folder
        Made if absent. One that held a broker before keeps its topics and its password.
    port
        Port of the plain listener; 0 takes a free one, as the other listeners always do.

    Returns
    -------
    Broker
        The running broker; call its ``stop()``.

    Raises
    ------
    KafkaUnavailable
        If Java or the server's jars cannot be had.
    RuntimeError
        If the server ends or stays silent; the message holds the end of its log.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    java = java_command()
    password = _password(folder)
    ports = [str(port or free) for port, free in zip((port, 0, 0, 0), free_ports(4), strict=True)]
    plaintext, sasl, tls, controller = (f"127.0.0.1:{port}" for port in ports)
    keystore, ca = _certificate(folder, password)
    settings = _private_file(
        folder / "server.properties",
        _PROPERTIES.format(
            plaintext=plaintext, sasl=sasl, tls=tls, controller=controller,
            login=_LOGIN, keystore=keystore, password=password, data=folder / "data",
        ),
    )  # fmt: skip
    _format_storage(java, settings, password)
    process = _launch(java, settings, folder / "server.log")
    broker = Broker(folder, process.pid, plaintext, sasl, tls, ca, USER, password)
    _private_file(folder / "broker.json", json.dumps(asdict(broker), default=str))
    _wait_until_it_answers(broker)
    return broker


def last_broker(folder: Path) -> Broker | None:
    """Return the broker last started in `folder`, running or not; None if there was none."""
    record = folder / "broker.json"
    if not record.is_file():
        return None
    known = json.loads(record.read_text())
    return Broker(**{**known, "folder": Path(known["folder"]), "ca": Path(known["ca"])})


def free_ports(count: int) -> list[int]:
    """Return distinct ports of 127.0.0.1 that nobody listened on a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _password(folder: Path) -> str:
    known = last_broker(folder)
    return known.password if known else secrets.token_urlsafe(18)


def _certificate(folder: Path, password: str) -> tuple[Path, Path]:
    """Make the server's key and self-signed certificate; return key store and PEM file."""
    keystore, ca = folder / "server.p12", folder / "ca.pem"
    if ca.is_file():
        return keystore, ca
    keytool = str(ensure_java() / "bin" / "keytool")
    common = ["-alias", "broker", "-keystore", str(keystore), "-storetype", "PKCS12"]
    common += ["-storepass:env", "STORE_PASSWORD"]
    environment = {**os.environ, "STORE_PASSWORD": password}
    make = [keytool, "-genkeypair", *common, "-keyalg", "RSA", "-validity", "3650"]
    make += ["-dname", "CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1"]
    subprocess.run(make, env=environment, check=True, capture_output=True)
    export = [keytool, "-exportcert", "-rfc", *common]
    shown = subprocess.run(export, env=environment, check=True, capture_output=True)
    ca.write_bytes(shown.stdout)
    return keystore, ca


def _format_storage(java: list[str], settings: Path, password: str) -> None:
    """Write the cluster's id and the user to an empty data folder; leave a used one alone."""
    identity = (
        "c2t5c2lmdC1sb2NhbC0wMQ"  # 16 bytes in base64, as Kafka wants; one node needs no other
    )
    command = [*java, "kafka.tools.StorageTool", "format", "--ignore-formatted"]
    command += ["--cluster-id", identity, "--config", str(settings)]
    command += ["--add-scram", f"SCRAM-SHA-512=[name={USER},password={password}]"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        said = (run.stdout + run.stderr).replace(password, "***")
        raise RuntimeError(f"Kafka could not format its storage: {said.strip()[-2000:]}")


def _launch(java: list[str], settings: Path, log: Path) -> subprocess.Popen:
    with log.open("ab") as sink:
        return subprocess.Popen(
            [*java, "kafka.Kafka", str(settings)],
            stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True,
        )  # fmt: skip


def _wait_until_it_answers(broker: Broker) -> None:
    deadline = time.monotonic() + START_SECONDS
    host, port = broker.plaintext.split(":")
    while time.monotonic() < deadline and broker.is_running():
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            AdminClient({"bootstrap.servers": broker.plaintext}).list_topics(timeout=30)
            return
        time.sleep(0.2)
    broker.stop()
    log = (broker.folder / "server.log").read_text(errors="replace")
    raise RuntimeError(f"Kafka did not start; the end of its log:\n{log[-3000:]}")


def _private_file(path: Path, text: str) -> Path:
    """Write a file that holds a password: nobody else may read it."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def _describe(broker: Broker) -> str:
    return "\n".join(
        [
            f"Kafka {VERSION}, process {broker.pid}, in {broker.folder}",
            f"  plain      {broker.plaintext}",
            f"  SCRAM      {broker.sasl}  user {broker.user}",
            f"  SCRAM+TLS  {broker.tls}  user {broker.user}  CA {broker.ca}",
            f"The password is in {broker.folder / 'broker.json'}.",
        ]
    )


def _start(folder: Path, port: int) -> int:
    broker = last_broker(folder)
    if broker is None or not broker.is_running():
        broker = start_broker(folder, port=port)
    print(_describe(broker))
    return 0


def _status(folder: Path) -> int:
    broker = last_broker(folder)
    running = broker is not None and broker.is_running()
    print(_describe(broker) if broker and running else f"No Kafka runs in {folder}.")
    return 0 if running else 1


def _stop(folder: Path) -> int:
    if broker := last_broker(folder):
        broker.stop()
    return _status(folder) and 0


def main() -> int:
    """Parse the command line and do one of the four things."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=["start", "status", "stop", "fetch"])
    parser.add_argument("--dir", type=Path, default=Path(".cache/kafka"), help="its folder")
    parser.add_argument("--port", type=int, default=9092, help="plain port; 0 for a free one")
    options = parser.parse_args()
    try:
        if options.verb == "start":
            return _start(options.dir, options.port)
        if options.verb == "fetch":
            print(f"Kafka {VERSION}: {java_command() and fetch_jars()}")
            return 0
        return _status(options.dir) if options.verb == "status" else _stop(options.dir)
    except (KafkaUnavailable, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
