"""Odd and malicious answers over a real socket: each is a typed refusal, and nothing else."""

import gzip
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from connections.oauth.discovery import discover, discover_resource, register
from connections.oauth.errors import CAUSES, OAuthError
from connections.oauth.provider import Provider
from connections.oauth.revocation import revoke
from connections.oauth.tokens import exchange_code, refresh
from tests.oauth.cases import (
    CLIENT,
    GRANT,
    NOW,
    claims_of,
    ec_pem,
    provider_at,
    public_jwk,
    rsa_pem,
    signed_with,
)
from tests.oauth.scripted import Scripted, answer, http, quick_send

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GOOD = json.dumps(GRANT).encode()
MIB = 2**20

TOKEN_ANSWERS: dict[str, tuple[bytes, str]] = {
    # Not HTTP, or not all of it.
    "nothing": (b"", "unavailable"),
    "garbage": (b"\x00\xff\x16\x03\x01 hello\r\n\r\n", "bad_answer"),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-Ty", "bad_answer"),
    "half a body": (JSON_HEAD + b"Content-Length: 900\r\n\r\n" + GOOD, "bad_answer"),
    "two lengths": (
        JSON_HEAD + b"Content-Length: 3\r\nContent-Length: 70\r\n\r\n" + GOOD,
        "bad_answer",
    ),
    "status 99": (b"HTTP/1.1 99 No\r\nContent-Length: 0\r\n\r\n", "bad_answer"),
    "status of words": (b"HTTP/1.1 abc No\r\nContent-Length: 0\r\n\r\n", "bad_answer"),
    "bad chunks": (JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n", "bad_answer"),
    "head of 100 KiB": (
        JSON_HEAD + b"X-Long: " + b"a" * 100_000 + b"\r\nContent-Length: 2\r\n\r\n{}",
        "bad_answer",
    ),
    "no gzip": (http(GOOD, headers={"Content-Encoding": "gzip"}), "bad_answer"),
    "unknown encoding": (http(GOOD, headers={"Content-Encoding": "rot13"}), "bad_answer"),
    "gzip bomb": (
        http(gzip.compress(b" " * 64 * MIB), headers={"Content-Encoding": "gzip"}),
        "bad_answer",
    ),
    "10 MB": (http(b'{"access_token": "' + b"a" * 10_000_000 + b'"}'), "bad_answer"),
    # HTTP, but no object.
    "no body": (http(b""), "bad_answer"),
    "HTML": (http("<html>Sign in</html>", content_type="text/html"), "bad_answer"),
    "HTML that says JSON": (http("<html>Sign in</html>"), "bad_answer"),
    "JSON that says HTML": (http(GOOD, content_type="text/html"), "bad_answer"),
    "an image": (http(b"\x89PNG\r\n", content_type="image/png"), "bad_answer"),
    "a form that nobody declared": (
        http("access_token=at-1&token_type=bearer", content_type="text/plain"),
        "bad_answer",
    ),
    "a list": (http("[1]"), "bad_answer"),
    "null": (http("null"), "bad_answer"),
    "a text": (http('"at-1"'), "bad_answer"),
    "a number": (http("1e999"), "bad_answer"),
    "two objects": (http(GOOD + GOOD), "bad_answer"),
    "half an object": (http(GOOD[:-3]), "bad_answer"),
    "invalid UTF-8": (http(b'{"access_token": "\xff\xfe"}'), "bad_answer"),
    "UTF-16": (http(json.dumps(GRANT).encode("utf-16")), "bad_answer"),
    "a byte order mark": (http(b"\xef\xbb\xbf" + GOOD), "bad_answer"),
    "100,000 brackets": (http("[" * 100_000), "bad_answer"),
    "objects 100,000 deep": (http('{"a":' * 100_000 + "1" + "}" * 100_000), "bad_answer"),
    "a number of 10,000 digits": (http('{"access_token":' + "9" * 10_000 + "}"), "bad_answer"),
    # An object, but no token.
    "no members": (answer({}), "bad_answer"),
    "no access token": (answer({"token_type": "Bearer", "expires_in": 60}), "bad_answer"),
    "access token null": (answer(GRANT | {"access_token": None}), "bad_answer"),
    "access token blank": (answer(GRANT | {"access_token": ""}), "bad_answer"),
    "access token of spaces": (answer(GRANT | {"access_token": "   "}), "bad_answer"),
    "access token an object": (answer(GRANT | {"access_token": {"a": 1}}), "bad_answer"),
    "access token a list": (answer(GRANT | {"access_token": ["at-1"]}), "bad_answer"),
    "access token a number": (answer(GRANT | {"access_token": 7}), "bad_answer"),
    "access token true": (answer(GRANT | {"access_token": True}), "bad_answer"),
    "access token with a line break": (answer(GRANT | {"access_token": "a\r\nX: y"}), "bad_answer"),
    "access token that ends its line": (answer(GRANT | {"access_token": "a\n"}), "bad_answer"),
    "access token with a NUL": (answer(GRANT | {"access_token": "a\x00"}), "bad_answer"),
    "access token beyond ASCII": (answer(GRANT | {"access_token": "tökén"}), "bad_answer"),
    "access token half a surrogate": (http('{"access_token": "\\ud800"}'), "bad_answer"),
    "access token of 33 KB": (answer(GRANT | {"access_token": "a" * 32_769}), "bad_answer"),
    "access token of 1 MB": (answer(GRANT | {"access_token": "a" * 1_000_000}), "bad_answer"),
    "token type MAC": (answer(GRANT | {"token_type": "MAC"}), "bad_answer"),
    "token type DPoP": (answer(GRANT | {"token_type": "DPoP"}), "bad_answer"),
    "token type bot, undeclared": (answer(GRANT | {"token_type": "bot"}), "bad_answer"),
    "token type an object": (answer(GRANT | {"token_type": {}}), "bad_answer"),
    "expires_in negative": (answer(GRANT | {"expires_in": -1}), "bad_answer"),
    "expires_in negative text": (answer(GRANT | {"expires_in": "-1"}), "bad_answer"),
    "expires_in words": (answer(GRANT | {"expires_in": "an hour"}), "bad_answer"),
    "expires_in other digits": (answer(GRANT | {"expires_in": "٣٦٠٠"}), "bad_answer"),
    "expires_in true": (answer(GRANT | {"expires_in": True}), "bad_answer"),
    "expires_in a list": (answer(GRANT | {"expires_in": [3600]}), "bad_answer"),
    "expires_in NaN": (http('{"access_token": "a", "expires_in": NaN}'), "bad_answer"),
    "expires_in minus infinity": (
        http('{"access_token": "a", "expires_in": -Infinity}'),
        "bad_answer",
    ),
    "expires_at past": (answer({"access_token": "a", "expires_at": 1}), "bad_answer"),
    "expires_at words": (answer({"access_token": "a", "expires_at": "soon"}), "bad_answer"),
    "expires_at too far": (answer({"access_token": "a", "expires_at": 10**18}), "bad_answer"),
    "expires_at an object": (answer({"access_token": "a", "expires_at": {}}), "bad_answer"),
    "refresh token an object": (answer(GRANT | {"refresh_token": {"a": 1}}), "bad_answer"),
    "refresh token with a line break": (answer(GRANT | {"refresh_token": "a\nb"}), "bad_answer"),
    "refresh token of 1 MB": (answer(GRANT | {"refresh_token": "a" * 1_000_000}), "bad_answer"),
    "scope a number": (answer(GRANT | {"scope": 7}), "bad_answer"),
    "scope a list of objects": (answer(GRANT | {"scope": [{}]}), "bad_answer"),
    "scope with controls": (answer(GRANT | {"scope": "a\x00b"}), "bad_answer"),
    "scope of 100 KB": (answer(GRANT | {"scope": "a " * 50_000}), "bad_answer"),
    "one scope of 100 KB": (answer(GRANT | {"scope": "a" * 100_000}), "bad_answer"),
    "2,000 scopes": (answer(GRANT | {"scope": [f"s{n}" for n in range(2000)]}), "bad_answer"),
    "id token an object": (answer(GRANT | {"id_token": {}}), "bad_answer"),
    # Refusals that say they are none.
    "200 with ok false": (answer({"ok": False, "error": "invalid_code"}), "invalid_grant"),
    "200 with ok false alone": (answer({"ok": False}), "rejected"),
    "200 with ok false and a token": (answer(GRANT | {"ok": False}), "rejected"),
    "200 with an error": (answer({"error": "bad_verification_code"}), "invalid_grant"),
    "200 with an error and a token": (answer(GRANT | {"error": "access_denied"}), "access_denied"),
    "200 with an error that nobody knows": (answer({"error": "<script>"}), "rejected"),
    "200 with an error object": (answer({"error": {"code": "invalid_client"}}), "invalid_client"),
    "200 with an error list": (answer({"error": ["invalid_grant"]}), "rejected"),
    "200 that is slow down": (answer({"ok": False, "error": "ratelimited"}), "rate_limited"),
    # Refusals.
    "invalid_grant": (answer({"error": "invalid_grant"}, status=400), "invalid_grant"),
    "invalid_grant, 401": (answer({"error": "invalid_grant"}, status=401), "invalid_grant"),
    "invalid_client": (answer({"error": "invalid_client"}, status=401), "invalid_client"),
    "invalid_scope": (answer({"error": "invalid_scope"}, status=400), "invalid_scope"),
    "invalid_request": (answer({"error": "invalid_request"}, status=400), "rejected"),
    "unsupported": (answer({"error": "unsupported_grant_type"}, status=400), "unsupported"),
    "redirect mismatch": (answer({"error": "redirect_uri_mismatch"}, status=400), "misconfigured"),
    "401 without a word": (http(b"", status=401), "invalid_client"),
    "403 page": (http("<h1>No</h1>", status=403, content_type="text/html"), "rejected"),
    "404 page": (http("<h1>No</h1>", status=404, content_type="text/html"), "misconfigured"),
    "error of 1 MB": (answer({"error": "a" * 1_000_000}, status=400), "rejected"),
    "error an object in an object": (answer({"error": {"code": {}}}, status=400), "rejected"),
    "error with markup and line breaks": (
        answer({"error": "<script>\r\n", "error_description": "x" * 900_000}, status=400),
        "rejected",
    ),
    "invalid_grant on an HTML page": (
        http('{"error": "invalid_grant"}', status=400, content_type="text/html"),
        "rejected",
    ),
    "429": (answer({"error": "invalid_grant"}, status=429), "rate_limited"),
    "500 that says invalid_grant": (answer({"error": "invalid_grant"}, status=500), "unavailable"),
    "503 page": (http("<h1>Soon</h1>", status=503, content_type="text/html"), "unavailable"),
    "temporarily_unavailable": (
        answer({"error": "temporarily_unavailable"}, status=400),
        "unavailable",
    ),
    # Elsewhere.
    "redirect": (http(b"", status=302, headers={"Location": "/other"}), "bad_answer"),
    "redirect that keeps the body": (
        http(b"", status=307, headers={"Location": "http://127.0.0.1:1/"}),
        "bad_answer",
    ),
    "redirect to metadata": (
        http(b"", status=308, headers={"Location": "http://169.254.169.254/"}),
        "bad_answer",
    ),
    "204": (b"HTTP/1.1 204 None\r\n\r\n", "bad_answer"),
}
CASES = pytest.mark.parametrize(("raw", "cause"), TOKEN_ANSWERS.values(), ids=TOKEN_ANSWERS.keys())


def trade(provider: Provider, **more: Any) -> Any:
    arguments = {"code": "a-code", "redirect_uri": "https://here.example/back", **more}
    return exchange_code(provider, CLIENT, **arguments, send=quick_send(), now=NOW)


def renew(provider: Provider) -> Any:
    return refresh(provider, CLIENT, refresh_token="rt-1", send=quick_send(), now=NOW)


def cause_of(action: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    with pytest.raises(OAuthError) as caught:
        action(*arguments, **named)
    assert caught.value.cause in CAUSES
    assert str(caught.value) == caught.value.cause
    return caught.value.cause


@CASES
def test_answer_to_a_code_is_refused(server: Scripted, raw: bytes, cause: str) -> None:
    server.answers["/token"] = raw

    assert cause_of(trade, provider_at(server.url)) == cause
    # A code that was sent is spent: nobody sends it again, nor to another place.
    assert len(server.heard) == 1


@CASES
def test_answer_to_a_refresh_is_refused_and_ends_a_grant_only_if_it_says_so(
    server: Scripted, raw: bytes, cause: str
) -> None:
    server.answers["/token"] = raw

    with pytest.raises(OAuthError) as caught:
        renew(provider_at(server.url))

    assert caught.value.cause == cause
    assert caught.value.is_final is (cause == "invalid_grant")
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    "raw",
    [
        http("access_token=&token_type=bearer", content_type="text/plain"),
        http("error=bad_verification_code", content_type="text/plain"),
        http("access_token", content_type="text/plain"),
        http("&" * 1000, content_type="text/plain"),
        http("a=b&" * 1000, content_type="text/plain"),
        http("access_token=%ff%fe", content_type="text/plain"),
        http(b"access_token=\xff", content_type="text/plain"),
        http("<html>a=b</html>", content_type="text/html"),
    ],
    ids=["blank", "error", "no-value", "1000-blanks", "1000-pairs", "utf-8", "bytes", "html"],
)
def test_answer_in_a_form_is_refused(server: Scripted, raw: bytes) -> None:
    server.answers["/token"] = raw

    cause = cause_of(trade, provider_at(server.url, answer_format="form"))

    assert cause == ("invalid_grant" if b"error=" in raw else "bad_answer")


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("http://169.254.169.254/token", "misconfigured"),
        ("https://169.254.169.254/token", "blocked"),
        ("https://10.0.0.1/token", "blocked"),
        ("https://[::1]/token", "blocked"),
        ("https://user:pass@as.example/token", "misconfigured"),
        ("https://as.example:22/token", "misconfigured"),
        ("file:///etc/passwd", "misconfigured"),
        ("gopher://as.example/", "misconfigured"),
        ("//as.example/token", "misconfigured"),
        ("https://as.example/\r\nX: y", "misconfigured"),
        ("not a url", "misconfigured"),
    ],
)
def test_secret_is_not_sent_to_an_address_that_may_not_be_called(
    server: Scripted, url: str, cause: str
) -> None:
    assert cause_of(trade, provider_at(server.url, token_url=url)) == cause
    assert server.heard == []


