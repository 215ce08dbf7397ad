"""Giving tokens back."""

from typing import Any

import pytest

from connections.oauth.errors import OAuthError
from connections.oauth.revocation import revoke
from tests.oauth.cases import CLIENT, provider_at
from tests.oauth.scripted import Scripted, answer, http, quick_send


def give_back(server: Scripted, **more: Any) -> None:
    provider = provider_at(server.url, revoke_url=f"{server.url}/revoke", **more)
    revoke(provider, CLIENT, token="rt-1", hint="refresh_token", send=quick_send())


def test_token_is_sent_with_what_it_is_and_who_we_are(server: Scripted) -> None:
    server.answers["/revoke"] = http(b"")

    give_back(server)

    assert server.last.method == "POST"
    assert server.last.form == {"token": "rt-1", "token_type_hint": "refresh_token"}
    assert server.last.headers["authorization"].startswith("Basic ")


def test_token_can_revoke_itself(server: Scripted) -> None:
    server.answers["/revoke"] = http(b"")

    give_back(server, revoke_auth="token")

    assert server.last.headers["authorization"] == "Bearer rt-1"


def test_json_is_sent_to_those_who_want_it(server: Scripted) -> None:
    server.answers["/revoke"] = http(b"")

    give_back(server, revoke_format="json", client_auth="post")

    assert server.last.json == {
        "token": "rt-1",
        "token_type_hint": "refresh_token",
        "client_id": "an-id",
        "client_secret": "a-secret",
    }


@pytest.mark.parametrize(
    "raw",
    [
        http(b""),
        http("<p>Done</p>", content_type="text/html"),
        answer({"ok": True, "revoked": True}),
        b"HTTP/1.1 204 Done\r\n\r\n",
        answer({"error": "invalid_token"}, status=400),
        answer({"ok": False, "error": "token_revoked"}),
    ],
    ids=["200", "page", "ok", "204", "gone", "gone-200"],
)
def test_token_that_is_gone_is_revoked(server: Scripted, raw: bytes) -> None:
    server.answers["/revoke"] = raw

    give_back(server)

    assert len(server.heard) == 1


def test_provider_without_a_place_for_it_is_unsupported(server: Scripted) -> None:
    with pytest.raises(OAuthError) as caught:
        revoke(provider_at(server.url), CLIENT, token="x", hint="access_token", send=quick_send())

    assert caught.value.cause == "unsupported"
    assert server.heard == []
