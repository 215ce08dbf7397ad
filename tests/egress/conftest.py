"""Loopback is private: what a test wants to reach, it opens; nothing is open otherwise."""

import pytest

from connections.egress import names


@pytest.fixture
def opened(settings):
    """Loopback by plain http, as an operator who lists it would have it."""
    settings.EGRESS_ALLOW_CIDRS = ["127.0.0.0/8"]
    settings.EGRESS_ALLOW_HTTP_HOSTS = ["127.0.0.1", "localhost", "service.example"]
    return settings


@pytest.fixture
def resolver(monkeypatch):
    """The names of a test: a list of answers for each, the last of which stays."""
    answers: dict[str, list[list[str]]] = {}

    def resolve(host: str) -> list[str]:
        waiting = answers[host]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    monkeypatch.setattr(names, "resolve", resolve)
    return answers
