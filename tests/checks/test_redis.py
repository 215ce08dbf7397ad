"""Redis: what is said to a server, and what each of its lines says of a connection."""

import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from connections.checks import Outcome
from connections.checks.attempts import Attempt
from connections.checks.redis import server_of
from connections.egress import send
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from tests.checks.servers import Serve, free_port, listening
from tests.checks.trying import said, tried, values_of

METHODS = {method.id: method for method in read_file(BUILT_IN / "redis.yaml").methods}


class FakeRedis:
    """Reads arrays of bulk strings, and answers each by its name and arguments."""

    def __init__(self, password: str = "s3cret", user: str = "default", **replies: bytes) -> None:
        self.password, self.user, self.replies = password, user, replies
        self.seen: list[list[str]] = []

    def __call__(self, connected: socket.socket) -> None:
        with connected.makefile("rwb") as stream:
            while first := stream.readline():
                parts = []
                for _number in range(int(first[1:])):
                    length = int(stream.readline()[1:])
                    parts.append(stream.read(length + 2)[:-2].decode())
                self.seen.append(parts)
                stream.write(self.reply(*parts))
                stream.flush()

    def reply(self, name: str, *arguments: str) -> bytes:
        if name in self.replies:
            return self.replies[name]
        if name != "AUTH":
            return b"+PONG\r\n" if name == "PING" else b"+OK\r\n"
        given = arguments if len(arguments) == 2 else ("default", *arguments)
        if given == (self.user, self.password):
            return b"+OK\r\n"
        return b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"


def try_parts(serve: Serve, **changes: Any) -> Outcome:
    credentials = {"password": "s3cret", **changes.pop("credentials", {})}
    with listening(serve) as port:
        config = {"host": "127.0.0.1", "port": port, "tls": False, **changes}
        return tried(METHODS["parts"], values_of(config, **credentials))


def test_signing_in_and_a_ping_pass() -> None:
    fake = FakeRedis()
    assert try_parts(fake) == Outcome(status="passed")
    assert fake.seen == [["AUTH", "s3cret"], ["PING"]]


def test_user_and_database_are_said_too() -> None:
    fake = FakeRedis(user="ada", password="s3 cr\r\net€")
    given = {"username": "ada", "password": "s3 cr\r\net€"}
    assert said(try_parts(fake, credentials=given, database=3)) == ("passed", "")
    assert fake.seen == [["AUTH", "ada", "s3 cr\r\net€"], ["SELECT", "3"], ["PING"]]


def test_server_without_a_password_is_only_pinged() -> None:
    fake = FakeRedis()
    assert said(try_parts(fake, credentials={"password": ""})) == ("passed", "")
    assert fake.seen == [["PING"]]


def test_connection_string_says_it_all_in_one() -> None:
    fake = FakeRedis(user="ada", password="p@ss/")
    with listening(fake) as port:
        text = f"redis://ada:p%40ss%2F@127.0.0.1:{port}/2"
        outcome = tried(METHODS["connection_string"], values_of(connection_string=text))
    assert said(outcome) == ("passed", "")
    assert fake.seen == [["AUTH", "ada", "p@ss/"], ["SELECT", "2"], ["PING"]]


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ({"AUTH": b"-WRONGPASS no s3cret\r\n"}, ("failed", "unauthorized")),
        ({"AUTH": b"-ERR invalid password\r\n"}, ("failed", "unauthorized")),
        (
            {"AUTH": b"-ERR Client sent AUTH, but no password is set\r\n"},
            ("failed", "unauthorized"),
        ),
        ({"AUTH": b"-ERR AUTH <password> called without any\r\n"}, ("failed", "unauthorized")),
        ({"PING": b"-NOAUTH Authentication required.\r\n"}, ("failed", "unauthorized")),
        ({"PING": b"-NOPERM this user has no permissions\r\n"}, ("passed", "")),
        ({"SELECT": b"-NOPERM this user has no permissions\r\n"}, ("failed", "forbidden_scope")),
        ({"SELECT": b"-ERR DB index is out of range\r\n"}, ("failed", "not_found_base_url")),
        ({"AUTH": b"-ERR max number of clients reached\r\n"}, ("unverifiable", "rate_limited")),
        ({"PING": b"-LOADING Redis is loading the dataset\r\n"}, ("unverifiable", "service_error")),
        ({"PING": b"-DENIED protected mode\r\n"}, ("unverifiable", "service_error")),
        ({"PING": b"$-1\r\n"}, ("unverifiable", "service_error")),
        ({"PING": b"HTTP/1.1 400 Bad Request\r\n"}, ("unverifiable", "service_error")),
        ({"PING": b"\xff\r\n"}, ("unverifiable", "service_error")),
        ({"PING": b"+" + b"x" * 4096}, ("unverifiable", "service_error")),
        ({"PING": b"\r\n"}, ("unverifiable", "service_error")),
    ],
    ids=str,
)
def test_lines_have_their_causes(replies: dict[str, bytes], expected: tuple[str, str]) -> None:
    outcome = try_parts(FakeRedis(**replies), database=1)
    assert said(outcome) == expected
    assert "s3cret" not in repr(outcome)


