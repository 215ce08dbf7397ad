"""What only a real server can show: lengths that lie, headers that never end, and who waits."""

import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from connections.models import Connection
from tests.api.bodies import KEYED
from tests.factories import KEY_AND_EMAIL, make_integration, make_key, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
SECONDS_FOR_A_REQUEST = 2
THREADS = 4
# The installation's own configuration, less patient: nobody wants to wait for a test.
CONFIGURATION = f"""
exec(open({str(ROOT / "gunicorn.conf.py")!r}).read())
import mielto.worker
mielto.worker.SECONDS_FOR_THE_HEAD = mielto.worker.SECONDS_FOR_THE_BODY = {SECONDS_FOR_A_REQUEST}
workers, threads, loglevel = 1, {THREADS}, "warning"
"""


def url_of_the_test_database():
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@pytest.fixture(scope="module")
def port(django_db_setup, tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    configuration = tmp_path_factory.mktemp("server") / "gunicorn.conf.py"
    configuration.write_text(CONFIGURATION)
    bind = f"--bind=127.0.0.1:{number}"
    command = [sys.executable, "-m", "gunicorn", "-c", str(configuration), bind, "mielto.wsgi"]
    environ = {**os.environ, "DATABASE_URL": url_of_the_test_database()}
    server = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        wait_until_it_serves(number)
        yield number
    finally:
        server.terminate()
        server.wait(timeout=40)


def wait_until_it_serves(number):
    for _attempt in range(200):
        try:
            socket.create_connection(("127.0.0.1", number), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


@pytest.fixture
def secret(port):
    make_integration(KEY_AND_EMAIL)
    return make_key(make_workspace())


def send(port, *parts, timeout=10):
    """The whole answer to what is sent; the client then says that it has no more."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as client:
        try:
            for part in parts:
                client.sendall(part)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            # Closed by the server already: it has said what it had to say.
            pass
        return received(client)


def received(client):
    found = b""
    try:
        while part := client.recv(65_536):
            found += part
    except ConnectionResetError:
        pass
    return found


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer else None


def body_of(answer):
    return json.loads(answer.partition(b"\r\n\r\n")[2].partition(b"HTTP/1.1 ")[0])


def request(secret, *headers, method="POST", path="/api/v1/connections", body=b""):
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: testserver",
        f"Authorization: Bearer {secret}",
        *headers,
        "Connection: close",
    ]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


JSON = "Content-Type: application/json"
GOOD = json.dumps(KEYED).encode()
LENGTH = f"Content-Length: {len(GOOD)}"


def test_sound_request_is_served(port, secret):
    answer = send(port, request(secret, JSON, LENGTH, body=GOOD))
    assert status_of(answer) == 201
    assert Connection.objects.count() == 1


LYING_LENGTHS = [
    pytest.param(["Content-Length: -1"], id="negative"),
    pytest.param(["Content-Length: abc"], id="letters"),
    pytest.param(["Content-Length: +5"], id="plus"),
    pytest.param(["Content-Length: 0x10"], id="hexadecimal"),
    pytest.param(["Content-Length: 1 0"], id="space inside"),
    pytest.param(["Content-Length: ٥".encode().decode("latin-1")], id="other digits"),
    pytest.param(["Content-Length: "], id="nothing"),
    pytest.param(["Content-Length: 1" + "0" * 30], id="10^30"),
    pytest.param([LENGTH, "Content-Length: 5"], id="two"),
    pytest.param([LENGTH + ", 5"], id="two in one"),
    pytest.param([LENGTH, "Transfer-Encoding: chunked"], id="and in pieces"),
    pytest.param(["Transfer-Encoding: chunked, identity"], id="two codings"),
    pytest.param(["Transfer-Encoding: gzip"], id="other coding"),
    pytest.param(["Transfer-Encoding : chunked"], id="space before the colon"),
    pytest.param([f"Content-Length: {len(GOOD) - 5}"], id="smaller than the body"),
    pytest.param([f"Content-Length: {len(GOOD) + 5}"], id="larger than the body"),
    pytest.param(["Content-Length: 0"], id="zero"),
    pytest.param([], id="none"),
]


@pytest.mark.parametrize("lengths", LYING_LENGTHS)
def test_length_that_lies_creates_nothing(port, secret, lengths):
    answer = send(port, request(secret, JSON, *lengths, body=GOOD))
    assert status_of(answer) in (None, 400, 413, 501)
    assert answer.count(b"HTTP/1.1 201") == 0
    assert not Connection.objects.exists()


def test_body_in_pieces_is_refused_as_one_without_length(port, secret):
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)
    answer = send(port, request(secret, JSON, "Transfer-Encoding: chunked", body=body))
    assert (status_of(answer), body_of(answer)["code"]) == (400, "malformed_body")
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("size", "status"), [(1024 * 1024, 400), (1024 * 1024 + 1, 413), (3 * 1024 * 1024, 413)]
)
def test_largest_body(port, secret, size, status):
    body = b'{"lable":"' + b"x" * (size - 12) + b'"}'
    assert len(body) == size
    answer = send(port, request(secret, JSON, f"Content-Length: {size}", body=body))
    assert status_of(answer) == status
    if status == 413:
        expected = {"detail": "The body is larger than 1 MiB.", "code": "body_too_large"}
        assert body_of(answer) == expected


HEADERS = [
    pytest.param(f"Content-Type: application/json; {parameter}", id=parameter[:24])
    for parameter in (
        "charset=rot13",
        "charset=hex",
        "charset=undefined",
        "charset=idna",
        "charset=utf-16",
        "charset=" + "x" * 5000,
        "a*=nonsense'en'b",
        "a*=undefined'en'b",
    )
]


@pytest.mark.parametrize("header", HEADERS)
def test_content_type_that_django_cannot_read(port, secret, header):
    answer = send(port, request(secret, header, LENGTH, body=GOOD))
    assert (status_of(answer), body_of(answer)["code"]) == (415, "unsupported_media_type")
    answer = send(port, request(secret, header, method="GET"))
    assert (status_of(answer), body_of(answer)["total"]) == (200, 0)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/connections/%00", 404),
        ("/api/v1/connections/%FF", 404),
        ("/api/v1/connections/..%2f", 404),
        ("/api/v1/connections/%252e%252e", 404),
        ("/api/v1/connections/../admin", 404),
        ("//api/v1/connections", 404),
        ("/api/v1/connections?%FF=%00", 400),
        ("/api/v1/connections?" + "a" * 8000, 414),
        ("http://evil.com/api/v1/connections", 200),
    ],
)
def test_odd_path(port, secret, path, status):
    assert status_of(send(port, request(secret, method="GET", path=path))) == status


@pytest.mark.parametrize(
    ("headers", "statuses"),
    [
        pytest.param(["Host: evil.com"], {400}, id="two hosts"),
        pytest.param(["Authorization: Bearer x"], {401}, id="two keys"),
        pytest.param(["X-API-Key: " + "x" * 65_536], {None, 400, 431}, id="64 KiB"),
        pytest.param([f"X-{number}: 1" for number in range(200)], {400, 431}, id="200 headers"),
        pytest.param(["X_API_KEY: x"], {200}, id="underscore"),
        pytest.param(["X-A: 1\x00"], {400}, id="NUL"),
        pytest.param([" folded: 1"], {400}, id="folded"),
        pytest.param(["nonsense"], {400}, id="no colon"),
    ],
)
def test_odd_headers(port, secret, headers, statuses):
    assert status_of(send(port, request(secret, *headers, method="GET"))) in statuses


def is_well(port):
    started = time.monotonic()
    answer = send(port, b"GET /healthz HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n\r\n")
    return status_of(answer) == 200 and time.monotonic() - started < SECONDS_FOR_A_REQUEST / 2


def drip(port, start, *, seconds):
    """Send a byte now and then; how long the server bears it, and what it says."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as client:
        started = time.monotonic()
        client.sendall(start)
        try:
            while time.monotonic() - started < seconds:
                client.sendall(b"a")
                time.sleep(0.1)
        except OSError:
            return time.monotonic() - started
    return None


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"G", id="method"),
        pytest.param(b"\r\n\r\n", id="empty lines"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: testserver\r\nX-Slow: ", id="header"),
    ],
)
def test_slow_heads_are_cut_off_and_nobody_else_waits(port, start):
    slow = THREADS * 4
    with ThreadPoolExecutor(slow) as pool:
        waits = [pool.submit(drip, port, start, seconds=10) for _client in range(slow)]
        time.sleep(0.5)
        assert all(is_well(port) for _attempt in range(5))
        borne = [one.result() for one in waits]
    assert None not in borne
    assert max(borne) < SECONDS_FOR_A_REQUEST + 3
    assert is_well(port)


