"""A request as it leaves, and the signatures that some kinds of method put on it."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlsplit

from integrations.oauth1_signing import OAuth1Credentials, authorization

Headers = tuple[tuple[str, str], ...]
# The text of a field by its key; empty where it holds nothing.
ValueOf = Callable[[str], str]

# AWS: the last part of the names of hosts, and where the name in the signature is another.
AWS_HOST = re.compile(
    r"(?:.+\.)?([a-z0-9-]+)\.([a-z]{2}(?:-[a-z]+)+-[0-9]+)\.amazonaws\.com(\.cn)?"
)
GOOGLE_STORAGE = "storage.googleapis.com"
AWS_SIGNING_NAMES = {"bedrock-runtime": "bedrock", "bedrock-agent": "bedrock", "email": "ses"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One call with everything that authenticates it: nothing of it is fit for a log."""

    method: str
    url: str = field(repr=False)
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)

    def with_headers(self, more: Iterable[tuple[str, str]]) -> "Outgoing":
        """With these, in the place of those of the same names."""
        named = {name.lower(): (name, value) for name, value in (*self.headers, *more)}
        return replace(self, headers=tuple(named.values()))

    def with_body(self, body: bytes) -> "Outgoing":
        return replace(self, body=body)


def unsigned(call: Outgoing, value: ValueOf, now: datetime) -> Headers:
    return ()


def sign_oauth1(call: Outgoing, value: ValueOf, now: datetime) -> Headers:
    """HMAC-SHA1 over the call (RFC 5849, section 3.4), as an `Authorization` header."""
    credentials = OAuth1Credentials(
        consumer_key=value("consumer_key"),
        consumer_secret=value("consumer_secret"),
        token=value("oauth_token"),
        token_secret=value("oauth_token_secret"),
    )
    return (("Authorization", authorization(call, credentials, now=now)),)


def sign_aws(call: Outgoing, value: ValueOf, now: datetime) -> Headers:
    """Signature Version 4: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html.

    Service and region come from the names of AWS's hosts; elsewhere it is a storage that speaks
    S3, in the region of the field `region`.
    """
    host = _host_header(call.url)
    found = AWS_HOST.fullmatch(host)
    service, region = (found.group(1), found.group(2)) if found else ("s3", value("region"))
    scope = AWSScope(
        moment=now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"),
        region=region or ("auto" if host.endswith(GOOGLE_STORAGE) else "us-east-1"),
        service=AWS_SIGNING_NAMES.get(service, service),
    )
    own = {"x-amz-date": scope.moment, "x-amz-content-sha256": _digest(call.body)}
    if value("session_token"):
        own["x-amz-security-token"] = value("session_token")
    signed = {"host": host, **own}
    signature = scope.signature(value("secret_access_key"), canonical_request(call, signed, scope))
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={value('access_key_id')}/{scope}, "
        f"SignedHeaders={';'.join(sorted(signed))}, Signature={signature}"
    )
    return (*own.items(), ("Authorization", authorization))


def _host_header(url: str) -> str:
    """What clients send as `Host`: in lower case, without the port of the scheme."""
    parts = urlsplit(url)
    usual = {"https": ":443", "http": ":80"}[parts.scheme]
    return parts.netloc.lower().removesuffix(usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class AWSScope:
    """When, where and for what a signature of AWS holds; `moment` as `20130524T000000Z`."""

    moment: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.moment[:8]}/{self.region}/{self.service}/aws4_request"

    def signature(self, secret: str, canonical: str) -> str:
        key = f"AWS4{secret}".encode()
        for part in str(self).split("/"):
            key = _mac(key, part)
        to_sign = f"AWS4-HMAC-SHA256\n{self.moment}\n{self}\n{_digest(canonical.encode())}"
        return _mac(key, to_sign).hex()


def canonical_request(call: Outgoing, signed: dict[str, str], scope: AWSScope) -> str:
    """The text that is signed; `signed` are the signed headers by lower-case names."""
    parts = urlsplit(call.url)
    # The path is escaped once more, except for S3.
    path = parts.path if scope.service == "s3" else quote(parts.path, safe="/~")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = sorted((quote(name, safe="~"), quote(text, safe="~")) for name, text in pairs)
    return "\n".join(
        [
            call.method,
            path or "/",
            "&".join(f"{name}={text}" for name, text in query),
            *(f"{name}:{' '.join(signed[name].split())}" for name in sorted(signed)),
            "",
            ";".join(sorted(signed)),
            signed.get("x-amz-content-sha256") or _digest(call.body),
        ]
    )


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


# The headers that sign a finished call, by the name that a kind of method gives.
SIGNATURES: dict[str, Callable[[Outgoing, ValueOf, datetime], Headers]] = {
    "none": unsigned,
    "oauth1": sign_oauth1,
    "aws": sign_aws,
}
