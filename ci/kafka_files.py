"""What lies in a broker's folder before it starts: password, certificate, settings, log-in file."""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path

from skysift.stream.java import ensure_java

USER = "skysift"

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

_CLIENT = """\
# How to reach the TLS listener; the keys are librdkafka's.
security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-512
sasl.username={user}
sasl.password={password}
ssl.ca.location={ca}
"""


def password(folder: Path) -> str:
    """Return the password of this folder's broker, made up when it is first asked for."""
    known = folder / "password"
    if not known.is_file():
        private_file(known, secrets.token_urlsafe(18))
    return known.read_text()


def certificate(folder: Path) -> Path:
    """Make the server's key and self-signed certificate, once; return the PEM file to trust."""
    ca = folder / "ca.pem"
    if ca.is_file():
        return ca
    keytool = str(ensure_java() / "bin" / "keytool")
    common = ["-alias", "broker", "-keystore", str(folder / "server.p12"), "-storetype", "PKCS12"]
    common += ["-storepass:env", "STORE_PASSWORD"]
    environment = {**os.environ, "STORE_PASSWORD": password(folder)}
    make = [keytool, "-genkeypair", *common, "-keyalg", "RSA", "-validity", "3650"]
    make += ["-dname", "CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1"]
    subprocess.run(make, env=environment, check=True, capture_output=True)
    export = [keytool, "-exportcert", "-rfc", *common]
    shown = subprocess.run(export, env=environment, check=True, capture_output=True)
    ca.write_bytes(shown.stdout)
    return ca


def server_settings(folder: Path, **listeners: str) -> Path:
    """Write ``server.properties``; `listeners` are plaintext, sasl, tls, controller."""
    text = _PROPERTIES.format(
        **listeners,
        login=_LOGIN,
        keystore=folder / "server.p12",
        password=password(folder),
        data=folder / "data",
    )
    return private_file(folder / "server.properties", text)


def client_settings(folder: Path) -> Path:
    """Write ``client.properties``, which `skysift run --kafka-security` reads as it is."""
    text = _CLIENT.format(user=USER, password=password(folder), ca=certificate(folder))
    return private_file(folder / "client.properties", text)


def private_file(path: Path, text: str) -> Path:
    """Write a file that holds a secret: nobody else may read it."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path
