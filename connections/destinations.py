"""Where secrets are sent: a stored one goes only to the host that it was saved for.

Whoever may write but not reveal could otherwise point a connection at a host of their own and read
the secret there. Hence a change of address asks for the secret again.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from connections.models import Connection, Credential
from connections.stored_values import Sections, stored_values
from integrations.auth_methods import template_names
from integrations.field_types import build_field, is_blank
from integrations.problems import Problem, Problems
from integrations.specs import MethodDefinition, Spec
from integrations.texts import label_of

# Fields that name a place by their type, or by their key where they are lists of places.
ADDRESS_TYPES = {"hostname", "subdomain", "ip", "port", "url"}
ADDRESS_KEY = re.compile(r"(?:^|_)(?:hosts?|servers?|endpoints?)$")


def address_specs(method: MethodDefinition) -> list[Spec]:
    """The fields that decide where a secret is sent."""
    templates = [
        method.request.get("base_url"),
        method.test.get("url"),
        *(
            value
            for name, value in method.oauth.items()
            if name.endswith("_url") or name == "issuer"
        ),
    ]
    named = [method.spec(name) for name in template_names(templates)]
    return [spec for spec in method.specs if spec in named or _names_a_place(spec)]


def _names_a_place(spec: Spec) -> bool:
    return spec.type in ADDRESS_TYPES or ADDRESS_KEY.search(spec.key) is not None


def address_problems(
    connection: Connection,
    method: MethodDefinition,
    data: Mapping[str, Any],
    sections: Sections,
    credential: Credential | None,
) -> Problems:
    """What a change from `connection` to `sections` would send to another place than before."""
    if credential is not None and credential.pk != connection.credential_id:
        return shared_address_problems(method, sections, credential, connection)
    is_same = credential is not None
    if not any(_is_kept(spec, data, sections, is_same=is_same) for spec in method.specs):
        return {}
    hint = _("Enter the secret again together with the new value.")
    return _differences(method, stored_values(connection), sections, hint)


def _is_kept(spec: Spec, data: Mapping[str, Any], sections: Sections, *, is_same: bool) -> bool:
    """Whether the result holds a stored secret that nobody sent again."""
    section, sent = sections.get(spec.target), data.get(spec.target)
    if not spec.secure or not isinstance(section, dict) or spec.key not in section:
        return False
    is_sent = isinstance(sent, dict) and spec.key in sent
    return not is_sent or (is_same and spec.target == "credentials")


def shared_address_problems(
    method: MethodDefinition,
    sections: Sections,
    credential: Credential,
    connection: Connection | None = None,
) -> Problems:
    """A credential that others use is sent only where one of them sends it already."""
    users = Connection.objects.within(credential.workspace_id).filter(credential=credential)
    users = users.exclude(pk=connection.pk) if connection is not None else users
    if not [spec for spec in address_specs(method) if spec.target == "config"]:
        return {}
    hint = _("Other connections send this credential elsewhere: send its values instead.")
    found: Problems = {}
    for user in users.order_by("id"):
        user.credential, user.workspace = credential, credential.workspace
        is_alike = user.auth_method_id == method.pk
        stored = stored_values(user) if is_alike else {"credentials": {}, "config": {}}
        found = _differences(method, stored, sections, hint)
        if not found:
            return {}
    return found


def _differences(
    method: MethodDefinition, stored: Sections, sections: Sections, hint: str
) -> Problems:
    found: Problems = {}
    for spec in address_specs(method):
        if _place(spec, sections) != _place(spec, stored):
            text = _("Field '%(label)s' decides where the secret is sent") % {
                "label": label_of(spec)
            }
            found[spec.path] = [Problem(text, "secret_needed_again", hint=hint)]
    return found


def _place(spec: Spec, sections: Sections) -> Any:
    """The value as it is stored: without a pasted prefix, with the default where it is blank."""
    section = sections.get(spec.target)
    value = section.get(spec.key) if isinstance(section, dict) else None
    if is_blank(value):
        return spec.default if spec.const is None else spec.const
    try:
        return build_field(spec).run_validation(value)
    except ValidationError:
        return value