def test_slow_bodies_are_cut_off(port, secret):
    start = request(secret, JSON, "Content-Length: 100000", body=b"{")
    with ThreadPoolExecutor(THREADS) as pool:
        waits = [pool.submit(drip, port, start, seconds=15) for _client in range(THREADS)]
        borne = [one.result() for one in waits]
    assert None not in borne
    assert is_well(port)
    assert not Connection.objects.exists()


def test_silent_clients_are_let_go(port):
    silent = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(THREADS * 4)]
    assert is_well(port)
    try:
        assert [received(client) for client in silent] == [b""] * len(silent)
    finally:
        for client in silent:
            client.close()


def test_many_requests_of_one_connection(port):
    one = b"GET /healthz HTTP/1.1\r\nHost: testserver\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        for _batch in range(100):
            client.sendall(one * 10)
            found = b""
            while found.count(b"HTTP/1.1 200 OK") < 10 or not found.endswith(b'{"status": "ok"}'):
                part = client.recv(65_536)
                assert part
                found += part
    assert is_well(port)


def test_worker_that_is_told_to_stop_while_it_hands_out_a_request_stops():
    """The signal interrupts the main thread, which may hold the lock of its pool of threads."""
    code = (
        "import signal\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from gunicorn.config import Config\n"
        "from mielto.worker import PatientWorker\n"
        "worker = PatientWorker.__new__(PatientWorker)\n"
        "worker.cfg, worker.tpool = Config(), ThreadPoolExecutor(1)\n"
        "with worker.tpool._shutdown_lock:\n"
        "    worker.handle_quit(signal.SIGQUIT, None)\n"
    )
    stopped = subprocess.run([sys.executable, "-c", code], timeout=30, check=False)
    assert stopped.returncode == 0