def test_nobody_there_is_unavailable(server: Scripted) -> None:
    with pytest.raises(OAuthError) as caught:
        trade(provider_at("http://127.0.0.1:1"))

    assert (caught.value.cause, caught.value.network) == ("unavailable", "refused")
    assert caught.value.is_temporary


def test_answer_that_does_not_end_is_unavailable(server: Scripted) -> None:
    def endless(_heard: Any) -> bytes:
        return JSON_HEAD + b"Content-Length: 1000000000\r\n\r\n" + b" " * 2 * MIB

    server.answers["/token"] = endless

    assert cause_of(trade, provider_at(server.url)) == "bad_answer"


METADATA_ANSWERS: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://accounts.google.com"},
    "issuer below": {"issuer": "{url}/tenant"},
    "issuer missing": {"issuer": None},
    "issuer a list": {"issuer": ["{url}"]},
    "http token endpoint": {"token_endpoint": "http://as.example/token"},
    "script as an authorization endpoint": {"authorization_endpoint": "javascript:alert(1)"},
    "file as an authorization endpoint": {"authorization_endpoint": "file:///etc/passwd"},
    "user info in an endpoint": {"token_endpoint": "https://a:b@as.example/token"},
    "line break in an endpoint": {"token_endpoint": "https://as.example/\r\ntoken"},
    "fragment in an endpoint": {"authorization_endpoint": "https://as.example/#a"},
    "endpoint of 3 KB": {"token_endpoint": "https://as.example/" + "a" * 3000},
    "endpoint a number": {"token_endpoint": 7},
    "port of mail": {"token_endpoint": "https://as.example:25/"},
    "backslash in an endpoint": {"authorization_endpoint": "https://as.example\\@evil.example/"},
    "numbers as a host": {"token_endpoint": "https://0x7f000001/token"},
    "keys over http": {"jwks_uri": "http://as.example/keys"},
    "methods a text": {"token_endpoint_auth_methods_supported": "client_secret_basic"},
    "methods a list of objects": {"token_endpoint_auth_methods_supported": [{}]},
    "2,000 scopes": {"scopes_supported": ["a"] * 2000},
}


