"""Templates of a definition filled with values: `{name}` and nothing else is replaced."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from integrations.auth_methods import PLACEHOLDER, template_names
from integrations.field_types import is_blank
from integrations.specs import TARGETS, MethodDefinition, Spec

Values = Mapping[str, Mapping[str, Any]]

# Types whose own rules hold what may stand in a host.
OWN_HOST_RULES = {"hostname", "subdomain", "ip", "port", "select"}
HOST_LABEL = re.compile(r"[A-Za-z0-9-]{1,63}")
# What a filled host looks like whatever its fields allow: names, IPv4, IPv6, a port.
HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
    r"|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
)
# Parsers disagree about these: some strip them, some take `\` for `/`.
NEVER_IN_A_URL = re.compile(r"[\x00-\x20\x7f\\]")


class UnfilledTemplate(Exception):
    """A template names a field that holds nothing. `name` is the field's, never a value."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class UnfitValue(UnfilledTemplate):
    """A value that may not stand where the template puts it: `place` is `url` or `header`."""

    def __init__(self, name: str, place: str = "url") -> None:
        super().__init__(name)
        self.place = place


def value_of(method: MethodDefinition, name: str, values: Values) -> Any:
    """The value that a template means by `name`, with the field's default; None where blank."""
    spec = method.spec(name)
    if spec is None:
        # Values that no field asks for: a token that was obtained, the parts of an answer.
        found = (values.get(target, {}).get(name) for target in TARGETS)
        return next((value for value in found if not is_blank(value)), None)
    value = values.get(spec.target, {}).get(spec.key)
    if is_blank(value):
        value = spec.default if spec.const is None else spec.const
    return None if is_blank(value) else value


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return " ".join(map(as_text, value))
    return str(value)


def fill(template: str, method: MethodDefinition, values: Values) -> str:
    """Raises UnfilledTemplate where a named field holds nothing."""
    return PLACEHOLDER.sub(lambda match: _text_of(match.group(1), method, values), template)


def _text_of(name: str, method: MethodDefinition, values: Values) -> str:
    value = value_of(method, name, values)
    if value is None:
        raise UnfilledTemplate(name)
    return as_text(value)


def fill_optional(template: str, method: MethodDefinition, values: Values) -> str | None:
    """None where a named field holds nothing: a header of an empty field is left out."""
    try:
        return fill(template, method, values)
    except UnfilledTemplate:
        return None


def fill_tree(template: Any, method: MethodDefinition, values: Values) -> Any:
    """Every text of a JSON value filled. Raises UnfilledTemplate."""
    if isinstance(template, str):
        return fill(template, method, values)
    if isinstance(template, Mapping):
        return {name: fill_tree(value, method, values) for name, value in template.items()}
    if isinstance(template, list | tuple):
        return [fill_tree(value, method, values) for value in template]
    return template


def fill_url(template: str, method: MethodDefinition, values: Values) -> str:
    """A URL from a template, escaped by place; the fixed end of its host stays the end.

    A value in the host of a template with a fixed end is one DNS label unless its field says more;
    a template that begins with a field takes that field's whole URL. Raises UnfilledTemplate, and
    UnfitValue where the URL would lead to another host than the template says.
    """
    if PLACEHOLDER.match(template):
        return _checked(_from_whole_url(template, method, values))
    scheme, _colon, rest = template.partition("://")
    # A template may go on with a path, or with a query right after the host.
    end = next((at for at, letter in enumerate(rest) if letter in "/?#"), len(rest))
    host, path = rest[:end], rest[end:]
    filled = PLACEHOLDER.sub(lambda match: _host_part(match.group(1), method, values), host)
    url = f"{scheme}://{filled}{fill_path(path, method, values)}"
    if not HOST.fullmatch(filled):
        raise UnfitValue(min(template_names(host), default="url"))
    return _checked(url, place=filled)


def fill_path(template: str, method: MethodDefinition, values: Values) -> str:
    """A path or a query: each value stays within its place, and cannot climb out of it."""

    def replaced(match: re.Match[str]) -> str:
        text = _text_of(match.group(1), method, values)
        if text in (".", ".."):
            raise UnfitValue(match.group(1))
        try:
            return quote(text, safe="")
        except UnicodeEncodeError:
            raise UnfitValue(match.group(1)) from None

    return PLACEHOLDER.sub(replaced, template)


def _from_whole_url(template: str, method: MethodDefinition, values: Values) -> str:
    """`{base_url}/api`: what follows goes between the path and the query of the field's URL."""
    start = PLACEHOLDER.match(template)
    assert start is not None  # noqa: S101 - the caller has looked
    address, following = _text_of(start.group(1), method, values), template[start.end() :]
    if following and following[0] not in "/?#":
        raise UnfitValue(start.group(1))
    if not following:
        return address
    # Before it is taken apart: that drops what may not be in it.
    _checked(address)
    return joined(address, fill_path(following, method, values))


def joined(base: str, more: str) -> str:
    """`more`, a path with or without a query, put behind the path and the query of `base`."""
    try:
        # After a host of its own, so that `//` at its start does not name one.
        slash = "" if more[:1] in ("/", "?", "") else "/"
        start, following = urlsplit(base), urlsplit(f"//x{slash}{more}")
    except ValueError:
        raise UnfitValue("url") from None
    path = start.path.rstrip("/") + following.path if following.path else start.path
    query = "&".join(part for part in (start.query, following.query) if part)
    return urlunsplit((start.scheme, start.netloc, path, query, ""))


def _host_part(name: str, method: MethodDefinition, values: Values) -> str:
    text, spec = _text_of(name, method, values), method.spec(name)
    if not _says_more(spec) and not HOST_LABEL.fullmatch(text):
        raise UnfitValue(name)
    return f"[{text}]" if spec is not None and spec.type == "ip" and ":" in text else text


def _says_more(spec: Spec | None) -> bool:
    """Whether the field's own rules say what may stand in a host."""
    return spec is not None and (spec.type in OWN_HOST_RULES or bool(spec.pattern))


def _checked(url: str, place: str | None = None) -> str:
    """The URL, parsed again: an address of the web, at `place` where one is given.

    A host that is found as it was filled ends with the fixed end of its template.
    """
    try:
        found = urlsplit(url)
        is_fit = (
            not NEVER_IN_A_URL.search(url)
            and found.scheme in ("http", "https")
            and bool(found.hostname)
            and "@" not in found.netloc
            and place in (None, found.netloc)
        )
    except ValueError:
        is_fit = False
    if not is_fit:
        raise UnfitValue("url")
    return url
