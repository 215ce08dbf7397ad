"""Calls that go through, and what neither leaves nor comes back with them."""

import gzip
import json
import logging
import os
import pickle
import signal
import socket
import threading
import time
import traceback
import zlib

import pytest

from connections.egress import Answer, EgressError, Request, door, limits, send
from tests.egress.servers import (
    answering,
    hanging_up,
    holding_its_tongue,
    listening,
    saying,
)

CANARY = "canary-7f3e"


def test_an_answer_comes_back_whole(opened):
    reply = answering(b'{"a": 1}', headers="Content-Type: application/json; charset=utf-8\r\n")
    with listening(reply) as service:
        answer = send(Request(url=service.url("/me?a=b#fragment")))
    assert (answer.status, answer.json(), answer.media_type) == (200, {"a": 1}, "application/json")
    assert service.heard[0].startswith(b"GET /me?a=b HTTP/1.1\r\n")
    assert b"fragment" not in service.heard[0]


def test_a_body_is_sent_with_its_length(opened):
    with listening(answering()) as service:
        headers = (("Content-Type", "application/json"), ("Authorization", "Bearer abc"))
        send(Request(url=service.url(), method="POST", headers=headers, body=b'{"a":1}'))
    head, _, body = service.heard[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST / HTTP/1.1"
    assert sorted(lines[1:]) == [
        "Accept-Encoding: gzip",
        "Authorization: Bearer abc",
        "Connection: close",
        "Content-Length: 7",
        "Content-Type: application/json",
        f"Host: 127.0.0.1:{service.port}",
        "User-Agent: mielto-connections",
    ]
    assert body == b'{"a":1}'


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_an_empty_body_has_a_length(opened, method):
    with listening(answering()) as service:
        send(Request(url=service.url(), method=method))
    assert b"\r\nContent-Length: 0\r\n" in service.heard[0]


@pytest.mark.parametrize(
    "name", ["Host", "HOST", "Content-Length", "Transfer-Encoding", "Connection", "Expect"]
)
def test_headers_of_the_connection_are_the_doors_own(opened, name):
    with listening(answering()) as service:
        send(Request(url=service.url(), method="POST", headers=((name, CANARY),), body=b"abc"))
    assert CANARY.encode() not in service.heard[0]
    assert service.heard[0].count(b"\r\nHost: 127.0.0.1") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer a\r\nHost: other"),
        ("Authorization", "a\nb"),
        ("Authorization", "a\0b"),
        ("Authorization", "a\x7fb"),
        ("Authorization", "a\ud800b"),
        ("A b", "c"),
        ("A:", "c"),
        ("", "c"),
        ("\u00fc", "c"),
        ("A\r\nB", "c"),
    ],
    ids=ascii,
)
def test_a_header_that_would_break_the_request_is_never_sent(opened, name, value):
    with listening(answering()) as service:
        assert cause_of(Request(url=service.url(), headers=((name, value),))) == "bad_url"
        assert service.hits == 0


def test_header_values_beyond_ascii_travel_as_utf_8(opened):
    with listening(answering()) as service:
        send(Request(url=service.url(), headers=(("X-Key", " ключ "), ("User-Agent", "test"))))
    assert "X-Key: ключ\r\n".encode() in service.heard[0]
    assert service.heard[0].count(b"User-Agent") == 1


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "get", "", "GET / HTTP/1.1\r\nX:"])
def test_methods_are_the_ones_that_services_have(opened, method):
    with listening(answering()) as service:
        assert cause_of(Request(url=service.url(), method=method)) == "bad_url"
        assert service.hits == 0


@pytest.mark.parametrize("status", [200, 201, 204, 304, 400, 401, 404, 429, 500, 503])
def test_every_status_is_an_answer(opened, status):
    body = b"" if status in (204, 304) else b"why"
    with listening(answering(body, status=f"{status} Text")) as service:
        answer = send(Request(url=service.url()))
    assert (answer.status, answer.body) == (status, body)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["same host", "other server", "private", "other scheme", "loop"])
def test_redirects_are_not_followed(opened, status, place):
    with listening(answering()) as second:
        places = {
            "same host": "/elsewhere",
            "other server": second.url(),
            "private": "http://169.254.169.254/latest/meta-data/",
            "other scheme": "file:///etc/passwd",
            "loop": "/",
        }
        reply = answering(b"", status=f"{status} Moved", headers=f"Location: {places[place]}\r\n")
        with listening(reply) as first:
            answer = send(Request(url=first.url(), method="POST", body=b"secret"))
            assert (answer.status, answer.headers["location"]) == (status, places[place])
            assert (first.hits, second.hits) == (1, 0)