def metadata_of(url: str, **changed: Any) -> dict[str, Any]:
    good = {
        "issuer": url,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "jwks_uri": f"{url}/keys",
    }
    found = {**good, **changed}
    return {
        name: value.replace("{url}", url) if isinstance(value, str) else value
        for name, value in found.items()
        if value is not None
    }


AS_PATH = "/.well-known/oauth-authorization-server"


@pytest.mark.parametrize("changed", METADATA_ANSWERS.values(), ids=METADATA_ANSWERS.keys())
def test_metadata_are_refused(server: Scripted, changed: dict[str, Any]) -> None:
    server.answers[AS_PATH] = answer(metadata_of(server.url, **changed))

    assert cause_of(discover, server.url, send=quick_send()) == "bad_answer"


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (http(b"{" + b" " * 5_000_000 + b"}"), "bad_answer"),
        (http(b"{" + b" " * 300_000 + b"}"), "bad_answer"),
        (http("[]"), "bad_answer"),
        (http("{"), "bad_answer"),
        (http(b"", status=302, headers={"Location": "https://evil.example/"}), "bad_answer"),
        (http("<html></html>", content_type="text/html"), "unsupported"),
        (http(b"", status=503), "unavailable"),
        (http(b"", status=429, headers={"Retry-After": "5"}), "rate_limited"),
    ],
    ids=["5MB", "300KB", "list", "half", "redirect", "html", "503", "429"],
)
def test_metadata_that_are_none_are_refused(server: Scripted, raw: bytes, cause: str) -> None:
    server.answers[AS_PATH] = raw

    assert cause_of(discover, server.url, send=quick_send()) == cause


