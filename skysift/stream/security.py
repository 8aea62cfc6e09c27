"""How to log in to Kafka: one description, told to Spark's Java client and to librdkafka.

A secret never leaves this object but for the two option tables made for the clients: it is in no
`repr`, no error and no log line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ENVIRONMENT = "SKYSIFT_KAFKA_"
"""Prefix of the environment variables: ``SKYSIFT_KAFKA_USERNAME`` and so on."""

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")

LOGIN_MODULES = {
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
}
"""SASL mechanisms, and the Java class that logs in by each."""

CLIENT_NAMES = {
    "protocol": "security.protocol",
    "mechanism": "sasl.mechanism",
    "username": "sasl.username",
    "password": "sasl.password",
    "ca_file": "ssl.ca.location",
    "certificate_file": "ssl.certificate.location",
    "key_password": "ssl.key.password",
}
"""Our settings, and librdkafka's names for them."""

SETTINGS = {
    **{name: name for name in CLIENT_NAMES},
    **{alias: name for name, alias in CLIENT_NAMES.items()},
    "sasl.mechanisms": "mechanism",
}
"""What a file may call each setting."""


@dataclass(frozen=True)
class KafkaSecurity:
    """Log-in and encryption for a Kafka cluster; the default is neither.

    Attributes
    ----------
    protocol : str
        One of `PROTOCOLS`. If empty, what the other settings need.
    mechanism : str
        A key of `LOGIN_MODULES`; ``SCRAM-SHA-512`` if empty and there is a user name.
    username, password : str
        SASL credentials.
    ca_file : str
        PEM file of the authorities to trust; the system's own if empty.
    certificate_file : str
        PEM file with the client's certificate and its private key (PKCS #8), where the cluster
        asks the client for one.
    key_password : str
        Password of that private key.

    Raises
    ------
    ValueError
        If the settings contradict each other; the message holds no secret.

    Examples
    --------
    >>> KafkaSecurity(username="ada", password="secret")  # doctest: +NORMALIZE_WHITESPACE
    KafkaSecurity(protocol='SASL_PLAINTEXT', mechanism='SCRAM-SHA-512', username='ada',
                  ca_file='', certificate_file='')
    """

    protocol: str = ""
    mechanism: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    certificate_file: str = ""
    key_password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Fill in what follows from the rest, and refuse what contradicts it."""
        encrypted = bool(self.ca_file or self.certificate_file)
        implied = ("SASL_" if self.username else "") + ("SSL" if encrypted else "PLAINTEXT")
        object.__setattr__(self, "protocol", (self.protocol or implied).upper())
        if self.username:
            mechanism = (self.mechanism or "SCRAM-SHA-512").upper()
            object.__setattr__(self, "mechanism", mechanism)
        self._check()

    @classmethod
    def from_file(cls, path: str | Path) -> KafkaSecurity:
        """Read the settings from a file.

        Parameters
        ----------
        path : path
            A TOML file if it is named ``….toml``, otherwise lines ``key = value`` (``#`` begins
            a comment line). Keys are the attributes above or librdkafka's names for them
            (``sasl.username``, …).

        Raises
        ------
        OSError
            If it cannot be read.
        ValueError
            Naming the file and the line or key at fault, never a value.
        """
        path = Path(path)
        text = path.read_text(encoding="utf-8")
        entries = _from_toml(text, path) if path.suffix == ".toml" else _from_lines(text)
        return _made(cls, entries, str(path))

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> KafkaSecurity:
        """Read the settings from environment variables ``SKYSIFT_KAFKA_USERNAME`` and so on.

        Raises
        ------
        ValueError
            Naming the variable at fault, never its value.
        """
        entries = [
            Entry(name, name.removeprefix(ENVIRONMENT).lower(), value)
            for name, value in environment.items()
            if name.startswith(ENVIRONMENT)
        ]
        return _made(cls, entries, "environment")

    def for_client(self) -> dict[str, str]:
        """Options of librdkafka (confluent-kafka). They hold the secrets: do not print them."""
        options = {alias: getattr(self, name) for name, alias in CLIENT_NAMES.items()}
        options["ssl.key.location"] = self.certificate_file
        return {name: value for name, value in options.items() if value}

    def for_spark(self) -> dict[str, str]:
        """Options of Spark's Kafka source and sink. They hold the secrets: do not print them."""
        options = {
            "security.protocol": self.protocol,
            "sasl.mechanism": self.mechanism,
            "sasl.jaas.config": self._jaas() if self.username else "",
            "ssl.truststore.location": self.ca_file,
            "ssl.truststore.type": "PEM" if self.ca_file else "",
            "ssl.keystore.location": self.certificate_file,
            "ssl.keystore.type": "PEM" if self.certificate_file else "",
            "ssl.key.password": self.key_password,
        }
        return {f"kafka.{name}": value for name, value in options.items() if value}

    def _jaas(self) -> str:
        module = LOGIN_MODULES[self.mechanism]
        user, password = _quoted(self.username), _quoted(self.password)
        return f"{module} required username={user} password={password};"

    def _check(self) -> None:
        if self.protocol not in PROTOCOLS:
            raise ValueError(f"protocol must be one of {', '.join(PROTOCOLS)}")
        sasl = self.protocol.startswith("SASL_")
        if sasl and not (self.username and self.password):
            raise ValueError(f"protocol {self.protocol} needs username and password")
        if not sasl and (self.username or self.password):
            raise ValueError(f"protocol {self.protocol} takes no username and password")
        if sasl and self.mechanism not in LOGIN_MODULES:
            raise ValueError(f"mechanism must be one of {', '.join(LOGIN_MODULES)}")
        if not self.protocol.endswith("SSL") and (self.ca_file or self.certificate_file):
            raise ValueError(f"protocol {self.protocol} uses no certificates; SSL or SASL_SSL do")
        if not (self.username + self.password).isprintable():
            raise ValueError("user name and password must be printable characters")


class Entry(NamedTuple):
    """One setting as it was found; `where` may be shown, unlike key and value."""

    where: str
    key: str
    value: object


def _made(cls: type[KafkaSecurity], entries: list[Entry], source: str) -> KafkaSecurity:
    given = {}
    for where, key, value in entries:
        if key not in SETTINGS:
            raise ValueError(
                f"{source}: {where}: no such setting; there are: {', '.join(SETTINGS)}"
            )
        if not isinstance(value, str):
            raise ValueError(f"{source}: {where}: must be text")
        given[SETTINGS[key]] = value
    try:
        return cls(**given)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None


def _from_toml(text: str, path: Path) -> list[Entry]:
    table = None
    with suppress(tomllib.TOMLDecodeError):  # it carries the document, so it may not be chained
        table = _flat(tomllib.loads(text))
    if table is None:
        raise ValueError(f"{path}: not valid TOML")
    return [Entry(f"key {key!r}", key, value) for key, value in table.items()]


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Join nested keys by dots: TOML reads ``sasl.username`` as a table ``sasl``."""
    flat: dict[str, object] = {}
    for key, value in table.items():
        name = prefix + key
        flat |= _flat(value, name + ".") if isinstance(value, Mapping) else {name: value}
    return flat


def _from_lines(text: str) -> list[Entry]:
    lines = enumerate(map(str.strip, text.splitlines()), start=1)
    pairs = [(n, line.partition("=")) for n, line in lines if line and not line.startswith("#")]
    # What stands before "=" is not shown: it is part of the secret where somebody wrote no key.
    return [Entry(f"line {n}", key.strip(), value.strip()) for n, (key, _, value) in pairs]


def _quoted(value: str) -> str:
    """Quote a value for a JAAS line, which knows backslash escapes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