def test_repeated_headers_are_joined_and_cookies_left_out(opened):
    lines = "WWW-Authenticate: Basic\r\nwww-authenticate: Bearer\r\nSet-Cookie: session=1\r\n"
    with listening(answering(headers=lines)) as service:
        answer = send(Request(url=service.url()))
        send(Request(url=service.url()))
    assert answer.headers["www-authenticate"] == "Basic, Bearer"
    assert "set-cookie" not in answer.headers
    assert b"cookie" not in service.heard[1].lower()


def test_neither_proxies_nor_passwords_come_from_the_environment(opened, monkeypatch, tmp_path):
    with listening(answering(b"proxy")) as proxy, listening(answering(b"service")) as service:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login user password secret\n")
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        monkeypatch.setenv("HOME", str(tmp_path))
        assert send(Request(url=service.url())).body == b"service"
        assert proxy.hits == 0
        assert b"authorization" not in service.heard[0].lower()


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("GZip ", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("identity", bytes),
        ("gzip", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:])),
    ],
    ids=["gzip", "case", "x-gzip", "deflate", "identity", "two-members"],
)
@pytest.mark.parametrize(
    "body",
    [b"", b"short text", os.urandom(300_000), b"a" * 1_000_000],
    ids=["empty", "short", "noise", "long"],
)
def test_bodies_are_decoded(opened, encoding, encode, body):
    reply = answering(encode(body), headers=f"Content-Encoding: {encoding}\r\n")
    with listening(reply) as service:
        assert send(Request(url=service.url())).body == body


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"no gzip at all"),
        ("gzip", gzip.compress(b"cut off" * 9)[:-9]),
        ("gzip", gzip.compress(b"followed by") + b"something else"),
        ("deflate", b"\x00\x01\x02"),
        ("br", b"anything"),
        ("zstd", b"anything"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"twice"))),
        ("nonsense", b"anything"),
    ],
    ids=["text", "cut off", "trailing", "deflate", "br", "zstd", "twice", "nonsense"],
)
def test_bodies_that_do_not_decode_are_no_answer(opened, encoding, body):
    reply = answering(body, headers=f"Content-Encoding: {encoding}\r\n")
    with listening(reply) as service:
        assert cause_of(Request(url=service.url())) == "bad_answer"


def test_a_head_request_has_an_encoding_and_no_body(opened):
    reply = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nContent-Encoding: gzip\r\n\r\n")
    with listening(reply) as service:
        assert send(Request(url=service.url(), method="HEAD")).body == b""


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        (hanging_up, "refused"),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), "bad_answer"),
        (saying(b"220 mail.example ESMTP\r\n\r\n"), "bad_answer"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"), "bad_answer"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), "bad_answer"),
        (
            saying(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
            "bad_answer",
        ),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "bad_answer"),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"), "bad_answer"),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"), "bad_answer"),
        (saying(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "bad_answer"),
        (saying(b"HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n"), "bad_answer"),
        (saying(b"HTTP/1.1 999999 What\r\n\r\n"), "bad_answer"),
        (saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"), "bad_answer"),
        (saying(b"HTTP/2 200\r\n\r\n"), "bad_answer"),
        (saying(b"HTTP/1.1 200"), "bad_answer"),
        (saying(b"\x15\x03\x01\x00\x02\x02\x46"), "bad_answer"),
        (saying(os.urandom(500)), "bad_answer"),
    ],
)
def test_what_is_no_http_is_no_answer(opened, script, cause):
    with listening(script) as service:
        assert cause_of(Request(url=service.url())) == cause