def test_metadata_of_300_kb_are_refused(server: Scripted) -> None:
    server.answers[AS_PATH] = answer(metadata_of(server.url, padding="a" * 300_000))

    assert cause_of(discover, server.url, send=quick_send()) == "bad_answer"


def test_metadata_in_a_redirect_are_refused(server: Scripted) -> None:
    server.answers[AS_PATH] = answer(metadata_of(server.url), status=302)

    assert cause_of(discover, server.url, send=quick_send()) == "bad_answer"


KEY, OTHER_KEY = rsa_pem(), rsa_pem(number=1)
PUBLIC = public_jwk(KEY)


def forged(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    parts = (json.dumps(part).encode() for part in (header, claims))
    packed = [urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]
    return ".".join([*packed, signature])


ID_TOKENS: dict[str, Callable[[str], Any]] = {
    "missing": lambda issuer: None,
    "no JWT": lambda issuer: "hello",
    "two parts": lambda issuer: signed_with(KEY, claims_of(issuer)).rpartition(".")[0],
    "encrypted": lambda issuer: "a.b.c.d.e",
    "1 MB": lambda issuer: "a" * 1_000_000,
    "200 KB, signed": lambda issuer: signed_with(KEY, claims_of(issuer, x="a" * 100_000)),
    "alg none": lambda issuer: forged({"alg": "none", "kid": "k1"}, claims_of(issuer)),
    "alg None": lambda issuer: forged({"alg": "None", "kid": "k1"}, claims_of(issuer)),
    "no alg": lambda issuer: forged({"kid": "k1"}, claims_of(issuer)),
    "alg a list": lambda issuer: forged({"alg": ["RS256"], "kid": "k1"}, claims_of(issuer)),
    "HS256 with the public key": lambda issuer: hs256_with_public_key(issuer),
    "another key": lambda issuer: signed_with(OTHER_KEY, claims_of(issuer)),
    "unknown kid": lambda issuer: signed_with(KEY, claims_of(issuer), kid="k2"),
    "kid a number": lambda issuer: forged({"alg": "RS256", "kid": 1}, claims_of(issuer), "AAAA"),
    "crit": lambda issuer: forged({"alg": "RS256", "kid": "k1", "crit": ["x"]}, {}, "AAAA"),
    "key inside": lambda issuer: signed_with(OTHER_KEY, claims_of(issuer), jwk=PUBLIC),
    "ES256 with an RSA key": lambda issuer: forged(
        {"alg": "ES256", "kid": "k1"}, claims_of(issuer), "A" * 86
    ),
    "changed after it was signed": lambda issuer: changed_payload(issuer),
    "another issuer": lambda issuer: signed_with(KEY, claims_of("https://evil.example")),
    "no issuer": lambda issuer: signed_with(KEY, claims_of(issuer, iss=None)),
    "another audience": lambda issuer: signed_with(KEY, claims_of(issuer, aud="other")),
    "no audience": lambda issuer: signed_with(KEY, claims_of(issuer, aud=None)),
    "audience empty": lambda issuer: signed_with(KEY, claims_of(issuer, aud=[])),
    "audience an object": lambda issuer: signed_with(KEY, claims_of(issuer, aud={"an-id": 1})),
    "two audiences, another party": lambda issuer: signed_with(
        KEY, claims_of(issuer, aud=["an-id", "other"], azp="other")
    ),
    "two audiences, no party": lambda issuer: signed_with(
        KEY, claims_of(issuer, aud=["an-id", "other"])
    ),
    "another party": lambda issuer: signed_with(KEY, claims_of(issuer, azp="other")),
    "another nonce": lambda issuer: signed_with(KEY, claims_of(issuer, nonce="b-nonce")),
    "no nonce": lambda issuer: signed_with(KEY, claims_of(issuer, nonce=None)),
    "nonce a list": lambda issuer: signed_with(KEY, claims_of(issuer, nonce=["a-nonce", "x"])),
    "expired": lambda issuer: signed_with(KEY, claims_of(issuer, exp=int(NOW.timestamp()) - 61)),
    "no end": lambda issuer: signed_with(KEY, claims_of(issuer, exp=None)),
    "end in words": lambda issuer: signed_with(KEY, claims_of(issuer, exp="tomorrow")),
    "end NaN": lambda issuer: signed_with(KEY, claims_of(issuer, exp=float("nan"))),
    "no moment of issue": lambda issuer: signed_with(KEY, claims_of(issuer, iat=None)),
    "issued tomorrow": lambda issuer: signed_with(
        KEY, claims_of(issuer, iat=int(NOW.timestamp()) + 86400)
    ),
    "not yet": lambda issuer: signed_with(KEY, claims_of(issuer, nbf=int(NOW.timestamp()) + 86400)),
    "no subject": lambda issuer: signed_with(KEY, claims_of(issuer, sub=None)),
    "subject a number": lambda issuer: signed_with(KEY, claims_of(issuer, sub=7)),
}


def hs256_with_public_key(issuer: str) -> str:
    """The old confusion: the public key, which everybody has, taken for a shared secret."""
    unsigned = forged({"alg": "HS256", "kid": "k1"}, claims_of(issuer)).rstrip(".")
    pem = RSAKey.import_key(KEY).as_pem(private=False)
    mac = hmac.digest(pem, unsigned.encode(), "sha256")
    return unsigned + "." + urlsafe_b64encode(mac).rstrip(b"=").decode()


def changed_payload(issuer: str) -> str:
    head, _payload, signature = signed_with(KEY, claims_of(issuer)).split(".")
    other = forged({}, claims_of(issuer, sub="somebody-else")).split(".")[1]
    return f"{head}.{other}.{signature}"


def openid_provider(server: Scripted, id_token: Any, keys: Any = None) -> Provider:
    server.answers["/token"] = answer(GRANT | {"id_token": id_token})
    server.answers["/keys"] = answer({"keys": [PUBLIC] if keys is None else keys})
    return provider_at(server.url, issuer=server.url, jwks_uri=f"{server.url}/keys")


def test_good_id_token_is_believed(server: Scripted) -> None:
    provider = openid_provider(server, signed_with(KEY, claims_of(server.url)))

    found = trade(provider, nonce="a-nonce")

    assert found.id_claims["sub"] == "person-1"
    assert found.id_token == ""


@pytest.mark.parametrize("make", ID_TOKENS.values(), ids=ID_TOKENS.keys())
def test_id_token_is_refused(server: Scripted, make: Callable[[str], Any]) -> None:
    provider = openid_provider(server, make(server.url))

    assert cause_of(trade, provider, nonce="a-nonce") == "bad_answer"


@pytest.mark.parametrize(
    "name", ["200 KB, signed", "no JWT", "alg none", "HS256 with the public key", "crit"]
)
def test_nothing_is_fetched_for_an_id_token_that_nobody_could_verify(
    server: Scripted, name: str
) -> None:
    provider = openid_provider(server, ID_TOKENS[name](server.url))

    assert cause_of(trade, provider, nonce="a-nonce") == "bad_answer"
    assert [heard.path for heard in server.heard] == ["/token"]


@pytest.mark.parametrize(
    "keys",
    [
        [],
        "keys",
        [None, 1, "a"],
        [{"kty": "RSA"}],
        [{"kty": "RSA", "kid": "k1", "n": "!!", "e": "AQAB"}],
        [{"kty": "RSA", "kid": "k1", "n": {"a": 1}, "e": []}],
        [{"kty": ["RSA"], "kid": "k1"}],
        [{"kty": "oct", "kid": "k1", "k": "c2VjcmV0"}],
        [{"kty": "EC", "kid": "k1", "crv": "P-256", "x": "AA", "y": "AA"}],
        [PUBLIC | {"use": "enc"}],
        [PUBLIC | {"kid": "other"}],
        [PUBLIC, PUBLIC],
        [public_jwk(OTHER_KEY)],
        [public_jwk(rsa_pem(1024))],
        [PUBLIC, *(PUBLIC | {"kid": f"n{number}"} for number in range(100))],
    ],
    ids=[
        *("none", "text", "odd", "no-numbers", "no-base64", "objects", "type-list", "secret"),
        *("off-curve", "encryption", "other-kid", "two-alike", "other-key", "1024-bits", "101"),
    ],
)
def test_keys_that_verify_nothing_are_refused(server: Scripted, keys: Any) -> None:
    provider = openid_provider(server, signed_with(KEY, claims_of(server.url)), keys)

    assert cause_of(trade, provider, nonce="a-nonce") == "bad_answer"


@pytest.mark.filterwarnings("ignore:Key size")
def test_short_key_does_not_sign(server: Scripted) -> None:
    short = rsa_pem(1024)
    id_token = signed_with(short, claims_of(server.url))
    provider = openid_provider(server, id_token, [public_jwk(short)])

    assert cause_of(trade, provider, nonce="a-nonce") == "bad_answer"


@pytest.mark.parametrize(
    ("jwks_uri", "cause"),
    [
        ("https://169.254.169.254/latest/meta-data", "blocked"),
        ("https://[fd00:ec2::254]/", "blocked"),
        ("http://169.254.169.254/", "misconfigured"),
        ("file:///etc/passwd", "misconfigured"),
    ],
)
def test_keys_are_not_fetched_from_an_address_that_may_not_be_called(
    server: Scripted, jwks_uri: str, cause: str
) -> None:
    provider = openid_provider(server, signed_with(KEY, claims_of(server.url)))
    bad = provider_at(server.url, issuer=provider.issuer, jwks_uri=jwks_uri)

    assert cause_of(trade, bad, nonce="a-nonce") == cause
    assert [heard.path for heard in server.heard] == ["/token"]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"client_id": ""},
        {"client_id": None, "client_secret": "x"},
        {"client_id": ["a"]},
        {"client_id": "a" * 501},
        {"client_id": "a\r\nb"},
        {"client_id": "a", "client_secret": {"a": 1}},
        {"client_id": "a", "client_secret": "a\nb"},
        {"client_id": "a", "client_secret": "a" * 40_000},
        {"client_id": "a", "client_secret": "b", "client_secret_expires_at": "soon"},
        {"client_id": "a", "client_secret": "b", "client_secret_expires_at": 10**20},
        {"client_id": "a", "client_secret": "b", "token_endpoint_auth_method": ["none"]},
        {"client_id": "a", "client_secret": "b", "token_endpoint_auth_method": "tls_client_auth"},
    ],
    ids=str,
)
def test_registration_is_refused(server: Scripted, members: dict[str, Any]) -> None:
    server.answers["/register"] = answer(members, status=201)
    provider = provider_at(server.url, registration_url=f"{server.url}/register")

    cause = cause_of(
        register, provider, redirect_uri="https://h.example/", client_name="x", send=quick_send()
    )

    unsupported = "token_endpoint_auth_method" in members
    assert cause == ("unsupported" if unsupported else "bad_answer")


