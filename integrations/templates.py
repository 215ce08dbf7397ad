"""Templates of a definition filled with values: `{name}` and nothing else is replaced."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from integrations.auth_methods import PLACEHOLDER, template_names
from integrations.field_types import is_blank
from integrations.specs import TARGETS, MethodDefinition, Spec

Values = Mapping[str, Mapping[str, Any]]

# Types whose own rules hold what may stand in a host.
OWN_HOST_RULES = {"hostname", "subdomain", "ip", "port"}
HOST_LABEL = re.compile(r"[A-Za-z0-9-]{1,63}")


class UnfilledTemplate(Exception):
    """A template names a field that holds nothing, or a value that may not stand there."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


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

    def replaced(match: re.Match[str]) -> str:
        value = value_of(method, match.group(1), values)
        if value is None:
            raise UnfilledTemplate(match.group(1))
        return as_text(value)

    return PLACEHOLDER.sub(replaced, template)


def fill_optional(template: str, method: MethodDefinition, values: Values) -> str | None:
    """None where a named field holds nothing: a header of an empty field is left out."""
    try:
        return fill(template, method, values)
    except UnfilledTemplate:
        return None


def fill_url(template: str, method: MethodDefinition, values: Values) -> str:
    """A URL from a template, escaped by place; the fixed end of its host stays the end.

    A value in the host of a template with a fixed end is one DNS label unless its field says more;
    a template that begins with a field takes that field's whole URL. Raises UnfilledTemplate.
    """
    names = template_names(template)
    whole = PLACEHOLDER.match(template)
    if whole and names:
        start = fill(whole.group(0), method, values).rstrip("/")
        return start + _fill_quoted(template[whole.end() :], method, values)
    scheme, _colon, rest = template.partition("://")
    host, slash, path = rest.partition("/")
    filled = PLACEHOLDER.sub(lambda match: _label(match.group(1), method, values), host)
    url = f"{scheme}://{filled}{slash}{_fill_quoted(path, method, values)}"
    _refuse_other_host(url, host)
    return url


def _label(name: str, method: MethodDefinition, values: Values) -> str:
    value = value_of(method, name, values)
    spec = method.spec(name)
    if value is None or (not _says_more(spec) and not HOST_LABEL.fullmatch(as_text(value))):
        raise UnfilledTemplate(name)
    return as_text(value)


def _says_more(spec: Spec | None) -> bool:
    """Whether the field's own rules say what may stand in a host."""
    return spec is not None and (spec.type in OWN_HOST_RULES or bool(spec.pattern))


def _fill_quoted(template: str, method: MethodDefinition, values: Values) -> str:
    def replaced(match: re.Match[str]) -> str:
        value = value_of(method, match.group(1), values)
        if value is None:
            raise UnfilledTemplate(match.group(1))
        return quote(as_text(value), safe="")

    return PLACEHOLDER.sub(replaced, template)


def _refuse_other_host(url: str, host_template: str) -> None:
    fixed_end = PLACEHOLDER.split(host_template)[-1].lower()
    found = urlsplit(url)
    if found.username is not None or not found.netloc.lower().endswith(fixed_end):
        raise UnfilledTemplate("url")
