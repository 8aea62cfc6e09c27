"""Kafka log-in settings: what the clients are told, and that nobody else learns a secret.

What each client wants is in its own documentation: librdkafka's CONFIGURATION.md, and Kafka's
"Security" chapter for the Java options and the JAAS line. That both are accepted by a real broker
is tested where there is one.
"""

from __future__ import annotations

import logging
import pickle
import traceback

import pytest
from confluent_kafka.admin import AdminClient

from skysift.stream.security import KafkaSecurity
from skysift.stream.subscribe import subscribe

SECRET = 'correct horse"battery\\staple'

SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


def write(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


def test_nothing_said_is_plain_text():
    assert KafkaSecurity().for_client() == {"security.protocol": "PLAINTEXT"}
    assert KafkaSecurity().for_spark() == {"kafka.security.protocol": "PLAINTEXT"}


def test_credentials_alone_mean_scram_without_encryption():
    assert KafkaSecurity(username="ada", password="pw").for_client() == {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "ada",
        "sasl.password": "pw",
    }


def test_everything_reaches_librdkafka():
    security = KafkaSecurity(
        mechanism="scram-sha-256", username="ada", password="pw",
        ca_file="ca.pem", certificate_file="me.pem", key_password="kp",
    )  # fmt: skip
    assert security.for_client() == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": "ada",
        "sasl.password": "pw",
        "ssl.ca.location": "ca.pem",
        "ssl.certificate.location": "me.pem",
        "ssl.key.location": "me.pem",
        "ssl.key.password": "kp",
    }


def test_everything_reaches_spark():
    security = KafkaSecurity(
        username="ada",
        password="pw",
        ca_file="ca.pem",
        certificate_file="me.pem",
        key_password="kp",
    )
    assert security.for_spark() == {
        "kafka.security.protocol": "SASL_SSL",
        "kafka.sasl.mechanism": "SCRAM-SHA-512",
        "kafka.sasl.jaas.config": f'{SCRAM} required username="ada" password="pw";',
        "kafka.ssl.truststore.type": "PEM",
        "kafka.ssl.truststore.location": "ca.pem",
        "kafka.ssl.keystore.type": "PEM",
        "kafka.ssl.keystore.location": "me.pem",
        "kafka.ssl.key.password": "kp",
    }


def test_the_plain_mechanism_has_its_own_login_module():
    line = KafkaSecurity(mechanism="PLAIN", username="a", password="b").for_spark()
    assert line["kafka.sasl.jaas.config"].startswith(f"{PLAIN} required ")


def test_a_jaas_line_escapes_quotes_and_backslashes():
    line = KafkaSecurity(username='a"b', password="c\\d").for_spark()["kafka.sasl.jaas.config"]
    assert line.endswith('username="a\\"b" password="c\\\\d";')


FILES = {
    "ours.properties": "# mine\n\nusername = ada\npassword=p=w\nca_file = ca.pem\n",
    "librdkafka.properties": "sasl.username=ada\nsasl.password=p=w\nssl.ca.location=ca.pem\n"
    "sasl.mechanisms=SCRAM-SHA-512\n",
    "ours.toml": 'username = "ada"\npassword = "p=w"\nca_file = "ca.pem"\n',
    "librdkafka.toml": 'sasl.username = "ada"\nsasl.password = "p=w"\nssl.ca.location = "ca.pem"\n',
}


@pytest.mark.parametrize("name", FILES)
def test_files_of_every_kind_say_the_same(tmp_path, name):
    wanted = KafkaSecurity(username="ada", password="p=w", ca_file="ca.pem")
    assert KafkaSecurity.from_file(write(tmp_path, name, FILES[name])) == wanted


def test_the_environment_says_the_same():
    environment = {
        "SKYSIFT_KAFKA_USERNAME": "ada",
        "SKYSIFT_KAFKA_PASSWORD": "pw",
        "SKYSIFT_KAFKA_PROTOCOL": "sasl_ssl",
        "HOME": "/",
    }
    wanted = KafkaSecurity(protocol="SASL_SSL", username="ada", password="pw")
    assert KafkaSecurity.from_env(environment) == wanted
    assert KafkaSecurity.from_env({"HOME": "/"}) == KafkaSecurity()


