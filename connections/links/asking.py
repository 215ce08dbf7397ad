"""Asking somebody else for one secret: what the asker has to have filled in, and the answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from rest_framework import serializers

from connections.access.actors import Actor
from connections.forms import connection_form
from connections.links.forms import Preset
from connections.models import Connection, SecretRequest
from connections.serializers import ConnectionChangeSerializer, ConnectionSerializer
from connections.services.connect_sessions import complete_session
from connections.services.secret_requests import answer_request
from connections.services.verification import Verifier
from integrations.catalogue import current_catalogue, current_version
from integrations.field_types import is_blank
from integrations.problems import Problems, required
from integrations.rules import RULES
from integrations.specs import IntegrationDefinition, MethodDefinition, Spec

Body = dict[str, Any]


def can_be_asked(form: Any, path: str) -> bool:
    """Whether the form has a secret by that name: nothing else is anybody else's to know."""
    field = form.spec_fields.get(path)
    return field is not None and field.spec.secure


def draft_for(form: Any, path: str) -> tuple[Body, Problems]:
    """What the form stands for without the field, and what is wrong with the rest of it.

    Nothing is tried at the service: the secret is missing.
    """
    body = dict(form.body())
    target, _point, key = path.partition(".")
    body[target] = {name: one for name, one in (body.get(target) or {}).items() if name != key}
    form.verifier = Verifier(form.actor.workspace, "never")
    serializer = form._serializer(body)
    if serializer.is_valid():
        return body, {}
    return body, _without_field(serializer.problems, form.method, path)


def _without_field(found: Problems, method: MethodDefinition, path: str) -> Problems:
    """The problems that the missing secret does not explain."""
    spec = method.spec(path)
    names = {path, spec.key} if spec else {path}
    own = [group for groups in method.rules.values() for group in groups if names & set(group)]
    excused = {path} | {_path(method, group[0]) for group in own}
    left: Problems = {}
    for place, problems in found.items():
        kept = [one for one in problems if not _is_excused(place, str(one.code), path, excused)]
        if kept:
            left[place] = kept
    return left


def _is_excused(place: str, code: str, path: str, excused: set[str]) -> bool:
    return (place == path and code == "required") or (place in excused and code in RULES)


def _path(method: MethodDefinition, name: str) -> str:
    spec = method.spec(name)
    return spec.path if spec else name


def definition_of(row: SecretRequest) -> tuple[IntegrationDefinition, MethodDefinition, Spec]:
    """As they are now. Raises LookupError where the field is asked for no more."""
    integration = current_catalogue().by_pk(row.auth_method.integration_id)
    method = integration.method_by_pk(row.auth_method_id)
    spec = method.spec(row.field_path)
    if spec is None or not (spec.secure and spec.is_shown):
        raise LookupError
    return integration, method, spec


class SecretFormMixin:
    """The form of the one field; its value is judged by the field's own rules first."""

    value: Any = None

    def clean(self) -> Body:
        ((path, field),) = self.spec_fields.items()  # type: ignore[attr-defined]
        self.value = field.from_form(self._typed(path))  # type: ignore[attr-defined]
        if is_blank(self.value):
            self._show(path, [required(field.name)])  # type: ignore[attr-defined]
        else:
            try:
                field.run_validation(self.value)
            except serializers.ValidationError as error:
                self._show(path, error.detail)  # type: ignore[attr-defined]
        self._refuse_empty_files()  # type: ignore[attr-defined]
        return {}


def secret_form(base: type[forms.BaseForm], row: SecretRequest) -> Any:
    """The form class: `base` with the field that is asked for, and nothing that leads elsewhere."""
    integration, method, spec = definition_of(row)
    alone = replace(spec, visible_if=None, required_if=None, required=True, advanced=False)
    form = connection_form(
        base,
        integration=integration,
        method=replace(method, specs=(alone,), rules={}),
        actor=asker(row),
    )
    return type("SecretForm", (SecretFormMixin, form), {})


def asker(row: SecretRequest) -> Actor:
    return Actor(
        name=row.created_by,
        workspace=row.workspace,
        user=row.owner,
        catalogue_version=current_version(),
    )


def judge(row: SecretRequest, value: Any) -> Any:
    """The serializer of the whole, with the secret in it; LookupError where its connection went."""
    body = dict(row.get_draft())
    target, _point, key = row.field_path.partition(".")
    body[target] = {**(body.get(target) or {}), key: value}
    if row.session is not None:
        _integration, method, _spec = definition_of(row)
        body = Preset.of(row.session).put_into(body, method)
    context = {"actor": asker(row)}
    if not row.changes:
        return ConnectionSerializer(data=body, context=context)
    connection = Connection.objects.find(row.workspace, row.changes)
    if connection is None:
        raise LookupError
    return ConnectionChangeSerializer(connection, data=body, context=context)


def of_the_secret(row: SecretRequest, found: Problems) -> Problems:
    """The problems that whoever holds the secret can do something about."""
    target = row.field_path.partition(".")[0]
    return {place: found[place] for place in (row.field_path, target) if place in found}


def store(row: SecretRequest, serializer: Any) -> Connection:
    """Make or change the connection with the answer. Raises RequestOver, SessionOver, Overtaken."""

    def save() -> Connection:
        if row.changes:
            return serializer.save()  # type: ignore[no-any-return]
        return serializer.save(owner=row.owner)  # type: ignore[no-any-return]

    def saved() -> Connection:
        if row.session is None:
            return save()
        return complete_session(actor=asker(row), session=row.session, save=save)

    return answer_request(row=row, save=saved)


def sentences(found: Mapping[str, Any]) -> list[str]:
    return [problem.in_full for problems in found.values() for problem in problems]
