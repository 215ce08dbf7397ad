"""The real door, which may call this machine here, and a provider that says what it is told."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.oauth.scripted import Scripted, scripted_server


@pytest.fixture(scope="package")
def running_server() -> Iterator[Scripted]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def server(running_server: Scripted, settings: Any) -> Scripted:
    settings.EGRESS_ALLOW_CIDRS = ["127.0.0.0/8"]
    settings.EGRESS_ALLOW_HTTP_HOSTS = ["127.0.0.1"]
    running_server.answers = {}
    running_server.heard = []
    return running_server
