"""Services that are slow, or never stop: a call ends in time and takes no more than it may."""

import gzip
import socket
import time
import tracemalloc
from contextlib import ExitStack

import pytest

from connections.egress import EgressError, Request, limits, send
from tests.egress.servers import (
    Listener,
    answering,
    holding_its_tongue,
    listening,
    saying,
    saying_for_ever,
    sitting_still,
)

START = b"HTTP/1.1 200 OK\r\n"
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSE = START + b"\r\n"
GZIPPED = START + b"Content-Encoding: gzip\r\n\r\n"
ZEROES = b"\0" * 65536


@pytest.mark.parametrize(
    "script",
    [
        holding_its_tongue,
        saying_for_ever(b"", b"H", pause=10),
        saying_for_ever(START, b"X-Drip: 1\r\n", pause=0.02),
        saying_for_ever(START + b"X-Drip: ", b"a", pause=0.02),
        saying_for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.02),
        saying_for_ever(START + b"Content-Length: 1000000\r\n\r\n", b"a", pause=0.02),
        saying_for_ever(CHUNKED, b"1\r\na\r\n", pause=0.02),
        saying_for_ever(CHUNKED + b"1;", b"a", pause=0.02),
        saying_for_ever(UNTIL_CLOSE, b"a", pause=0.02),
        saying_for_ever(GZIPPED, gzip.compress(b"a"), pause=0.02),
    ],
    ids=[
        "silence",
        "first-byte",
        "header-lines",
        "one-header",
        "interim-answers",
        "counted-body",
        "chunks",
        "chunk-extension",
        "body-until-close",
        "gzip-members",
    ],
)
def test_dripping_does_not_prolong_a_call(opened, script):
    with listening(script) as service:
        started = time.monotonic()
        assert cause_of(service, seconds=0.3) == "timeout"
        assert 0.25 < time.monotonic() - started < 1.5


def test_a_peer_that_does_not_read_does_not_prolong_a_call(opened):
    with listening(sitting_still, reads=False) as service:
        started = time.monotonic()
        body = b"a" * 64_000_000
        assert cause_of(service, seconds=0.3, method="POST", body=body) == "timeout"
        assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "script",
    [
        saying_for_ever(START, b"X-Endless: 1\r\n" * 1000),
        saying_for_ever(START + b"X-Endless: ", b"a" * 10_000),
        saying_for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        saying_for_ever(b"HTTP/1.1 200 ", b"a" * 10_000),
        saying_for_ever(UNTIL_CLOSE, ZEROES),
        saying_for_ever(START + b"Content-Length: 99999999999\r\n\r\n", ZEROES),
        saying_for_ever(CHUNKED, b"10000\r\n" + ZEROES + b"\r\n"),
        saying_for_ever(CHUNKED + b"0\r\n", b"X-Trailer: 1\r\n" * 1000),
        saying_for_ever(GZIPPED, gzip.compress(b"") * 1000),
    ],
    ids=[
        "header-lines",
        "one-header",
        "interim-answers",
        "status-line",
        "body-until-close",
        "counted-body",
        "chunks",
        "trailers",
        "empty-gzip-members",
    ],
)
def test_endless_answers_are_cut_off(opened, script):
    with listening(script) as service:
        assert cause_of(service, seconds=10) in ("too_large", "bad_answer")


@pytest.mark.parametrize(("size", "cause"), [(65536, None), (65537, "too_large")])
def test_headers_of_64_kib_and_no_more(opened, size, cause):
    head = START + b"Content-Length: 0\r\nX: "
    head += b"a" * (size - len(head) - 4) + b"\r\n\r\n"
    assert len(head) == size
    with listening(saying(head)) as service:
        assert cause_of(service) == cause


@pytest.mark.parametrize(("size", "cause"), [(1024 * 1024, None), (1024 * 1024 + 1, "too_large")])
@pytest.mark.parametrize("how", ["counted", "until close", "chunked", "gzip"])
def test_bodies_of_one_mib_and_no_more(opened, size, cause, how):
    body = b"a" * size
    scripts = {
        "counted": answering(body),
        "until close": saying(UNTIL_CLOSE + body),
        "chunked": saying(CHUNKED + b"%x\r\n" % size + body + b"\r\n0\r\n\r\n"),
        "gzip": answering(gzip.compress(body), headers="Content-Encoding: gzip\r\n"),
    }
    with listening(scripts[how]) as service:
        assert cause_of(service) == cause


def test_a_gzip_bomb_is_not_unpacked(opened):
    bomb = gzip.compress(bytes(200 * 1024 * 1024), compresslevel=1)
    with listening(answering(bomb, headers="Content-Encoding: gzip\r\n")) as service:
        tracemalloc.start()
        assert cause_of(service) == "too_large"
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 10 * 1024 * 1024


def test_connecting_has_its_own_limit(opened, monkeypatch):
    """A listener whose queue is full drops what comes, as a firewall does."""
    monkeypatch.setattr(limits, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as waiting:
        port = server.getsockname()[1]
        for _ in range(4):
            early = waiting.enter_context(socket.socket())
            early.setblocking(False)
            early.connect_ex(("127.0.0.1", port))
        started = time.monotonic()
        assert cause_of(Listener(port=port)) == "timeout"
        assert time.monotonic() - started < 1


def cause_of(service, seconds=15.0, **request):
    try:
        send(Request(url=service.url(), **request), seconds=seconds)
    except EgressError as error:
        return error.cause
    return None
