"""A slow service does not take every thread: who comes too late is told, and loses nothing."""

import threading
import time

import pytest
from werkzeug import Response

from connections.egress import EgressError
from connections.services import waiting as room
from connections.services.waiting import limit_to, waiting
from tests.factories import api_client, make_key, make_workspace
from tests.live_service import allow_loopback, body


@pytest.fixture(autouse=True)
def limited(monkeypatch):
    monkeypatch.setattr(room, "LONGEST_WAIT", 0.05)
    limit_to(1)
    yield
    limit_to(0)


@pytest.fixture
def somebody_waits():
    """Another request waits for its service."""
    begun, over = threading.Event(), threading.Event()

    def wait():
        with waiting():
            begun.set()
            over.wait(10)

    thread = threading.Thread(target=wait)
    thread.start()
    begun.wait(10)
    yield
    over.set()
    thread.join()


def test_last_thread_does_not_wait(somebody_waits):
    with pytest.raises(EgressError, match="busy"), waiting():
        pytest.fail("There was no turn.")


def test_turn_within_a_turn_is_free():
    with waiting(), waiting():
        pass


def test_nobody_is_limited_without_a_server(somebody_waits):
    limit_to(0)
    with waiting():
        pass


@pytest.mark.django_db
def test_create_is_stored_and_tried_later(somebody_waits, settings, httpserver):
    allow_loopback(settings)
    httpserver.expect_request("/me").respond_with_handler(lambda _request: Response("{}"))
    started = time.monotonic()
    client = api_client(make_key(make_workspace()))
    made = client.post_json("/connections", body(httpserver.url_for("").rstrip("/"))).json()
    assert (made["status"], made["status_reason"]["code"]) == ("testing", "rate_limited")
    assert time.monotonic() - started < 5
