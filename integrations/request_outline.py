"""The request that values would make, with placeholders where secrets would stand: to be looked at.

Secrets are replaced before the request is built, so none can be in what comes out.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from django.utils.translation import gettext as _

from integrations.auth_methods import AUTH_METHODS
from integrations.field_types import is_blank
from integrations.outgoing import outgoing
from integrations.signing import Outgoing
from integrations.specs import MethodDefinition, Spec
from integrations.templates import UnfilledTemplate, UnfitValue, Values

OVER_HTTP = ("", "http", "mcp", "s3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """`reason` says why there is no request to show; the rest is blank then."""

    verb: str = ""
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    reason: str = ""


def outline(method: MethodDefinition, values: Values, *, obtains_token: bool) -> Outline:
    """The live test's request where one is declared, else one to the base URL.

    `obtains_token`: an access token is fetched with the values first and stands in for them.
    """
    test = method.test
    if test.get("check", "") not in OVER_HTTP:
        text = _("The live test '%(name)s' speaks another protocol than HTTP.")
        return Outline(reason=text % {"name": test["check"]})
    masks: dict[str, str] = {}
    masked = _masked(method, values, masks)
    token = _mask("access_token", masks) if obtains_token else None
    try:
        call = outgoing(
            method,
            masked,
            verb=test.get("method") or "GET",
            path=test.get("path") or "",
            url=test.get("url") or "",
            headers=test.get("headers"),
            body=test.get("body"),
            token=token,
        )
    except UnfitValue as error:
        text = _("What stands in '%(name)s' may be secret, or does not fit into a request.")
        return Outline(reason=text % {"name": error.name})
    except UnfilledTemplate as error:
        return Outline(reason=_("'%(name)s' holds nothing.") % {"name": error.name})
    return _shown(call, method, masks)


def _masked(method: MethodDefinition, values: Values, masks: dict[str, str]) -> dict[str, Any]:
    masked = {target: dict(section) for target, section in values.items()}
    for spec in method.specs:
        section = masked.setdefault(spec.target, {})
        if spec.secure and not is_blank(section.get(spec.key)):
            section[spec.key] = _instead_of(section[spec.key], spec, masks)
    # What no field declares has no business in a request: it might be anything.
    known = {spec.path for spec in method.specs}
    return {
        target: {key: value for key, value in section.items() if f"{target}.{key}" in known}
        for target, section in masked.items()
    }


def _instead_of(value: Any, spec: Spec, masks: dict[str, str]) -> Any:
    mask = _mask(spec.key, masks)
    if isinstance(value, Mapping):
        return {f"{spec.key}": mask}
    return [mask] if isinstance(value, list) else mask


def _mask(name: str, masks: dict[str, str]) -> str:
    """Letters and digits, which fit wherever a value may stand."""
    mask = f"m{token_hex(8)}"
    masks[mask] = f"{{{name}}}"
    return mask


def _shown(call: Outgoing, method: MethodDefinition, masks: Mapping[str, str]) -> Outline:
    is_signed = AUTH_METHODS[method.kind].signature != "none"
    return Outline(
        verb=call.method,
        url=_unmasked(call.url, masks),
        headers=tuple(
            (_unmasked(name, masks), _header(name, value, masks, is_signed))
            for name, value in call.headers
        ),
        body=_unmasked(call.body.decode("utf-8", errors="replace"), masks),
    )


def _header(name: str, value: str, masks: Mapping[str, str], is_signed: bool) -> str:
    if name.lower() != "authorization":
        return _unmasked(value, masks)
    if is_signed:
        return _("(signed when it is sent)")
    scheme, _space, pair = value.partition(" ")
    if scheme == "Basic":
        try:
            decoded = base64.b64decode(pair, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return value
        return f"Basic base64({_unmasked(decoded, masks)})"
    return _unmasked(value, masks)


def _unmasked(text: str, masks: Mapping[str, str]) -> str:
    for mask, shown in masks.items():
        text = text.replace(mask, shown)
    return text
