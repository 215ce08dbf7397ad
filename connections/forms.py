"""The form of a connection: widgets for the fields of a method, and not one rule.

What was typed becomes the body that a program would send, and the same serializer judges it; its
problems, with their codes, are put on the fields. The web form and the admin form are both this.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.access.actors import Actor
from connections.models import Connection
from connections.serializers import ConnectionChangeSerializer, ConnectionSerializer
from connections.services.verification import Verifier
from connections.stored_values import stored_values
from integrations.field_types import SpecField, build_field, is_blank
from integrations.problems import Problem
from integrations.requirements import shown_specs
from integrations.specs import TARGETS, IntegrationDefinition, MethodDefinition

# Stages of a live test that a service ended by itself.
OF_THE_SERVICE = {"credential", "scope"}
CLEAR = "clear."
FILE = "file."


class ConnectionFormMixin:
    """Turns a form into a body, lets the serializer judge it, and shows what it said.

    `connection` is None for a new one. After `is_valid()`, `serializer.save()` stores it.
    """

    integration: ClassVar[IntegrationDefinition]
    method: ClassVar[MethodDefinition]
    actor: ClassVar[Actor]
    connection: ClassVar[Connection | None] = None
    # What asks the service, where the form's page keeps it; else the serializer brings one.
    verifier: ClassVar[Verifier | None] = None
    spec_fields: ClassVar[dict[str, SpecField]] = {}
    # Fields of the contract beside the method's: what a form of this surface asks for.
    contract_fields: ClassVar[tuple[str, ...]] = ("label",)

    def clean(self) -> dict[str, Any]:
        self.serializer = self._serializer(self.body())
        if not self.serializer.is_valid():
            for path, problems in self.serializer.problems.items():
                self._show(path, problems)
        self._refuse_empty_files()
        return {}

    def body(self) -> dict[str, Any]:
        """What a program would send: nothing for a blank field, JSON values for typed ones."""
        body: dict[str, Any] = dict(self._described())
        for target in TARGETS:
            body[target] = dict(self._section(target))
        if self.connection is None:
            body = {name: value for name, value in body.items() if not is_blank(value)}
            body["integration"] = self.integration.slug
            body["integration_type"] = self.integration.type
            body["auth_method_id"] = self.method.id
        elif self.method.pk != self.connection.auth_method_id:
            body["auth_method_id"] = self.method.id
        return body

    def _described(self) -> Iterator[tuple[str, Any]]:
        for name in self.contract_fields:
            field = ConnectionSerializer.spec_fields[name]
            value = field.from_form(self._typed(name))
            if self.connection is None or value != self._shown(name, field):
                yield name, value

    def _section(self, target: str) -> Iterator[tuple[str, Any]]:
        prefix = f"{target}."
        for path, field in self.spec_fields.items():
            if path.startswith(prefix):
                value = field.from_form(self._typed(path))
                if self._is_untouched(path, field, value):
                    continue
                if not is_blank(value):
                    yield field.spec.key, value
                elif self.connection is not None and self._is_cleared(path, field):
                    yield field.spec.key, None
        # What the form never asked for is refused by name, as it is when a program sends it.
        for name in self.data:  # type: ignore[attr-defined]
            if name.startswith(prefix) and name not in self.spec_fields:
                yield name.removeprefix(prefix), self.data[name]  # type: ignore[attr-defined]

    def _shown(self, name: str, field: SpecField) -> Any:
        """What the form itself put into the field, as a program would send it."""
        return field.from_form(self.fields[name].initial)  # type: ignore[attr-defined]

    def _is_untouched(self, path: str, field: SpecField, value: Any) -> bool:
        """Whether it still holds what the form put in: absent means the same, and claims less.

        A field whose condition was made false by another answer is then no contradiction, though
        no script hid it, and the audit log names what was changed and nothing else.
        """
        shown = self._shown(path, field)
        if field.spec.secure or (value != shown and not (is_blank(value) and is_blank(shown))):
            return False
        if self.connection is None:
            return field.spec.visible_if is not None
        return field.spec.target == "config" or self.method.pk == self.connection.auth_method_id

    def _is_cleared(self, path: str, field: SpecField) -> bool:
        """A blank secret keeps what is stored, unless its box is ticked; other blanks clear."""
        if not field.spec.secure:
            return True
        return bool(self.data.get(CLEAR + path))  # type: ignore[attr-defined]

    def _typed(self, name: str) -> Any:
        field = self.fields[name]  # type: ignore[attr-defined]
        uploaded = self._file(name)
        if uploaded is not None:
            return _text_of(uploaded, self.spec_fields[name])
        prefixed = self.add_prefix(name)  # type: ignore[attr-defined]
        return field.widget.value_from_datadict(self.data, self.files, prefixed)  # type: ignore[attr-defined]

    def _file(self, name: str) -> Any:
        """The file that was chosen instead of typing; None where none is, or none is asked for."""
        if FILE + name not in self.fields or not self.files:  # type: ignore[attr-defined]
            return None
        return self.files.get(FILE + name)  # type: ignore[attr-defined]

    def _refuse_empty_files(self) -> None:
        """A program cannot send one, so the form has to say it."""
        for path, field in self.spec_fields.items():
            uploaded = self._file(path)
            if uploaded is not None and not uploaded.size and path not in self.errors:  # type: ignore[attr-defined]
                text = _("The file for '%(label)s' is empty") % {"label": field.name}
                self._show(path, [Problem(text, "empty_file")])

    def _serializer(self, body: Mapping[str, Any]) -> Any:
        context = {"actor": self.actor, "verifier": self.verifier}
        if self.connection is None:
            return ConnectionSerializer(data=body, context=context)
        return ConnectionChangeSerializer(self.connection, data=body, context=context)

    def place_of(self, path: str, problem: Problem) -> str | None:
        """The input that a problem is shown at; None for the top of the form.

        What the service says of the credentials belongs to the only secret that it asks for.
        """
        if path in self.fields:  # type: ignore[attr-defined]
            return path
        if path != "credentials" or problem.stage not in OF_THE_SERVICE:
            return None
        specs = [field.spec for field in self.spec_fields.values()]
        asked = [one for one in specs if one.target == "credentials" and one.required]
        secrets = [one.path for one in asked if one.secure]
        return secrets[0] if len(secrets) == 1 else None

    def _show(self, path: str, problems: list[Problem]) -> None:
        for problem in problems:
            text = f"{problem}. {problem.hint}" if problem.hint else str(problem)
            error = ValidationError(text, code=problem.code, params=None)
            error.problem = problem  # type: ignore[attr-defined]
            self.add_error(self.place_of(path, problem), error)  # type: ignore[attr-defined]


def _text_of(uploaded: Any, field: SpecField) -> str:
    """The text of a chosen file; no more is read than shows that it is too long."""
    content = uploaded.read(4 * field.max_length + 4)
    return content.decode("utf-8-sig", errors="replace")  # type: ignore[no-any-return]


_METADATA = build_field(ConnectionSerializer.spec_fields["metadata"].spec)


def connection_form(
    base: type[forms.BaseForm],
    *,
    integration: IntegrationDefinition,
    method: MethodDefinition,
    actor: Actor,
    connection: Connection | None = None,
) -> Any:
    """The form class of a method: `base` with a field for each of its specs.

    The class is built, not filled in `__init__`: the admin draws only fields that a class declares.
    """
    specs = shown_specs(method.specs)
    spec_fields = {spec.path: build_field(spec) for spec in specs}
    attributes: dict[str, Any] = {
        "integration": integration,
        "method": method,
        "actor": actor,
        "connection": connection,
        "spec_fields": spec_fields,
        # Said here, because the mixin comes before the base and would hide what it says.
        "contract_fields": _asked_by(base),
        **_contract_fields(base, connection, integration),
    }
    stored = _shown_values(connection, spec_fields)
    for path, field in spec_fields.items():
        attributes.update(_fields_of(path, field, connection, stored.get(path)))
    return type("ConnectionForm", (ConnectionFormMixin, base), attributes)


def _fields_of(
    path: str, field: SpecField, connection: Connection | None, stored: Any
) -> dict[str, forms.Field]:
    spec, form_field = field.spec, field.form_field()
    fields = {path: form_field}
    if connection is not None and not spec.secure:
        form_field.initial = field.to_form(stored)
    is_kept = connection is not None and spec.secure and spec.key in connection.secrets_set
    if is_kept:
        # Not a placeholder: lists and boxes have none, and it vanishes when it is needed.
        kept = escape(_("Stored: leave blank to keep it."))
        form_field.help_text = f"{form_field.help_text} {kept}".strip()
        if not spec.required:
            label = _("Remove the stored value of '%(label)s'") % {"label": field.name}
            fields[CLEAR + path] = forms.BooleanField(required=False, label=label)
    if field.takes_file:
        label = _("… or choose a file for '%(label)s'") % {"label": field.name}
        chooser = forms.FileInput(attrs={"accept": field.accept})
        fields[FILE + path] = forms.Field(required=False, label=label, widget=chooser)
    form_field.is_stored = is_kept  # type: ignore[attr-defined]
    return fields


def _shown_values(
    connection: Connection | None, spec_fields: Mapping[str, SpecField]
) -> dict[str, Any]:
    """Stored values that are no secrets, by path."""
    if connection is None:
        return {}
    stored = stored_values(connection)
    return {
        path: stored[field.spec.target].get(field.spec.key)
        for path, field in spec_fields.items()
        if not field.spec.secure
    }


LABELS = {
    "label": gettext_lazy("Label"),
    "user_id": gettext_lazy("User id"),
    "metadata": gettext_lazy("Metadata"),
    "status": gettext_lazy("Status"),
}


def _asked_by(base: Any) -> tuple[str, ...]:
    asked: tuple[str, ...] = getattr(base, "contract_fields", ConnectionFormMixin.contract_fields)
    return asked


def _contract_fields(
    base: Any, connection: Connection | None, integration: IntegrationDefinition
) -> dict[str, forms.Field]:
    fields = {}
    for name in _asked_by(base):
        field = ConnectionSerializer.spec_fields[name].form_field()
        field.label = LABELS[name]
        if connection is not None:
            field.initial = (
                _METADATA.to_form(connection.metadata or None)
                if name == "metadata"
                else getattr(connection, name)
            )
        elif name == "label":
            field.help_text = _("How you will recognise it. By default: %(name)s") % {
                "name": escape(integration.name)
            }
        fields[name] = field
    return fields