CHALLENGES = {
    "script": 'Bearer resource_metadata="javascript:alert(1)"',
    "file": 'Bearer resource_metadata="file:///etc/passwd"',
    "http elsewhere": 'Bearer resource_metadata="http://evil.example/"',
    "user info": 'Bearer resource_metadata="https://a:b@evil.example/"',
    "3 KB": f'Bearer resource_metadata="https://evil.example/{"a" * 3000}"',
}


@pytest.mark.parametrize("challenge", CHALLENGES.values(), ids=CHALLENGES.keys())
def test_challenge_that_points_elsewhere_is_refused(server: Scripted, challenge: str) -> None:
    server.answers["/mcp"] = http(b"", status=401, headers={"WWW-Authenticate": challenge})

    assert cause_of(discover_resource, f"{server.url}/mcp", send=quick_send()) == "bad_answer"
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (http(b"", status=400), "rejected"),
        (answer({"error": "unsupported_token_type"}, status=400), "unsupported"),
        (answer({"ok": False, "error": "not_allowed"}), "rejected"),
        (answer({"error": "invalid_client"}, status=401), "invalid_client"),
        (http(b"", status=302, headers={"Location": "https://evil.example/"}), "bad_answer"),
        (http(b"", status=503, headers={"Retry-After": "7"}), "unavailable"),
        (answer({"error": "invalid_token"}, status=503), "unavailable"),
        (b"", "unavailable"),
    ],
    ids=["400", "unsupported", "ok-false", "client", "redirect", "503", "503-gone", "nothing"],
)
def test_revocation_is_refused(server: Scripted, raw: bytes, cause: str) -> None:
    server.answers["/revoke"] = raw
    provider = provider_at(server.url, revoke_url=f"{server.url}/revoke")

    found = cause_of(
        revoke, provider, CLIENT, token="rt-1", hint="refresh_token", send=quick_send()
    )

    assert found == cause


def test_elliptic_key_is_not_taken_for_an_rsa_key(server: Scripted) -> None:
    key = {**ECKey.import_key(ec_pem()).as_dict(private=False), "kid": "k1"}
    provider = openid_provider(server, signed_with(KEY, claims_of(server.url)), [key])

    assert cause_of(trade, provider, nonce="a-nonce") == "bad_answer"
