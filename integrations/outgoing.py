"""How the values of a connection become an authenticated request. Pure: it sends nothing.

What stands where is data of the method (`request`), or of its kind; some kinds sign the whole.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from integrations.auth_methods import AUTH_METHODS, template_names
from integrations.signing import SIGNATURES, Outgoing
from integrations.specs import MethodDefinition
from integrations.templates import (
    UnfilledTemplate,
    UnfitValue,
    Values,
    as_text,
    fill_optional,
    fill_path,
    fill_tree,
    fill_url,
    joined,
    value_of,
)

# RFC 9110, sections 5.1 and 5.5; nothing beyond ASCII, which services read differently.
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,255}")
HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
# How a message is framed is the door's business: a value of a connection has no say in it.
FRAMING = {
    *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer"),
    *("upgrade", "expect", "proxy-authorization", "proxy-connection", "accept-encoding"),
}
BASIC = ("username", "password")
FORM = "application/x-www-form-urlencoded"


def outgoing(
    method: MethodDefinition,
    values: Values,
    *,
    verb: str = "GET",
    path: str = "",
    url: str = "",
    before_host: str = "",
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    token: str | None = None,
    now: datetime | None = None,
) -> Outgoing:
    """A call to `path` under the method's base URL, or to `url`, that carries the values.

    `path`, `url`, `headers` and `body` (any JSON) are templates; `before_host` is put before the
    host as it is; `values` is `{"credentials": {…}, "config": {…}}`; `token` is an access token
    that was obtained with them and stands for them.
    Raises UnfilledTemplate where a field that is needed holds nothing, and its UnfitValue where a
    value may not stand where it should.
    """
    if token is not None:
        credentials = {**values.get("credentials", {}), "access_token": token}
        values = {**values, "credentials": credentials}
    request = AUTH_METHODS[method.kind].effective_request(method.request)
    sent = _headers(method, values, {**request, "more_headers": headers or {}}, token=token)
    payload = _payload(fill_tree(body, method, values), sent)
    call = Outgoing(
        method=verb,
        url=_url(method, values, request, path=path, url=url, before_host=before_host),
        headers=tuple(sent.values()),
        body=payload,
    )
    return _signed(call, method, values, now or datetime.now(UTC))


def _signed(call: Outgoing, method: MethodDefinition, values: Values, now: datetime) -> Outgoing:
    def value(name: str) -> str:
        found = value_of(method, name, values)
        return "" if found is None else as_text(found)

    try:
        sign = SIGNATURES[AUTH_METHODS[method.kind].signature]
        return call.with_headers(sign(call, value, now))
    except ValueError:
        # The library reads the query of an address more strictly than we do.
        raise UnfitValue("base_url") from None


def _url(
    method: MethodDefinition,
    values: Values,
    request: Mapping[str, Any],
    *,
    path: str,
    url: str,
    before_host: str,
) -> str:
    template = url or request.get("base_url")
    if not template:
        raise UnfilledTemplate("base_url")
    address = fill_url(template, method, values)
    if before_host:
        address = address.replace("://", f"://{before_host}.", 1)
    if path and not url:
        # A slash at the end of the base alone is its own.
        address = joined(address, fill_path(path, method, values))
    query = urlencode(list(_query(method, values, request)), quote_via=quote)
    return joined(address, f"?{query}") if query else address.partition("#")[0]


def _query(
    method: MethodDefinition, values: Values, request: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for pair in (request.get("query") or {}).items():
        name, value = (fill_optional(part, method, values) for part in pair)
        if name and value is not None:
            yield name, value


def _headers(
    method: MethodDefinition, values: Values, request: Mapping[str, Any], *, token: str | None
) -> dict[str, tuple[str, str]]:
    """`{lower-case name: (name, value)}`; a later one replaces an earlier one of its name."""
    found: dict[str, tuple[str, str]] = {"accept": ("Accept", "application/json")}
    for name, value in (
        *_authorization(method, values, request, token=token),
        *_declared(method, values, request.get("headers") or {}),
        *_own_headers(method, values),
        *_declared(method, values, request["more_headers"]),
    ):
        if not HEADER_NAME.fullmatch(name) or name.lower() in FRAMING:
            raise UnfitValue("headers", "header")
        if not HEADER_VALUE.fullmatch(value):
            raise UnfitValue(name, "header")
        found[name.lower()] = (name, value)
    return found


def _authorization(
    method: MethodDefinition, values: Values, request: Mapping[str, Any], *, token: str | None
) -> Iterator[tuple[str, str]]:
    """The obtained token where no template puts it anywhere, else name and password (RFC 7617)."""
    if token is not None:
        if "access_token" not in template_names([request.get("headers"), request.get("query")]):
            yield "Authorization", f"Bearer {token}"
        return
    parts = [fill_optional(request.get(name) or "", method, values) or "" for name in BASIC]
    if any(parts):
        if ":" in parts[0]:
            raise UnfitValue("username", "header")
        pair = base64.b64encode(":".join(parts).encode(errors="replace")).decode()
        yield "Authorization", f"Basic {pair}"


def _declared(
    method: MethodDefinition, values: Values, templates: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Headers of templates, names too; those of an empty field are left out."""
    for pair in templates.items():
        name, value = (fill_optional(part, method, values) for part in pair)
        if name and value:
            yield name, value


def _own_headers(method: MethodDefinition, values: Values) -> Iterator[tuple[str, str]]:
    """The headers that a field of the type `headers` holds."""
    for spec in method.specs:
        if spec.type == "headers":
            held = value_of(method, spec.path, values) or {}
            yield from ((name, as_text(value)) for name, value in held.items() if value != "")


def _payload(body: Any, headers: dict[str, tuple[str, str]]) -> bytes:
    """The body in the declared media type, JSON unless a form is declared."""
    if body is None:
        return b""
    headers.setdefault("content-type", ("Content-Type", "application/json"))
    if headers["content-type"][1].partition(";")[0].strip().lower() == FORM:
        return urlencode({name: as_text(value) for name, value in body.items()}).encode()
    return json.dumps(body, separators=(",", ":")).encode()
