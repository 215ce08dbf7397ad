"""Tokens for a code and for a refresh token: what is sent, and what is made of the answer."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connections.oauth.clients import Client
from connections.oauth.errors import OAuthError
from connections.oauth.provider import Provider
from connections.oauth.tokens import TokenAnswer, exchange_code, refresh
from tests.oauth.cases import CLIENT, GRANT, NOW, provider_at
from tests.oauth.scripted import Scripted, answer, http, quick_send

BACK = "https://here.example/oauth/callback"


def exchanged(provider: Provider, client: Client = CLIENT, **more: Any) -> TokenAnswer:
    arguments = {"code": "a-code", "redirect_uri": BACK, "code_verifier": "v" * 43, **more}
    return exchange_code(provider, client, **arguments, send=quick_send(), now=NOW)


def refreshed(provider: Provider, **more: Any) -> TokenAnswer:
    return refresh(
        provider, CLIENT, **{"refresh_token": "rt-1", **more}, send=quick_send(), now=NOW
    )


def test_code_is_traded_once_with_everything_that_the_protocol_asks_for(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT | {"refresh_token": "rt-1", "scope": "a b"})

    found = exchanged(provider_at(server.url))

    assert found == TokenAnswer(
        access_token="at-1",
        refresh_token="rt-1",
        expires_at=NOW + timedelta(hours=1),
        scopes=("a", "b"),
        extra={"token_type": "Bearer", "expires_in": 3600, "scope": "a b"},
    )
    assert len(server.heard) == 1
    assert server.last.method == "POST"
    assert server.last.headers["content-type"] == "application/x-www-form-urlencoded"
    assert server.last.headers["accept"] == "application/json"
    assert server.last.headers["authorization"] == "Basic " + b64encode(b"an-id:a-secret").decode()
    assert server.last.form == {
        "grant_type": "authorization_code",
        "code": "a-code",
        "redirect_uri": BACK,
        "code_verifier": "v" * 43,
    }


def test_json_is_sent_to_those_who_want_it(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT)

    exchanged(provider_at(server.url, token_format="json"), code_verifier=None)

    assert server.last.headers["content-type"] == "application/json"
    assert server.last.json == {
        "grant_type": "authorization_code",
        "code": "a-code",
        "redirect_uri": BACK,
    }


def test_own_parameters_are_added_and_replace_nothing_that_proves(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT)
    own = {"audience": "x", "code": "mine", "client_secret": "mine", "redirect_uri": "mine"}

    exchanged(provider_at(server.url, token_params=own, client_auth="post", resource="https://r"))

    assert server.last.form == {
        "grant_type": "authorization_code",
        "code": "a-code",
        "redirect_uri": BACK,
        "code_verifier": "v" * 43,
        "audience": "x",
        "resource": "https://r",
        "client_id": "an-id",
        "client_secret": "a-secret",
    }


def test_refresh_goes_to_its_own_address_with_its_own_parameters(server: Scripted) -> None:
    server.answers["/again"] = answer(GRANT)
    provider = provider_at(
        server.url,
        refresh_url=f"{server.url}/again",
        refresh_params={"keep": "1"},
        token_params={"never": "1"},
        resource="https://r",
    )

    refreshed(provider, scopes=("a", "b"))

    assert server.last.form == {
        "grant_type": "refresh_token",
        "refresh_token": "rt-1",
        "scope": "a b",
        "keep": "1",
        "resource": "https://r",
    }


@pytest.mark.parametrize(
    ("members", "kept"),
    [
        (GRANT, "rt-1"),
        (GRANT | {"refresh_token": None}, "rt-1"),
        (GRANT | {"refresh_token": ""}, "rt-1"),
        (GRANT | {"refresh_token": "rt-2"}, "rt-2"),
    ],
    ids=["missing", "null", "blank", "rotated"],
)
def test_refresh_keeps_the_old_refresh_token_unless_there_is_a_new_one(
    server: Scripted, members: dict[str, Any], kept: str
) -> None:
    server.answers["/token"] = answer(members)

    assert refreshed(provider_at(server.url)).refresh_token == kept


SLACK = {
    "ok": True,
    "app_id": "A1",
    "authed_user": {
        "id": "U1",
        "scope": "chat:write,files:read",
        "access_token": "xoxp-1",
        "token_type": "user",
        "refresh_token": "xoxe-1",
        "expires_in": 43200,
    },
    "team": {"id": "T1", "name": "Acme"},
}


def test_nested_tokens_are_found_with_what_stands_beside_them(server: Scripted) -> None:
    server.answers["/token"] = answer(SLACK)
    provider = provider_at(
        server.url,
        access_token_path="authed_user.access_token",
        token_types=("user",),
        scope_separator=",",
    )

    found = exchanged(provider)

    assert found.access_token == "xoxp-1"
    assert found.refresh_token == "xoxe-1"
    assert found.scopes == ("chat:write", "files:read")
    assert found.expires_at == NOW + timedelta(hours=12)
    assert found.token_type == "Bearer"
    assert found.extra["team"] == {"id": "T1", "name": "Acme"}
    assert "access_token" not in found.extra["authed_user"]


def test_tokens_of_a_refresh_are_found_where_only_those_of_a_code_are_nested(
    server: Scripted,
) -> None:
    server.answers["/token"] = answer({"ok": True, "access_token": "xoxp-2", "token_type": "user"})
    provider = provider_at(
        server.url, access_token_path="authed_user.access_token", token_types=("user",)
    )

    assert refreshed(provider).access_token == "xoxp-2"


def test_refresh_token_has_a_path_of_its_own(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT | {"more": {"renewal": "rt-9"}})

    found = exchanged(provider_at(server.url, refresh_token_path="more.renewal"))

    assert found.refresh_token == "rt-9"


@pytest.mark.parametrize(
    ("members", "left"),
    [
        ({}, None),
        ({"expires_in": None}, None),
        ({"expires_in": ""}, None),
        ({"expires_in": 0}, None),
        ({"expires_in": 1}, 1),
        ({"expires_in": "3600"}, 3600),
        ({"expires_in": 3599.7}, 3599),
        ({"expires_in": 10**30}, 315_360_000),
        ({"expires_in": "9" * 5000}, 315_360_000),
        ({"expires_at": int(NOW.timestamp()) + 60}, 60),
        ({"expires_at": str(int(NOW.timestamp()) + 60)}, 60),
        ({"expires_at": "2026-11-24T12:01:00Z"}, 60),
        ({"expires_at": "2026-11-24T13:01:00+01:00"}, 60),
        ({"expires_at": "2026-11-24T12:01:00"}, 60),
        ({"expires_at": "9999-12-31T23:59:59Z"}, 315_360_000),
        ({"expires_in": 5, "expires_at": "2026-11-24T12:01:00Z"}, 5),
    ],
    ids=str,
)
def test_end_of_a_token(server: Scripted, members: dict[str, Any], left: int | None) -> None:
    server.answers["/token"] = answer({"access_token": "at-1", **members})

    end = exchanged(provider_at(server.url)).expires_at

    assert end == (None if left is None else NOW + timedelta(seconds=left))
    assert end is None or end.tzinfo is UTC


@pytest.mark.parametrize(
    ("scope", "separator", "expected"),
    [
        (None, " ", None),
        ("", " ", ()),
        ("a", " ", ("a",)),
        (" a  b a ", " ", ("a", "b")),
        ("a,b", ",", ("a", "b")),
        ("a, b", ",", ("a", "b")),
        ("a b", ",", ("a", "b")),
        ("a,b", " ", ("a,b",)),
        (["a", "b"], " ", ("a", "b")),
    ],
    ids=str,
)
def test_granted_scopes(
    server: Scripted, scope: Any, separator: str, expected: tuple[str, ...] | None
) -> None:
    server.answers["/token"] = answer(GRANT | {"scope": scope})

    assert exchanged(provider_at(server.url, scope_separator=separator)).scopes == expected


@pytest.mark.parametrize("word", ["Bearer", "bearer", "BEARER", "", None])
def test_bearer_is_a_token_type_in_any_case_or_unsaid(server: Scripted, word: str | None) -> None:
    server.answers["/token"] = answer(GRANT | {"token_type": word})

    assert exchanged(provider_at(server.url)).token_type == "Bearer"


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "application/vnd.x+json", None]
)
def test_json_is_read_under_the_names_that_services_give_it(
    server: Scripted, content_type: str | None
) -> None:
    server.answers["/token"] = answer(GRANT, content_type=content_type)

    assert exchanged(provider_at(server.url)).access_token == "at-1"


def test_form_is_read_where_it_was_declared(server: Scripted) -> None:
    body = "access_token=at-1&expires_in=60&scope=a%2Cb&token_type=bearer"
    server.answers["/token"] = http(body, content_type="application/x-www-form-urlencoded")

    provider = provider_at(server.url, answer_format="form", scope_separator=",")
    found = exchanged(provider)

    assert (found.access_token, found.scopes) == ("at-1", ("a", "b"))
    assert found.expires_at == NOW + timedelta(seconds=60)


def test_json_is_read_of_those_who_were_declared_to_answer_in_forms(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT)

    assert exchanged(provider_at(server.url, answer_format="form")).access_token == "at-1"


def test_deep_answer_is_cut_and_not_followed(server: Scripted) -> None:
    deep = '{"a":' * 700 + "1" + "}" * 700
    server.answers["/token"] = http(f'{{"access_token": "at-1", "deep": {deep}}}')

    found = exchanged(provider_at(server.url)).extra["deep"]

    assert found == {"a": {"a": {"a": {"a": {}}}}}


def test_nothing_secret_shows_in_a_repr(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT | {"refresh_token": "rt-1", "x": "canary"})
    provider = provider_at(server.url, token_params={"p": "canary"})

    shown = repr(exchanged(provider)) + repr(provider) + repr(CLIENT)

    for secret in ("at-1", "rt-1", "canary", "a-secret"):
        assert secret not in shown


def test_error_shows_its_cause_and_nothing_that_was_said(server: Scripted) -> None:
    body = {"error": "invalid_grant", "error_description": "the code a-code is no good"}
    server.answers["/token"] = answer(body, status=400)

    with pytest.raises(OAuthError) as caught:
        exchanged(provider_at(server.url))

    assert str(caught.value) == "invalid_grant"
    assert caught.value.__cause__ is None


def test_provider_without_a_token_address_is_misconfigured(server: Scripted) -> None:
    with pytest.raises(OAuthError) as caught:
        exchanged(provider_at(server.url, token_url=""))

    assert caught.value.cause == "misconfigured"
    assert server.heard == []


def test_moment_is_the_one_that_was_given(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT)
    later = datetime(2030, 1, 1, tzinfo=UTC)

    found = exchange_code(
        provider_at(server.url),
        CLIENT,
        code="c",
        redirect_uri=BACK,
        send=quick_send(),
        now=later,
    )

    assert found.expires_at == later + timedelta(hours=1)
