"""OAuth 1.0a: signatures of the RFC, and the three steps against a server that checks them."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from hmac import digest
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from connections.egress import Request
from connections.oauth.errors import OAuthError
from connections.oauth.oauth1 import (
    OAuth1Token,
    authorize_url,
    exchange_verifier,
    request_temporary,
    signed,
)
from integrations.oauth1_signing import SIGNATURES, OAuth1Credentials, base_string
from tests.oauth.cases import NOW
from tests.oauth.scripted import Heard, Scripted, answer, http, quick_send

CONSUMER = OAuth1Credentials(consumer_key="dpf43f3p2l4k3l03", consumer_secret="kd94hf93k423kf44")
FORM = "application/x-www-form-urlencoded"


def header_of(request: Request) -> dict[str, str]:
    text = dict(request.headers)["Authorization"].removeprefix("OAuth ")
    pairs = (part.partition("=") for part in text.split(", "))
    return {name: unquote(value.strip('"')) for name, _equals, value in pairs}


@pytest.mark.parametrize(
    ("request_", "protocol", "secrets", "signature"),
    [
        (
            Request(url="https://photos.example.net/token", method="POST"),
            {
                "oauth_consumer_key": "dpf43f3p2l4k3l03",
                "oauth_token": "hh5s93j4hdidpola",
                "oauth_signature_method": "HMAC-SHA1",
                "oauth_timestamp": "137131201",
                "oauth_nonce": "walatlh",
                "oauth_verifier": "hfdp7dh39dks9884",
            },
            "kd94hf93k423kf44&hdhd0244k9j7ao03",
            "gKgrFCywp7rO0OXSjdot/IHF7IU=",
        ),
        (
            Request(url="http://photos.example.net/photos?file=vacation.jpg&size=original"),
            {
                "oauth_consumer_key": "dpf43f3p2l4k3l03",
                "oauth_token": "nnch734d00sl2jdk",
                "oauth_signature_method": "HMAC-SHA1",
                "oauth_timestamp": "137131202",
                "oauth_nonce": "chapoH",
            },
            "kd94hf93k423kf44&pfkkdhi9sl3r4s00",
            "MdpQcU8iPSUjWoN/UDMsK2sui9I=",
        ),
    ],
    ids=["token", "resource"],
)
def test_signatures_of_the_rfc(
    request_: Request, protocol: dict[str, str], secrets: str, signature: str
) -> None:
    """RFC 5849, section 1.2."""
    text = base_string(request_, protocol)

    assert SIGNATURES["HMAC-SHA1"](text, secrets.encode()) == signature


def test_base_string_of_the_rfc() -> None:
    """RFC 5849, section 3.4.1.1."""
    request = Request(
        url="http://EXAMPLE.com:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
        method="post",
        headers=(("Content-Type", FORM),),
        body=b"c2&a3=2+q",
    )
    protocol = {
        "oauth_consumer_key": "9djdj82h48djs9d2",
        "oauth_token": "kkk9d7dh3k39sjv7",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131201",
        "oauth_nonce": "7d8f3e4a",
    }

    assert base_string(request, protocol) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q"
        "%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_"
        "key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_m"
        "ethod%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk"
        "9d7dh3k39sjv7"
    )


def test_token_with_a_percent_sign_is_signed_as_it_is() -> None:
    request = signed(
        Request(url="https://api.example/"), replace(CONSUMER, token="a%41b"), now=NOW, nonce="n"
    )

    assert "oauth_token%3Da%252541b" in base_string(request, header_of(request))


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256", "PLAINTEXT"])
def test_every_method_signs(method: str) -> None:
    credentials = replace(CONSUMER, token="t", token_secret="s t", signature_method=method)
    request = signed(Request(url="https://api.example/a?b=c"), credentials, now=NOW, nonce="n")

    header = header_of(request)

    assert header["oauth_signature_method"] == method
    assert header["oauth_timestamp"] == str(int(NOW.timestamp()))
    assert header["oauth_nonce"] == "n"
    protocol = {name: value for name, value in header.items() if name != "oauth_signature"}
    key = b"kd94hf93k423kf44&s%20t"
    assert header["oauth_signature"] == SIGNATURES[method](base_string(request, protocol), key)


def test_signature_replaces_an_old_one_and_keeps_the_rest() -> None:
    request = Request(
        url="https://api.example/", headers=(("authorization", "old"), ("Accept", "a/b"))
    )

    headers = signed(request, CONSUMER, now=NOW).headers

    assert headers[0] == ("Accept", "a/b")
    assert [name for name, _value in headers] == ["Accept", "Authorization"]


def test_nonces_are_new_each_time() -> None:
    request = Request(url="https://api.example/")
    nonces = {header_of(signed(request, CONSUMER, now=NOW))["oauth_nonce"] for _ in range(20)}

    assert len(nonces) == 20


def test_unknown_method_is_misconfigured() -> None:
    with pytest.raises(OAuthError) as caught:
        signed(
            Request(url="https://a.example/"),
            replace(CONSUMER, signature_method="MD5"),
            now=NOW,
        )

    assert caught.value.cause == "misconfigured"


def checking(url: str, token_secret: str, body: str) -> Callable[[Heard], bytes]:
    """An endpoint that answers with `body` if it finds the signature right, as a provider does."""

    def answered(heard: Heard) -> bytes:
        found = header_of(
            Request(url=url, headers=(("Authorization", heard.headers["authorization"]),))
        )
        signature = found.pop("oauth_signature")
        text = base_string(Request(url=url, method=heard.method), found)
        key = f"{CONSUMER.consumer_secret}&{token_secret}".encode()
        if signature != b64encode(digest(key, text.encode(), "sha1")).decode():
            return answer({"error": "bad signature"}, status=401)
        return http(body, content_type=FORM)

    return answered


def test_three_steps_bring_a_token(server: Scripted) -> None:
    first, third = f"{server.url}/temporary", f"{server.url}/token"
    server.answers["/temporary"] = checking(
        first, "", "oauth_token=t1&oauth_token_secret=s1&oauth_callback_confirmed=true"
    )
    server.answers["/token"] = checking(
        third, "s1", "oauth_token=t2&oauth_token_secret=s2&screen_name=ann"
    )

    temporary = request_temporary(
        first, CONSUMER, callback="https://here.example/back?x=1", send=quick_send(), now=NOW
    )
    url = authorize_url(f"{server.url}/authorize", temporary)
    found = exchange_verifier(
        third, CONSUMER, temporary, oauth_token="t1", verifier="v1", send=quick_send(), now=NOW
    )

    assert dict(parse_qsl(urlsplit(url).query)) == {"oauth_token": "t1"}
    assert found == OAuth1Token(token="t2", token_secret="s2", extra={"screen_name": "ann"})
    assert "s2" not in repr(found)
    first_header = header_of(
        Request(
            url="https://x.example/",
            headers=(("Authorization", server.heard[0].headers["authorization"]),),
        )
    )
    assert first_header["oauth_callback"] == "https://here.example/back?x=1"
    assert "oauth_token" not in first_header


TEMPORARY = OAuth1Token(token="t1", token_secret="s1")


def test_another_token_than_the_browser_left_with_is_rejected(server: Scripted) -> None:
    with pytest.raises(OAuthError) as caught:
        exchange_verifier(
            f"{server.url}/token",
            CONSUMER,
            TEMPORARY,
            oauth_token="t9",
            verifier="v",
            send=quick_send(),
            now=NOW,
        )

    assert caught.value.cause == "rejected"
    assert server.heard == []


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (http("oauth_token=t1&oauth_token_secret=s1", content_type=FORM), "unsupported"),
        (
            http(
                "oauth_token=t1&oauth_token_secret=s1&oauth_callback_confirmed=false",
                content_type=FORM,
            ),
            "unsupported",
        ),
        (http("oauth_token=t1&oauth_callback_confirmed=true", content_type=FORM), "bad_answer"),
        (http("oauth_token=&oauth_token_secret=s", content_type=FORM), "bad_answer"),
        (http("oauth_token=a%0Ab&oauth_token_secret=s", content_type=FORM), "bad_answer"),
        (http("<html>", content_type="text/html"), "bad_answer"),
        (http(b"oauth_token=\xff", content_type=FORM), "bad_answer"),
        (http("", content_type=FORM), "bad_answer"),
        (http("no", status=401), "invalid_client"),
        (http("no", status=429), "rate_limited"),
        (http("no", status=302, headers={"Location": "/x"}), "bad_answer"),
        (b"", "unavailable"),
    ],
    ids=[
        *("1.0", "not-confirmed", "no-secret", "blank", "line-break", "html", "bytes", "empty"),
        *("401", "429", "redirect", "nothing"),
    ],
)
def test_answer_is_refused(server: Scripted, raw: bytes, cause: str) -> None:
    server.answers["/temporary"] = raw

    with pytest.raises(OAuthError) as caught:
        request_temporary(
            f"{server.url}/temporary",
            CONSUMER,
            callback="https://here.example/",
            send=quick_send(),
            now=NOW,
        )

    assert caught.value.cause == cause


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://as.example/", ""])
def test_browser_is_not_sent_to_odd_addresses(url: Any) -> None:
    with pytest.raises(OAuthError) as caught:
        authorize_url(url, TEMPORARY)

    assert caught.value.cause == "misconfigured"