CONTRADICTIONS = {
    "user name without password": {"username": "ada"},
    "password without user name": {"password": SECRET},
    "SASL without credentials": {"protocol": "SASL_SSL"},
    "credentials without SASL": {"protocol": "SSL", "username": "ada", "password": SECRET},
    "certificates without TLS": {"protocol": "PLAINTEXT", "ca_file": "ca.pem"},
    "unknown protocol": {"protocol": SECRET},
    "unknown mechanism": {"username": "ada", "password": SECRET, "mechanism": SECRET},
    "line break": {"username": "ada", "password": SECRET + "\n"},
}


@pytest.mark.parametrize("given", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_contradictions_are_refused_without_a_secret(given):
    with pytest.raises(ValueError) as caught:
        KafkaSecurity(**given)
    assert SECRET not in whole_story(caught.value)


MISTAKES = {
    "unknown.properties": ("line 2", f"username=ada\n{SECRET}=\n"),
    "no-key.properties": ("line 1", f"{SECRET}\n"),
    "colon.properties": ("line 1", f"password: {SECRET}=\n"),
    "unknown.toml": ("'pass'", f"pass = '{SECRET}'\n"),
    "number.toml": ("'password'", "password = 12345678\n"),
    "broken.toml": ("not valid TOML", f"password = {SECRET}\n"),
    "incomplete.toml": ("needs username", f"protocol='SASL_SSL'\npassword = '{SECRET}'\n"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_in_a_file_are_placed_without_a_secret(tmp_path, name):
    place, text = MISTAKES[name]
    with pytest.raises(ValueError, match=place) as caught:
        KafkaSecurity.from_file(write(tmp_path, name, text))
    assert name in str(caught.value)
    assert SECRET not in whole_story(caught.value)
    assert "12345678" not in whole_story(caught.value)


def test_a_mistake_in_the_environment_is_named_without_its_value():
    with pytest.raises(ValueError, match="SKYSIFT_KAFKA_PASWORD") as caught:
        KafkaSecurity.from_env({"SKYSIFT_KAFKA_PASWORD": SECRET})
    assert SECRET not in whole_story(caught.value)


@pytest.mark.parametrize(
    "show", [repr, str, "{}".format, "{0!r}".format], ids=["repr", "str", "format", "format-repr"]
)
def test_no_secret_is_shown(show):
    shown = show(KafkaSecurity(username="ada", password=SECRET, ca_file="c", key_password="hidden"))
    assert "ada" in shown
    assert "hidden" not in shown and "horse" not in shown


def test_secrets_survive_a_pickle_but_no_log_line(caplog):
    security = KafkaSecurity(username="ada", password=SECRET)
    assert pickle.loads(pickle.dumps(security)).for_client() == security.for_client()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("anyone").info("%s", {"security": security})
    assert "ada" in caplog.text and "horse" not in caplog.text


def test_a_real_broker_takes_the_credentials_with_and_without_tls(kafka_broker):
    login = {"username": kafka_broker.user, "password": kafka_broker.password}
    for servers, security in (
        (kafka_broker.sasl, KafkaSecurity(**login)),
        (kafka_broker.tls, KafkaSecurity(**login, ca_file=str(kafka_broker.ca))),
    ):
        client = AdminClient({"bootstrap.servers": servers, **security.for_client()})
        assert client.list_topics(timeout=20).brokers


def test_a_real_broker_that_refuses_is_an_error_without_the_secret(kafka_broker, capfd, caplog):
    security = KafkaSecurity(username=kafka_broker.user, password=SECRET)
    with caplog.at_level(logging.DEBUG), pytest.raises(ConnectionError, match="uthentication") as e:
        subscribe(kafka_broker.sasl, ["any"], security=security)
    written = capfd.readouterr()
    for place in (whole_story(e.value), caplog.text, written.out, written.err):
        assert "horse" not in place


def whole_story(error: BaseException) -> str:
    """Return all that a traceback prints, and what the errors behind it carry."""
    story = "".join(traceback.format_exception(error))
    while error is not None:
        story += repr(vars(error)) + repr(error.args)
        error = error.__cause__ or error.__context__
    return story
