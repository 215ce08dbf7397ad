"""How values become a request: what is sent where, what is left out, what is never sent."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from oauthlib.oauth1.rfc5849 import signature as oauthlib

from integrations.auth_methods import AUTH_METHODS
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.outgoing import outgoing
from integrations.signing import SIGNATURES, AWSScope, Outgoing, canonical_request
from integrations.specs import MethodDefinition, Spec
from integrations.templates import UnfilledTemplate, UnfitValue

BASE = "https://api.example.com/v1"
SPECS = (
    Spec(key="api_key", type="password"),
    Spec(key="token", type="password"),
    Spec(key="optional", required=False),
    Spec(key="username", secure=False),
    Spec(key="password", type="password", required=False),
    Spec(key="name", target="config"),
    Spec(key="region", target="config"),
    Spec(key="headers", type="headers"),
)


def method_of(kind: str = "custom", **parts: Any) -> MethodDefinition:
    parts.setdefault("request", {})
    parts["request"] = {"base_url": BASE, **parts["request"]}
    return MethodDefinition(id="m", name="M", kind=kind, specs=SPECS, **parts)


def sent(
    method: MethodDefinition,
    credentials: dict[str, Any],
    config: dict[str, Any] | None = None,
    **call: Any,
) -> Outgoing:
    return outgoing(method, {"credentials": credentials, "config": config or {}}, **call)


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("kind", "request_", "credentials", "expected"),
    [
        pytest.param("none", {}, {}, {}, id="none"),
        pytest.param("bearer", {}, {"token": "t"}, {"Authorization": "Bearer t"}, id="bearer"),
        pytest.param("basic", {}, {"username": "u", "password": "p:ä"},
                     {"Authorization": basic("u:p:ä")}, id="basic"),
        pytest.param("basic", {}, {"username": "u"}, {"Authorization": basic("u:")},
                     id="no-password"),
        pytest.param("basic", {"username": "{username}/token", "password": "X"},
                     {"username": "u"}, {"Authorization": basic("u/token:X")}, id="basic-template"),
        pytest.param("oauth2", {}, {"access_token": "a"}, {"Authorization": "Bearer a"},
                     id="oauth2"),
        pytest.param("api_key", {"headers": {"X-Key": "{api_key}", "X-Org": "{optional}"}},
                     {"api_key": "k"}, {"X-Key": "k"}, id="empty-is-left-out"),
        pytest.param("api_key", {"headers": {"X-{name}": "{api_key}"}}, {"api_key": "k"},
                     {"X-acme": "k"}, id="name-is-a-template"),
        pytest.param("custom", {}, {"headers": {"X-A": "1", "accept": "text/plain"}},
                     {"X-A": "1", "accept": "text/plain"}, id="custom-headers"),
        pytest.param("custom", {"headers": {"X-A": "0"}}, {"headers": {"x-a": "1"}},
                     {"x-a": "1"}, id="custom-headers-come-later"),
    ],
)  # fmt: skip
def test_values_authenticate_as_their_kind_says(
    kind: str, request_: dict[str, Any], credentials: dict[str, Any], expected: dict[str, str]
) -> None:
    call = sent(method_of(kind, request=request_), credentials, {"name": "acme"}, path="/me")
    headers = dict(call.headers)
    if "accept" not in expected:
        assert headers.pop("Accept") == "application/json"
    assert headers == expected
    assert (call.method, call.url, call.body) == ("GET", f"{BASE}/me", b"")


@pytest.mark.parametrize(
    ("kind", "request_", "expected"),
    [
        pytest.param("oauth2_client_credentials", {}, ("Authorization", "Bearer new"), id="alone"),
        pytest.param("service_account", {"headers": {"X-A": "1"}}, ("Authorization", "Bearer new"),
                     id="beside-headers"),
        pytest.param("oauth2", {"headers": {"X-Token": "{access_token}"}}, ("X-Token", "new"),
                     id="by-its-template"),
        pytest.param("basic", {}, ("Authorization", "Bearer new"), id="instead-of-the-password"),
    ],
)  # fmt: skip
def test_obtained_token_is_sent_instead(
    kind: str, request_: dict[str, Any], expected: tuple[str, str]
) -> None:
    credentials = {"access_token": "old", "username": "u", "password": "p"}
    call = sent(method_of(kind, request=request_), credentials, token="new")
    assert expected in call.headers
    assert "old" not in str(call.headers)
    assert "Basic" not in str(call.headers)


@pytest.mark.parametrize(
    ("base", "query", "path", "expected"),
    [
        ("https://a.example.com/mcp/", {}, "", "https://a.example.com/mcp/"),
        ("https://a.example.com", {}, "/", "https://a.example.com/"),
        ("https://a.example.com/v1/", {}, "/me?x=1", "https://a.example.com/v1/me?x=1"),
        (
            "https://a.example.com/v1?a=1",
            {"key": "{api_key}", "o": "{optional}", "v": "2 3"},
            "/me?x=1",
            "https://a.example.com/v1/me?a=1&x=1&key=k%26%2F%3D&v=2%203",
        ),
        ("https://a.example.com/v1#top", {}, "", "https://a.example.com/v1"),
        ("https://a.example.com", {}, "/b/{name}/o", "https://a.example.com/b/a%2Fb/o"),
    ],
)
def test_url_is_put_together(base: str, query: dict[str, str], path: str, expected: str) -> None:
    method = method_of(request={"base_url": base, "query": query})
    assert sent(method, {"api_key": "k&/="}, {"name": "a/b"}, path=path).url == expected


@pytest.mark.parametrize(
    ("headers", "body", "expected", "media_type"),
    [
        pytest.param({}, {"q": "{ a { b } }", "k": "{api_key}"}, b'{"q":"{ a { b } }","k":"K\\""}',
                     "application/json", id="json"),
        pytest.param({"content-type": "application/x-www-form-urlencoded"}, {"k": "{api_key}"},
                     b"k=K%22", "application/x-www-form-urlencoded", id="form"),
        pytest.param({}, [], b"[]", "application/json", id="empty-list"),
    ],
)  # fmt: skip
def test_body_is_written_in_its_media_type(
    headers: dict[str, str], body: Any, expected: bytes, media_type: str
) -> None:
    call = sent(method_of(), {"api_key": 'K"'}, verb="POST", headers=headers, body=body)
    assert call.body == expected
    assert {name.lower(): value for name, value in call.headers}["content-type"] == media_type


@pytest.mark.parametrize("bad", ["a\r\nX: 1", "a\nb", "a\x00b", " a", "a ", "é", "\x7f", "a\rb"])
def test_value_that_breaks_a_header_is_refused(bad: str) -> None:
    method = method_of(request={"headers": {"X-Key": "{api_key}"}})
    with pytest.raises(UnfitValue) as refused:
        sent(method, {"api_key": bad})
    assert refused.value.place == "header"
    assert bad not in str(refused.value)


@pytest.mark.parametrize(
    "name",
    ["a b", "a:b", "a\r\nb", "", "é", "Host", "content-length", "Transfer-Encoding", "Connection"],
)
def test_name_that_breaks_or_frames_a_message_is_refused(name: str) -> None:
    with pytest.raises(UnfitValue):
        sent(method_of(), {"headers": {name: "1"}})


def test_user_name_with_a_colon_would_be_another_name() -> None:
    with pytest.raises(UnfitValue):
        sent(method_of("basic"), {"username": "a:b", "password": "p"})


def test_method_without_an_address_cannot_be_called() -> None:
    with pytest.raises(UnfilledTemplate):
        sent(method_of(request={"base_url": ""}), {})


def test_nothing_that_authenticates_is_shown() -> None:
    method = method_of(request={"headers": {"X-Key": "{api_key}"}, "query": {"k": "{api_key}"}})
    assert "canary" not in repr(sent(method, {"api_key": "canary"}, body={"a": "{api_key}"}))


# AWS's own examples: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
S3_KEYS = {
    "access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


@pytest.mark.parametrize(
    ("path", "signature"),
    [
        ("/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        (
            "/?max-keys=2&prefix=J",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_s3_signature_is_that_of_the_published_example(path: str, signature: str) -> None:
    method = MethodDefinition(
        id="m",
        name="M",
        kind="aws",
        specs=AUTH_METHODS["aws"].brings,
        request={"base_url": "https://examplebucket.s3.amazonaws.com"},
    )
    call = sent(method, S3_KEYS, path=path, now=datetime(2013, 5, 24, tzinfo=UTC))
    headers = dict(call.headers)
    assert headers["x-amz-date"] == "20130524T000000Z"
    assert headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}"
    )


# The published test suite of Signature Version 4, where the service is called `service`.
SUITE = AWSScope(moment="20150830T123600Z", region="us-east-1", service="service")


@pytest.mark.parametrize(
    ("verb", "path", "signature"),
    [
        ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "GET",
            "/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
    ],
)
def test_signature_is_that_of_the_published_suite(verb: str, path: str, signature: str) -> None:
    call = Outgoing(method=verb, url=f"https://example.amazonaws.com{path}")
    signed = {"host": "example.amazonaws.com", "x-amz-date": SUITE.moment}
    text = canonical_request(call, signed, SUITE)
    assert SUITE.signature("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", text) == signature


@pytest.mark.parametrize(
    ("url", "region", "scope"),
    [
        ("https://bedrock.eu-central-1.amazonaws.com", "", "eu-central-1/bedrock"),
        ("https://bedrock-runtime.us-west-2.amazonaws.com", "x", "us-west-2/bedrock"),
        ("https://s3.cn-north-1.amazonaws.com.cn", "", "cn-north-1/s3"),
        ("https://acme.s3.us-gov-west-1.amazonaws.com", "", "us-gov-west-1/s3"),
        ("https://minio.example.com:9000", "auto", "auto/s3"),
        ("https://minio.example.com", "", "us-east-1/s3"),
        ("https://storage.googleapis.com", "", "auto/s3"),
    ],
)
def test_service_and_region_of_a_signature_come_from_the_host(
    url: str, region: str, scope: str
) -> None:
    keys = {**S3_KEYS, "session_token": "session"}
    method = method_of("aws", request={"base_url": url})
    call = sent(method, keys, {"region": region}, now=datetime(2026, 1, 2, tzinfo=UTC))
    headers = dict(call.headers)
    assert f"/20260102/{scope}/aws4_request," in headers["Authorization"]
    assert headers["x-amz-security-token"] == "session"
    assert "x-amz-security-token" in headers["Authorization"]
    assert S3_KEYS["secret_access_key"] not in str(call.headers)


def test_oauth1_signature_is_the_one_of_the_standard() -> None:
    """Computed again here from RFC 5849, section 3.4."""
    secrets = {
        "consumer_key": "key",
        "consumer_secret": "a&b",
        "oauth_token": "token",
        "oauth_token_secret": "c d",
    }
    call = sent(method_of("oauth1"), secrets, path="/me?b=2&a=1%20x", verb="GET")
    kind, _space, listed = dict(call.headers)["Authorization"].partition(" ")
    found = {
        name: value.strip('"')
        for name, value in (part.strip().split("=", 1) for part in listed.split(","))
    }
    signature = found.pop("oauth_signature")
    pairs = sorted(
        (quote(name, safe="~"), quote(value, safe="~"))
        for name, value in [
            *((name, parsed) for name, parsed in found.items()),
            *parse_qsl(urlsplit(call.url).query),
        ]
    )
    listed = "&".join(f"{name}={value}" for name, value in pairs)
    text = "&".join(quote(part, safe="~") for part in ("GET", f"{BASE}/me", listed))
    key = "&".join(quote(part, safe="~") for part in ("a&b", "c d"))
    expected = base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest())
    assert kind == "OAuth"
    assert quote(expected, safe="") == signature
    assert found["oauth_consumer_key"] == "key"


@pytest.mark.parametrize(
    ("base_url", "token"),
    [
        ("https://a.example.com/1.1?q=a%20b&c=%25", "token"),
        ("https://a.example.com/?q=$|", "token"),
        ("https://a.example.com/", "a%41b"),
        ("https://a.example.com/", "a b&c=d+e"),
    ],
    ids=["escaped query", "query as it was typed", "percent sign in token", "other signs in token"],
)
def test_oauth1_signature_is_the_one_that_another_library_computes(
    base_url: str, token: str
) -> None:
    secrets = {"consumer_key": "k", "consumer_secret": "s%", "oauth_token": token}
    method = method_of("oauth1", request={"base_url": base_url})
    call = sent(method, {**secrets, "oauth_token_secret": "t%41"})
    header = dict(call.headers)["Authorization"]
    listed = (part.split("=", 1) for part in header.removeprefix("OAuth ").split(", "))
    protocol = {name: unquote(value.strip('"')) for name, value in listed}
    signature = protocol.pop("oauth_signature")
    assert protocol["oauth_token"] == token
    pairs = [*protocol.items(), *parse_qsl(urlsplit(call.url).query)]
    text = oauthlib.signature_base_string(
        call.method,
        oauthlib.base_string_uri(call.url),
        oauthlib.normalize_parameters(pairs),
    )
    assert signature == oauthlib.sign_hmac_sha1_with_client(
        text, SimpleNamespace(client_secret="s%", resource_owner_secret="t%41")
    )


def test_every_kind_names_a_signature_that_there_is() -> None:
    assert {kind.signature for kind in AUTH_METHODS.values()} <= set(SIGNATURES)


BUILT_IN_METHODS = [
    pytest.param(method, id=f"{path.stem}-{method.id}")
    for path in sorted(BUILT_IN.glob("*.yaml"))
    for method in read_file(path).methods
    if method.test and method.test.get("check", "http") == "http"
]

SAMPLES: dict[str, Any] = {
    "url": "https://own.example.com",
    "hostname": "own.example.com",
    "subdomain": "acme",
    "headers": {"X-A": "1"},
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "ada@example.com",
    "port": 443,
    "integer": 1,
}


def sample(spec: Spec) -> Any:
    """A value that fits a field: an example of its own, or one of its type."""
    if spec.examples:
        return spec.examples[0]
    if spec.options:
        return spec.options[0][0]
    return SAMPLES.get(spec.type, "EXAMPLE")


@pytest.mark.parametrize("method", BUILT_IN_METHODS)
def test_declared_test_of_the_catalogue_builds_a_request(method: MethodDefinition) -> None:
    values: dict[str, dict[str, Any]] = {"credentials": {}, "config": {}}
    for spec in method.specs:
        values[spec.target][spec.key] = sample(spec)
    test = method.test
    call = outgoing(
        method,
        values,
        verb=test.get("method") or "GET",
        path=test.get("path") or "",
        url=test.get("url") or "",
        headers=test.get("headers"),
        body=test.get("body"),
        token="EXAMPLE-token",
    )
    found = urlsplit(call.url)
    assert found.scheme in ("https", "http")
    assert found.hostname
    assert "{" not in call.url
    assert not [header for header in call.headers if "{" in header[0] + header[1]]
