"""The signature of OAuth 1.0a: RFC 5849, section 3. Every request that carries one gets it here."""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth1.rfc5849.signature import normalize_base_string_uri, normalize_parameters
from authlib.oauth1.rfc5849.util import escape

FORM_TYPE = "application/x-www-form-urlencoded"


class Signable(Protocol):
    """A call, whoever makes it."""

    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1Credentials:
    """A consumer and, once there is one, its token; blank until then."""

    consumer_key: str
    consumer_secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    token_secret: str = field(default="", repr=False)
    signature_method: str = "HMAC-SHA1"


def authorization(
    call: Signable,
    credentials: OAuth1Credentials,
    *,
    now: datetime,
    nonce: str | None = None,
    more: Mapping[str, str] | None = None,
) -> str:
    """The value of the `Authorization` header that proves the call (section 3.5.1).

    `more` are protocol parameters such as `oauth_callback`. The parameters of the query and of a
    form in the body are signed. Raises ValueError for an unknown method of signing, an address
    without a host, or a form that is not text.
    """
    if credentials.signature_method not in SIGNATURES:
        raise ValueError("unknown signature method")
    protocol = {
        "oauth_consumer_key": credentials.consumer_key,
        "oauth_token": credentials.token,
        "oauth_signature_method": credentials.signature_method,
        "oauth_timestamp": str(int(now.timestamp())),
        "oauth_nonce": nonce or secrets.token_urlsafe(16),
        "oauth_version": "1.0",
        **(more or {}),
    }
    protocol = {name: value for name, value in protocol.items() if value}
    text = base_string(call, protocol)
    protocol["oauth_signature"] = SIGNATURES[credentials.signature_method](text, _key(credentials))
    pairs = (f'{escape(name)}="{escape(value)}"' for name, value in protocol.items())
    return f"OAuth {', '.join(pairs)}"


def base_string(call: Signable, protocol: Mapping[str, str]) -> str:
    """What is signed (section 3.4.1)."""
    query = urlsplit(call.url).query
    pairs = [*parse_qsl(query, keep_blank_values=True), *_form(call), *protocol.items()]
    parts = (
        call.method.upper(),
        normalize_base_string_uri(call.url),
        normalize_parameters(pairs),
    )
    return "&".join(map(escape, parts))


def _form(call: Signable) -> list[tuple[str, str]]:
    """A body is part of the signature only as a form (section 3.4.1.3.1)."""
    types = [value for name, value in call.headers if name.lower() == "content-type"]
    if not any(value.partition(";")[0].strip().lower() == FORM_TYPE for value in types):
        return []
    return parse_qsl(call.body.decode(), keep_blank_values=True)


def _key(credentials: OAuth1Credentials) -> bytes:
    return "&".join(map(escape, (credentials.consumer_secret, credentials.token_secret))).encode()


def _with_hmac(digest: str) -> Callable[[str, bytes], str]:
    def sign(text: str, key: bytes) -> str:
        return b64encode(hmac.digest(key, text.encode(), digest)).decode()

    return sign


def _plaintext(text: str, key: bytes) -> str:
    return key.decode()


SIGNATURES: Mapping[str, Callable[[str, bytes], str]] = {
    "HMAC-SHA1": _with_hmac("sha1"),
    "HMAC-SHA256": _with_hmac("sha256"),
    "PLAINTEXT": _plaintext,
}
