"""Where the browser is sent, and the issuer that it comes back with."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from connections.oauth.authorization import (
    authorization_url,
    challenge_of,
    check_issuer,
    needs_nonce,
    new_nonce,
    new_verifier,
)
from connections.oauth.errors import OAuthError
from tests.oauth.cases import CLIENT, provider_at

URL, BACK = "https://as.example", "https://here.example/oauth/callback"


def url_with(scopes: tuple[str, ...] = ("a", "b"), **more: Any) -> str:
    named = {name: more.pop(name) for name in ("code_challenge", "nonce") if name in more}
    return authorization_url(
        provider_at(URL, **more), CLIENT, redirect_uri=BACK, state="s t", scopes=scopes, **named
    )


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def test_challenge_of_the_rfc() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_verifiers_and_nonces_are_new_each_time() -> None:
    assert len({new_verifier() for _ in range(50)}) == 50
    assert len({new_nonce() for _ in range(50)}) == 50
    assert len(new_verifier()) == 43


def test_everything_that_the_protocol_asks_for_is_sent() -> None:
    url = url_with(code_challenge="c" * 43, nonce="n1", resource="https://r.example/mcp")

    assert url.startswith(f"{URL}/authorize?")
    assert query_of(url) == {
        "response_type": "code",
        "client_id": "an-id",
        "redirect_uri": BACK,
        "scope": "a b",
        "state": "s t",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
        "resource": "https://r.example/mcp",
        "nonce": "n1",
    }


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"scope_separator": ","}, {"scope": "a,b"}),
        ({"scope_param": "user_scope"}, {"user_scope": "a b"}),
        ({"authorize_params": {"access_type": "offline"}}, {"access_type": "offline"}),
        ({"authorize_params": {"state": "x", "redirect_uri": "x"}}, {"state": "s t"}),
        ({"authorization_url": f"{URL}/a?tenant=1"}, {"tenant": "1", "state": "s t"}),
    ],
    ids=["separator", "parameter", "own", "own-replaces-nothing", "query-kept"],
)
def test_dialects(more: dict[str, Any], expected: dict[str, str]) -> None:
    assert expected.items() <= query_of(url_with(**more)).items()


def test_blank_parameters_are_left_out() -> None:
    assert set(query_of(url_with(scopes=()))) == {
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
    }


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)//",
        "data:text/html,x",
        "http://as.example/authorize",
        "//as.example/authorize",
        "https://as.example/#x",
        "https://user@as.example/",
        "https://as.example\\@evil.example/",
        "https:as.example",
    ],
)
def test_browser_is_not_sent_to_odd_addresses(url: str) -> None:
    with pytest.raises(OAuthError) as caught:
        url_with(authorization_url=url)

    assert caught.value.cause == "misconfigured"


@pytest.mark.parametrize(
    ("issuer", "promised", "iss"),
    [
        (URL, False, None),
        (URL, False, URL),
        (URL, True, URL),
        ("", False, "https://whoever.example"),
    ],
    ids=["unsaid", "same", "promised", "not-known"],
)
def test_issuer_is_accepted(issuer: str, promised: bool, iss: str | None) -> None:
    check_issuer(provider_at(URL, issuer=issuer, sends_issuer=promised), iss)


@pytest.mark.parametrize(
    ("promised", "iss"),
    [
        (True, None),
        (True, ""),
        (False, ""),
        (False, "https://evil.example"),
        (False, URL + "/"),
        (False, URL.upper()),
    ],
    ids=["promised-missing", "promised-blank", "blank", "another", "slash", "case"],
)
def test_issuer_is_refused(promised: bool, iss: str | None) -> None:
    """RFC 9207, section 2.4: compared as texts."""
    with pytest.raises(OAuthError) as caught:
        check_issuer(provider_at(URL, issuer=URL, sends_issuer=promised), iss)

    assert caught.value.cause == "rejected"


@pytest.mark.parametrize(
    ("issuer", "scopes", "expected"),
    [(URL, ["openid", "a"], True), (URL, ["a"], False), ("", ["openid"], False)],
)
def test_nonce_is_for_id_tokens_that_can_be_checked(
    issuer: str, scopes: list[str], expected: bool
) -> None:
    assert needs_nonce(provider_at(URL, issuer=issuer), scopes) is expected
