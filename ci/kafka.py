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
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from confluent_kafka.admin import AdminClient

from ci import kafka_files
from ci.kafka_files import USER, certificate, client_settings, private_file, server_settings
from ci.kafka_jars import VERSION, java_command

START_SECONDS = 180.0
STOP_SECONDS = 30.0


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
    login
        File of client settings for `tls`, as ``skysift run --kafka-security`` takes it.
    user, password
        What `sasl` and `tls` ask for.
    """

    folder: Path
    pid: int
    plaintext: str
    sasl: str
    tls: str
    ca: Path
    login: Path
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
        deadline = time.monotonic() + STOP_SECONDS
        while self.is_running():
            late = time.monotonic() > deadline
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL if late else signal.SIGTERM)
            time.sleep(0.2)


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
    ports = [str(port or free) for port, free in zip((port, 0, 0, 0), free_ports(4), strict=True)]
    plaintext, sasl, tls, controller = (f"127.0.0.1:{port}" for port in ports)
    ca, password, login = certificate(folder), kafka_files.password(folder), client_settings(folder)
    settings = server_settings(
        folder, plaintext=plaintext, sasl=sasl, tls=tls, controller=controller
    )
    _format_storage(java, settings, password)
    pid = _launch(java, settings, folder / "server.log")
    broker = Broker(folder, pid, plaintext, sasl, tls, ca, login, USER, password)
    private_file(folder / "broker.json", json.dumps(asdict(broker), default=str))
    _wait_until_it_answers(broker)
    return broker


def last_broker(folder: Path) -> Broker | None:
    """Return the broker last started in `folder`, running or not; None if there was none."""
    record = folder / "broker.json"
    if not record.is_file():
        return None
    known = json.loads(record.read_text())
    paths = {name: Path(known[name]) for name in ("folder", "ca", "login")}
    return Broker(**{**known, **paths})


def free_ports(count: int) -> list[int]:
    """Return distinct ports of 127.0.0.1 that nobody listened on a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _format_storage(java: list[str], settings: Path, password: str) -> None:
    """Write the cluster's id and the user to an empty data folder; leave a used one alone."""
    # Any 16 bytes in base64 will do for a cluster's id: nothing else is ever joined to this one.
    identity = "c2t5c2lmdC1sb2NhbC0wMQ"
    command = [*java, "kafka.tools.StorageTool", "format", "--ignore-formatted"]
    command += ["--cluster-id", identity, "--config", str(settings)]
    command += ["--add-scram", f"SCRAM-SHA-512=[name={USER},password={password}]"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        said = (run.stdout + run.stderr).replace(password, "***")
        raise RuntimeError(f"Kafka could not format its storage: {said.strip()[-2000:]}")


def _launch(java: list[str], settings: Path, log: Path) -> int:
    """Start the server in a session of its own, so that it outlives this one; return its id."""
    with log.open("ab") as sink:
        return subprocess.Popen(
            [*java, "kafka.Kafka", str(settings)],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ).pid


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


def _describe(broker: Broker) -> str:
    return f"""\
Kafka {VERSION}, process {broker.pid}, in {broker.folder}
  plain      {broker.plaintext}
  SCRAM      {broker.sasl}  user {broker.user}
  SCRAM+TLS  {broker.tls}  user {broker.user}  CA {broker.ca}
Log-in for skysift's --kafka-security: {broker.login}"""


def _report(folder: Path) -> bool:
    """Print how the broker can be reached, or that there is none; return which."""
    broker = last_broker(folder)
    running = broker is not None and broker.is_running()
    print(_describe(broker) if broker and running else f"No Kafka runs in {folder}.")
    return running


def _do(verb: str, folder: Path, port: int) -> int:
    broker = last_broker(folder)
    if verb == "fetch":
        java_command()
        print(f"Kafka {VERSION} is there.")
        return 0
    if verb == "start" and not (broker and broker.is_running()):
        start_broker(folder, port=port)
    if verb == "stop" and broker:
        broker.stop()
    running = _report(folder)
    return 0 if running or verb == "stop" else 1


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
        return _do(options.verb, options.dir, options.port)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