def test_wrong_password_is_refused() -> None:
    outcome = try_parts(FakeRedis(), credentials={"password": "wrong"})
    assert said(outcome) == ("failed", "unauthorized")


def close_at_once(connected: socket.socket) -> None:
    connected.recv(1)


def never_answer(connected: socket.socket) -> None:
    time.sleep(3)


def drip(connected: socket.socket) -> None:
    for _number in range(100):
        connected.sendall(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("serve", "cause"),
    [(close_at_once, "refused"), (never_answer, "timeout"), (drip, "timeout")],
)
def test_server_that_does_not_speak_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch, serve: Callable[[socket.socket], None], cause: str
) -> None:
    monkeypatch.setattr("connections.checks.redis.SECONDS", 0.3)
    assert said(try_parts(serve)) == ("unverifiable", cause)


def test_server_that_is_down_is_no_verdict() -> None:
    config = {"host": "127.0.0.1", "port": free_port(), "tls": False}
    assert said(tried(METHODS["parts"], values_of(config))) == ("unverifiable", "refused")


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "127.0.0.1"])
def test_address_that_may_not_be_called_is_refused(settings: Any, host: str) -> None:
    settings.EGRESS_ALLOW_CIDRS = []
    fake = FakeRedis()
    with listening(fake) as port:
        config = {"host": host, "port": port, "tls": False}
        outcome = tried(METHODS["parts"], values_of(config, password="s3cret"))
    assert said(outcome) == ("failed", "blocked")
    assert fake.seen == []


@pytest.mark.parametrize(
    ("is_trusted", "expected"),
    [(True, ("passed", "")), (False, ("unverifiable", "tls"))],
    ids=["trusted", "not-trusted"],
)
def test_tls_is_spoken_and_checked(
    settings: Any, tmp_path: Any, is_trusted: bool, expected: tuple[str, str]
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    if is_trusted:
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        settings.EGRESS_CA_FILE = str(tmp_path / "ca.pem")
    fake = FakeRedis()

    def serve(connected: socket.socket) -> None:
        with context.wrap_socket(connected, server_side=True) as secured:
            fake(secured)

    with listening(serve) as port:
        text = f"rediss://:s3cret@localhost:{port}"
        outcome = tried(METHODS["connection_string"], values_of(connection_string=text))
    assert said(outcome) == expected
    assert bool(fake.seen) is is_trusted


@pytest.mark.parametrize(
    "text",
    [
        *("redis://", "redis:///1", "redis://h:0x10/1", "redis://h:99999/", "redis://h/a/b"),
        *("redis://[::1/0", "redis://h/-1", "redis://h/123456", "redis://h/٣"),
    ],
)
def test_string_that_cannot_be_read_is_refused_without_a_call(text: str) -> None:
    outcome = tried(METHODS["connection_string"], values_of(connection_string=text))
    assert said(outcome) == ("failed", "not_found_base_url")


def test_nothing_secret_is_shown() -> None:
    attempt = Attempt(
        method=METHODS["connection_string"],
        values=values_of(connection_string="redis://ada:canary@h/1"),
        send=send,
    )
    assert "canary" not in repr(server_of(attempt)) + repr(attempt)
    assert server_of(attempt).password == "canary"
