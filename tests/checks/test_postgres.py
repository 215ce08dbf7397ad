"""PostgreSQL: where signing in fails tells why, and nothing of this machine is lent to it."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from django.db import connection

from connections.checks import Outcome
from connections.checks.attempts import Attempt
from connections.checks.pem_files import pem_files
from connections.checks.postgres import authorities
from connections.egress import send
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from tests.checks.servers import Serve, free_port, listening
from tests.checks.trying import said, tried, values_of

METHODS = {method.id: method for method in read_file(BUILT_IN / "postgres.yaml").methods}
SSL_REQUEST = 80877103
ONE_ROW = (
    b"T\x00\x00\x00\x1a\x00\x01c\x00" + struct.pack("!ihihih", 0, 0, 23, 4, -1, 0),
    b"D\x00\x00\x00\x0b\x00\x01\x00\x00\x00\x011",
    b"C\x00\x00\x00\rSELECT 1\x00",
    b"Z\x00\x00\x00\x05I",
)
AUTH_OK = b"R\x00\x00\x00\x08\x00\x00\x00\x00"
ASK_FOR_PASSWORD = b"R\x00\x00\x00\x08\x00\x00\x00\x03"
READY = b"Z\x00\x00\x00\x05I"


def failure(code: str, message: str) -> bytes:
    text = b"SFATAL\0VFATAL\0C%s\0M%s\0\0" % (code.encode(), message.encode())
    return b"E" + struct.pack("!i", len(text) + 4) + text


class FakePostgres:
    """Speaks the start of protocol 3.0 with a password in the clear; each test spoils one step."""

    def __init__(self, context: ssl.SSLContext | None = None, **steps: Any) -> None:
        self.context = context
        self.steps: dict[str, Any] = {"password": "s3cret", **steps}
        self.seen: dict[str, Any] = {}

    def __call__(self, connected: socket.socket) -> None:
        length, code = struct.unpack("!ii", exactly(connected, 8))
        if code == SSL_REQUEST:
            connected.sendall(b"S" if self.context else b"N")
            if not self.context:
                return
            connected = self.context.wrap_socket(connected, server_side=True)
            self.seen["tls"] = True
            length, code = struct.unpack("!ii", exactly(connected, 8))
        self.seen["startup"] = exactly(connected, length - 8)
        self.sign_in(connected)

    def sign_in(self, connected: socket.socket) -> None:
        if "refusal" in self.steps:
            connected.sendall(self.steps["refusal"])
            return
        if self.steps["password"] is not None:
            connected.sendall(self.steps.get("method", ASK_FOR_PASSWORD))
            self.seen["password"] = message(connected).rstrip(b"\0").decode()
            if self.seen["password"] != self.steps["password"]:
                connected.sendall(failure("28P01", 'password of "ada" is not s3cret'))
                return
        connected.sendall(AUTH_OK + self.steps.get("after", READY))
        if "after" not in self.steps:
            self.seen["query"] = message(connected)
            connected.sendall(self.steps.get("rows", b"".join(ONE_ROW)))
            connected.recv(1)


def exactly(connected: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = connected.recv(count - len(found))
        if not more:
            raise ConnectionError
        found += more
    return found


def message(connected: socket.socket) -> bytes:
    """The body of one message."""
    length = struct.unpack("!i", exactly(connected, 5)[1:])[0]
    return exactly(connected, length - 4)


def try_parts(serve: Serve, **changes: Any) -> Outcome:
    credentials = {"username": "ada", "password": "s3cret", **changes.pop("credentials", {})}
    with listening(serve) as port:
        config = {"host": "127.0.0.1", "port": port, "sslmode": "disable", **changes}
        return tried(METHODS["password"], values_of(config, **credentials))


def test_signing_in_and_one_query_pass() -> None:
    fake = FakePostgres()
    assert try_parts(fake, database="sales") == Outcome(status="passed")
    pairs = fake.seen["startup"].split(b"\0")
    told = dict(zip(pairs[::2], pairs[1::2], strict=False))
    assert (told[b"user"], told[b"database"]) == (b"ada", b"sales")
    assert fake.seen["query"] == b"SELECT 1\0"


def test_connection_string_says_it_all_in_one() -> None:
    fake = FakePostgres(password="p@ss")
    with listening(fake) as port:
        text = f"postgres://ada:p%40ss@127.0.0.1:{port}/sales?sslmode=disable"
        outcome = tried(METHODS["connection_string"], values_of(connection_string=text))
    assert said(outcome) == ("passed", "")
    assert fake.seen["password"] == "p@ss"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param({"password": "other"}, ("failed", "unauthorized"), id="wrong-password"),
        pytest.param({"refusal": failure("28000", 'no pg_hba.conf entry for host "1.2.3.4"')},
                     ("failed", "forbidden_scope"), id="host-not-allowed"),
        pytest.param({"refusal": failure("28000", 'role "ada" does not exist')},
                     ("failed", "unauthorized"), id="no-such-role"),
        pytest.param({"refusal": failure("53300", "sorry, too many clients already")},
                     ("unverifiable", "rate_limited"), id="too-many"),
        pytest.param({"refusal": failure("57P03", "the database system is starting up")},
                     ("unverifiable", "service_error"), id="starting"),
        pytest.param({"refusal": failure("57P03", "Das Datenbanksystem startet gerade")},
                     ("unverifiable", "service_error"), id="starting-in-german"),
        pytest.param({"after": failure("3D000", 'database "x" does not exist')},
                     ("failed", "not_found_base_url"), id="no-such-database"),
        pytest.param({"after": failure("42501", 'permission denied for database "x"')},
                     ("failed", "forbidden_scope"), id="no-right-to-connect"),
        pytest.param({"after": failure("53300", 'too many connections for role "x"')},
                     ("unverifiable", "rate_limited"), id="too-many-of-a-role"),
        pytest.param({"rows": failure("42501", "permission denied")},
                     ("failed", "forbidden_scope"), id="not-permitted"),
        pytest.param({"rows": failure("XX000", "s3cret")}, ("unverifiable", "service_error"),
                     id="query-fails"),
        pytest.param({"rows": b"N\x00\x00\x00\x05\x00" * 5000}, ("unverifiable", None),
                     id="noise"),
        pytest.param({"rows": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, ("unverifiable", None),
                     id="not-the-protocol"),
        pytest.param({"refusal": b"HTTP/1.1 400 Bad Request\r\n\r\n"},
                     ("unverifiable", "service_error"), id="http"),
        pytest.param({"method": b"R\x00\x00\x00\x08\x00\x00\x00\x07"},
                     ("unverifiable", "service_error"), id="asks-for-kerberos"),
    ],
)  # fmt: skip
def test_failures_have_their_causes(
    monkeypatch: pytest.MonkeyPatch, steps: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    monkeypatch.setattr("connections.checks.postgres.SECONDS", 1.0)
    outcome = try_parts(FakePostgres(**steps))
    assert said(outcome) == (expected[0], expected[1] or outcome.cause)
    assert "s3cret" not in repr(outcome)


def test_password_that_is_asked_for_and_not_given_is_a_refusal() -> None:
    outcome = try_parts(FakePostgres(), credentials={"password": ""})
    assert said(outcome) == ("failed", "unauthorized")


def close_at_once(connected: socket.socket) -> None:
    connected.recv(1)


def never_answer(connected: socket.socket) -> None:
    time.sleep(3)


def never_answer_the_query(connected: socket.socket) -> None:
    FakePostgres(password=None, rows=b"").__call__(connected)
    time.sleep(3)


@pytest.mark.parametrize(
    ("serve", "expected"),
    [
        (close_at_once, ("unverifiable", "service_error")),
        (never_answer, ("unverifiable", "timeout")),
        (never_answer_the_query, ("unverifiable", "timeout")),
    ],
)
def test_server_that_does_not_speak_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch,
    serve: Callable[[socket.socket], None],
    expected: tuple[str, str],
) -> None:
    monkeypatch.setattr("connections.checks.postgres.SECONDS", 0.3)
    assert said(try_parts(serve)) == expected


def test_server_that_is_down_is_no_verdict() -> None:
    config = {"host": "127.0.0.1", "port": free_port()}
    outcome = tried(METHODS["password"], values_of(config, username="ada", password="p"))
    assert said(outcome) == ("unverifiable", "refused")


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "127.0.0.1"])
def test_address_that_may_not_be_called_is_refused(settings: Any, host: str) -> None:
    settings.EGRESS_ALLOW_CIDRS = []
    fake = FakePostgres()
    assert said(try_parts(fake, host=host)) == ("failed", "blocked")
    assert fake.seen == {}


@pytest.mark.parametrize(
    "query",
    [
        "hostaddr=10.0.0.1",
        "service=x",
        "sslrootcert=/etc/passwd",
        "sslkey=/etc/passwd",
        "passfile=/etc/passwd",
        "sslkeylogfile=/tmp/keys",
        "requirepeer=root",
        "gssencmode=prefer",
    ],
)
def test_connection_string_names_no_file_and_no_address_of_this_machine(query: str) -> None:
    """What is not on the list is left out: the same server is asked in the same way."""
    fake = FakePostgres()
    with listening(fake) as port:
        text = f"postgresql://ada:s3cret@127.0.0.1:{port}/sales?sslmode=disable&{query}"
        outcome = tried(METHODS["connection_string"], values_of(connection_string=text))
    assert said(outcome) == ("passed", "")


@pytest.mark.parametrize(
    "text",
    [
        *("postgresql:///sales", "postgresql:///sales?host=/var/run/postgresql", "postgresql://"),
        *("postgresql://h:port/x", "postgresql://h/x?nothing=1", "postgresql://%zz@h/x"),
        *("postgresql://a,b,c,d/x", "postgresql:///x?host=@abstract"),
        "postgresql://%2Fvar%2Frun/x",
    ],
)
def test_string_that_cannot_be_used_is_refused_without_a_call(text: str) -> None:
    outcome = tried(METHODS["connection_string"], values_of(connection_string=text))
    assert said(outcome) == ("failed", "not_found_base_url")


def server_context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("sslmode", "name", "trusted", "expected"),
    [
        ("require", "other", "", ("passed", "")),
        ("verify-ca", "other", "field", ("passed", "")),
        ("verify-ca", "other", "", ("unverifiable", "tls")),
        ("verify-full", "localhost", "field", ("passed", "")),
        ("verify-full", "localhost", "operator", ("passed", "")),
        ("verify-full", "other", "field", ("unverifiable", "tls")),
        ("verify-full", "localhost", "", ("unverifiable", "tls")),
    ],
)
def test_tls_is_checked_as_far_as_the_connection_says(
    settings: Any,
    tmp_path: Path,
    sslmode: str,
    name: str,
    trusted: str,
    expected: tuple[str, str],
) -> None:
    authority = trustme.CA()
    fake = FakePostgres(server_context(authority, name))
    pem = authority.cert_pem.bytes().decode()
    if trusted == "operator":
        (tmp_path / "ca.pem").write_text(pem)
        settings.EGRESS_CA_FILE = str(tmp_path / "ca.pem")
    config = {"host": "localhost", "sslmode": sslmode}
    given = {"sslrootcert": pem} if trusted == "field" else {}
    assert said(try_parts(fake, **config, **given)) == expected
    assert ("password" in fake.seen) is (expected == ("passed", ""))


def test_password_is_not_sent_without_tls_unless_the_connection_says_so() -> None:
    fake = FakePostgres()
    with listening(fake) as port:
        config = {"host": "127.0.0.1", "port": port}
        outcome = tried(METHODS["password"], values_of(config, username="ada", password="s3cret"))
        text = f"postgresql://ada:s3cret@127.0.0.1:{port}/sales"
        other = tried(METHODS["connection_string"], values_of(connection_string=text))
    assert said(outcome) == said(other) == ("unverifiable", "tls")
    assert fake.seen == {}


def test_client_certificate_is_shown_where_one_is_given(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = server_context(authority, "localhost")
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    client = authority.issue_cert("ada@example.com")
    certificate = client.cert_chain_pems[0].bytes().decode()
    given = {
        "sslcert": certificate,
        "credentials": {"password": "", "sslkey": client.private_key_pem.bytes().decode()},
    }
    fake = FakePostgres(context, password=None)
    assert said(try_parts(fake, host="localhost", sslmode="require", **given)) == ("passed", "")
    given["credentials"] = {"password": "x"}
    given.pop("sslcert")
    assert said(try_parts(fake, host="localhost", sslmode="require", **given))[0] == "unverifiable"


def test_keys_lie_in_files_of_ours_only_while_they_are_used() -> None:
    with pem_files({"sslkey": "KEY", "sslcert": ""}) as files:
        path = Path(files["sslkey"])
        assert set(files) == {"sslkey"}
        assert path.read_text() == "KEY"
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert not path.parent.exists()


def test_authorities_of_the_machine_are_found() -> None:
    assert "BEGIN CERTIFICATE" in authorities()


def test_nothing_secret_is_shown() -> None:
    values = values_of(connection_string="postgres://ada:canary@h/1")
    assert "canary" not in repr(
        Attempt(method=METHODS["connection_string"], values=values, send=send)
    )


@pytest.fixture
def real_server() -> Iterator[int]:
    """A port of this machine that leads to the server of the test run, which has only a socket."""
    place = connection.get_connection_params() if connection.vendor == "postgresql" else {}
    if not str(place.get("host")).startswith("/"):
        pytest.skip("The run has no PostgreSQL server with a socket.")

    def serve(connected: socket.socket) -> None:
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(f"{place['host']}/.s.PGSQL.{place.get('port') or 5432}")
            threading.Thread(target=pump, args=(server, connected), daemon=True).start()
            pump(connected, server)

    with listening(serve) as port:
        yield port


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while received := source.recv(4096):
            target.sendall(received)
    except OSError:
        return


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("passed", "")),
        ({"database": "nothing-here"}, ("failed", "not_found_base_url")),
        ({"username": "nobody-here"}, ("failed", "unauthorized")),
        ({"sslmode": "require"}, ("unverifiable", "tls")),
    ],
    ids=str,
)
def test_real_server_answers_as_the_fake_one(
    real_server: int, changes: dict[str, str], expected: tuple[str, str]
) -> None:
    user = changes.get("username", connection.get_connection_params()["user"])
    config = {"host": "127.0.0.1", "port": real_server, "sslmode": "disable", **changes}
    outcome = tried(METHODS["password"], values_of(config, username=user, password="x"))
    assert said(outcome) == expected


def test_nothing_is_taken_from_the_environment_of_this_process(monkeypatch: Any) -> None:
    """libpq would fill in what a connection string leaves out, and send it to whoever listens."""
    secrets = {"PGUSER": "operator", "PGPASSWORD": "operators-own", "PGDATABASE": "ours"}
    for name, value in {**secrets, "PGOPTIONS": "-c canary=1", "PGAPPNAME": "canary"}.items():
        monkeypatch.setenv(name, value)
    fake = FakePostgres()
    with listening(fake) as port:
        text = f"postgresql://127.0.0.1:{port}/?sslmode=disable"
        tried(METHODS["connection_string"], values_of(connection_string=text))
    assert fake.seen["startup"]
    heard = repr(fake.seen)
    assert [word for word in ("operator", "ours", "canary") if word in heard] == []