def test_an_interim_answer_is_passed_over(opened):
    reply = saying(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\nend")
    with listening(reply) as service:
        assert send(Request(url=service.url())).body == b"end"


def test_a_server_that_answers_without_reading_is_heard(opened):
    """A body too large for it, say: writing fails, and the answer is there all the same."""

    def refuse(talking):
        talking.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nwhy")
        talking.shutdown(socket.SHUT_WR)
        talking.recv(1000)

    with listening(refuse, reads=False) as service:
        answer = send(Request(url=service.url(), method="POST", body=b"a" * 1000))
    assert (answer.status, answer.body) == (413, b"why")


def test_nobody_listens(opened):
    with listening(answering()) as service:
        pass
    assert cause_of(Request(url=service.url())) == "refused"


def test_each_caller_has_few_calls_at_once(opened, monkeypatch):
    monkeypatch.setattr(limits, "CALLS_AT_ONCE", 2)
    monkeypatch.setattr(limits, "WAIT_FOR_TURN_SECONDS", 0.1)
    with listening(holding_its_tongue) as slow, listening(answering()) as quick:
        waiting = [
            threading.Thread(target=cause_of, args=(Request(url=slow.url()), "one", 1.0))
            for _ in range(2)
        ]
        for thread in waiting:
            thread.start()
        until(lambda: slow.hits == 2)
        assert cause_of(Request(url=quick.url()), "one") == "busy"
        assert send(Request(url=quick.url()), caller="two").status == 200
        assert send(Request(url=quick.url())).status == 200
        for thread in waiting:
            thread.join()
        assert send(Request(url=quick.url()), caller="one").status == 200
        assert quick.hits == 3


def test_a_turn_is_waited_for(opened, monkeypatch):
    monkeypatch.setattr(limits, "CALLS_AT_ONCE", 1)
    monkeypatch.setattr(limits, "WAIT_FOR_TURN_SECONDS", 10)
    with listening(saying(b"HTTP/1.1 200 OK\r\n\r\n", b"slow", pause=0.2)) as service:
        answers = []
        threads = [
            threading.Thread(
                target=lambda: answers.append(send(Request(url=service.url()), caller="one"))
            )
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [answer.body for answer in answers] == [b"slow"] * 3


def test_who_has_no_call_under_way_is_forgotten(opened):
    with listening(answering()) as service:
        send(Request(url=service.url()), caller="one")
        cause_of(Request(url="https://127.0.0.1/"), "two")
    assert dict(door._turns._under_way) == {}


def test_many_threads_call_at_once(opened):
    with listening(answering()) as service:
        statuses = []

        def call_often():
            for _ in range(10):
                statuses.append(send(Request(url=service.url())).status)

        threads = [threading.Thread(target=call_often) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [200] * 80
    assert service.hits == 80


def test_a_forked_process_has_turns_of_its_own(opened, monkeypatch):
    """gunicorn loads the application and forks: a call that was under way stays the parent's."""
    monkeypatch.setattr(limits, "CALLS_AT_ONCE", 1)
    with listening(answering()) as service, door._turns.taken("one", at_most=1, seconds=1):
        child = os.fork()
        if child == 0:
            status = 1
            signal.alarm(10)
            try:
                status = 0 if send(Request(url=service.url()), caller="one").status == 200 else 2
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(ended) == 0


def test_nothing_of_a_call_is_logged(opened, caplog):
    caplog.set_level(logging.DEBUG)
    reply = answering(CANARY.encode(), headers=f"X-Token: {CANARY}\r\nSet-Cookie: a={CANARY}\r\n")
    with listening(reply) as service:
        request = secretive(service.url(f"/{CANARY}?token={CANARY}"))
        assert send(request).status == 200
    assert CANARY not in caplog.text
    assert "httpcore" not in caplog.text


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        (hanging_up, "refused"),
        (saying(f"HTTP/1.1 200 OK\r\n{CANARY}\r\n\r\n".encode()), "bad_answer"),
        (answering(CANARY.encode(), headers="Content-Encoding: gzip\r\n"), "bad_answer"),
        (answering(CANARY.encode() * 100_000), "too_large"),
    ],
)
def test_errors_say_nothing_of_the_call(opened, script, cause):
    with listening(script) as service, pytest.raises(EgressError) as caught:
        send(secretive(service.url(f"/?token={CANARY}")))
    assert (caught.value.cause, str(caught.value)) == (cause, cause)
    assert caught.value.__cause__ is None
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert pickle.loads(pickle.dumps(caught.value)).cause == cause


def test_requests_and_answers_show_nothing_of_themselves():
    answer = Answer(status=200, headers={"x": CANARY}, body=CANARY.encode())
    assert repr(answer) == "Answer(status=200)"
    assert CANARY not in repr(secretive(f"https://service.example/?token={CANARY}"))


def test_json_is_one_text_in_utf_8():
    assert Answer(status=200, body=json.dumps({"a": "ü"}).encode()).json() == {"a": "ü"}
    for body in (b"", b"{", b'{"a": "\xff"}', b"[" * 100_000):
        with pytest.raises(ValueError):  # noqa: PT011
            Answer(status=200, body=body).json()


def secretive(url):
    headers = (("Authorization", f"Bearer {CANARY}"),)
    return Request(url=url, method="POST", headers=headers, body=CANARY.encode())


def cause_of(request, caller="", seconds=15.0):
    try:
        send(request, caller=caller, seconds=seconds)
    except EgressError as error:
        return error.cause
    return None


def until(is_so, seconds=5.0):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)
