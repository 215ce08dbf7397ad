"""Documents in which providers and resources describe themselves, read strictly."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from connections.egress import Request, Send
from connections.oauth import answers
from connections.oauth.errors import OAuthError
from connections.oauth.provider import Provider, check_url

LONGEST_DOCUMENT = 262_144
MOST_WORDS = 1_000
# Our names for the members of RFC 8414, section 2.
ENDPOINTS: Mapping[str, str] = {
    "authorization_url": "authorization_endpoint",
    "token_url": "token_endpoint",
    "revoke_url": "revocation_endpoint",
    "registration_url": "registration_endpoint",
    "jwks_uri": "jwks_uri",
}
# RFC 7591's names for the ways of authentication, in the order in which we like them.
CLIENT_AUTHS: Mapping[str, str] = {
    "client_secret_basic": "basic_form_encoded",
    "client_secret_post": "post",
    "none": "none",
    "private_key_jwt": "private_key_jwt",
}


def fetch_document(url: str, *, send: Send) -> dict[str, Any] | None:
    """A JSON object; None where that address has none: 4xx, or a page for people.

    Raises OAuthError where nobody can tell: not reached, overloaded, redirected, oversized.
    """
    answer = answers.call(Request(url=url, headers=(("Accept", "application/json"),)), send=send)
    if answer.status == 429 or answer.status >= 500 or answer.status < 200:
        raise answers.refusal(answer)
    if 300 <= answer.status < 400 or len(answer.body) > LONGEST_DOCUMENT:
        raise OAuthError("bad_answer")
    if answer.status >= 400 or answer.media_type == "text/html":
        return None
    return answers.read_object(answer)


def well_known(url: str, name: str, *, is_appended: bool = False) -> str:
    """Where the document of that name is: between host and path (RFC 8414, section 3.1)."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    middle = f"/.well-known/{name}"
    whole = path + middle if is_appended else middle + path
    return f"{parts.scheme}://{parts.netloc}{whole}"


def is_same_place(one: str, other: str) -> bool:
    """Equal to the letter; only an empty path may be written as `/` (RFC 3986, section 6.2.3)."""
    return _with_path(one) == _with_path(other)


def _with_path(url: str) -> str:
    return f"{url}/" if url.count("/") == 2 else url


def read_provider(document: Mapping[str, Any], issuer: str) -> Provider:
    """The provider that the metadata of this issuer describe.

    Raises OAuthError `bad_answer` for those of another issuer, or with addresses that will not do.
    """
    named = document.get("issuer")
    if not isinstance(named, str) or not is_same_place(named, issuer):
        raise OAuthError("bad_answer")
    endpoints: dict[str, Any] = {
        ours: check_url(document[theirs])
        for ours, theirs in ENDPOINTS.items()
        if document.get(theirs) is not None
    }
    return Provider(
        **endpoints,
        issuer=named,
        client_auth=_client_auth(document),
        sends_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        pkce="S256" in words(document, "code_challenge_methods_supported", ["S256"]),
        default_scopes=tuple(words(document, "scopes_supported", [])),
    )


def _client_auth(document: Mapping[str, Any]) -> str:
    """Section 2: Basic where nothing is said."""
    offered = words(document, "token_endpoint_auth_methods_supported", ["client_secret_basic"])
    known = [ours for theirs, ours in CLIENT_AUTHS.items() if theirs in offered]
    return next(iter(known), "")


def words(document: Mapping[str, Any], name: str, missing: list[str]) -> list[str]:
    """A list of texts. Raises OAuthError `bad_answer` for anything else."""
    found = document.get(name)
    if found is None:
        return missing
    if not isinstance(found, list) or len(found) > MOST_WORDS:
        raise OAuthError("bad_answer")
    if not all(isinstance(word, str) for word in found):
        raise OAuthError("bad_answer")
    return found
