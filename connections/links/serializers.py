"""The rules of a connect session to make."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from connections.contract import CONFIG, LABEL, METADATA, USER_ID, ConnectionContract
from connections.links.presets import preset_specs
from connections.models import Connection, ConnectSession
from connections.oauth_serializers import UnknownConnection
from connections.services.connect_sessions import create_session
from integrations.field_types import build_field, is_blank
from integrations.problems import Problem, Problems, required, unknown
from integrations.specs import IntegrationDefinition, MethodDefinition, Spec

MOST_INTEGRATIONS = 50
SHORTEST, USUAL, LONGEST = 60, 30 * 60, 24 * 60 * 60


def _text(key: str, max_length: int) -> Spec:
    return Spec(key=key, label=key, required=False, secure=False, max_length=max_length)


class SessionSerializer(ConnectionContract):
    """A session to make; `save()` stores it and tells its token, the only time that it is seen."""

    specs: ClassVar[tuple[Spec, ...]] = (
        Spec(
            key="integrations",
            type="list",
            label="integrations",
            required=False,
            secure=False,
            max_length=MOST_INTEGRATIONS,
        ),
        USER_ID,
        LABEL,
        CONFIG,
        METADATA,
        _text("return_url", 2000),
        _text("origin", 255),
        _text("connection_id", 100),
        Spec(
            key="locale",
            type="select",
            label="locale",
            required=False,
            secure=False,
            options=tuple((code, code) for code, _name in settings.LANGUAGES),
        ),
        Spec(
            key="expires_in",
            type="integer",
            label="expires_in",
            required=False,
            secure=False,
            default=USUAL,
            minimum=SHORTEST,
            maximum=LONGEST,
        ),
    )
    connection: Connection | None = None

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        values = super().checked(data, found)
        self._check_addresses(values, found)
        self.connection = self._find_connection(values)
        integrations = self._find_integrations(values, found)
        if self.connection is not None:
            self._check_repair(self.connection, values, found)
        values["config"] = self._check_config(data.get("config"), integrations, found)
        return values

    def _check_addresses(self, values: Mapping[str, Any], found: Problems) -> None:
        workspace = self.actor.workspace
        hint = _("Its owners list them in its settings; they are compared letter by letter.")
        if values.get("return_url", "") not in ["", *workspace.return_urls]:
            text = _("Field 'return_url' is not one of the workspace's return addresses")
            found["return_url"] = [Problem(text, "unknown_return_address", hint=hint)]
        if values.get("origin", "") not in ["", *workspace.embed_origins]:
            text = _("Field 'origin' is not one of the workspace's embedding origins")
            found["origin"] = [Problem(text, "unknown_origin", hint=hint)]

    def _find_connection(self, values: Mapping[str, Any]) -> Connection | None:
        name = values.get("connection_id")
        if name is None:
            return None
        connection = Connection.objects.find(self.actor.workspace, name)
        if connection is None:
            raise UnknownConnection
        return connection

    def _find_integrations(
        self, values: dict[str, Any], found: Problems
    ) -> list[IntegrationDefinition]:
        if self.connection is not None:
            repaired = self.catalogue.by_pk(self.connection.integration_id)
            named = values.setdefault("integrations", [repaired.slug])
            if named != [repaired.slug] and "integrations" not in found:
                text = _("Field 'integrations' can name only that of 'connection_id'")
                found["integrations"] = [Problem(text, "exclusive")]
            return [repaired]
        if "integrations" not in values:
            found.setdefault("integrations", [required("integrations")])
            return []
        listed = {slug: self._integration(slug) for slug in values["integrations"]}
        missing = [slug for slug, one in listed.items() if one is None or not one.methods]
        if missing:
            text = _("Field 'integrations' names what cannot be connected")
            hint = _("Number %(number)d of the list is not among the integrations.")
            hint = hint % {"number": values["integrations"].index(missing[0]) + 1}
            found["integrations"] = [Problem(text, "unknown_integration", hint=hint)]
        return [one for one in listed.values() if one is not None]

    def _integration(self, slug: str) -> IntegrationDefinition | None:
        # Longer than any slug, or with a NUL: nothing that is stored has such a name.
        is_slug = len(slug) <= 100 and slug.isascii() and slug.isprintable()
        return self.catalogue.get(slug, self.actor.workspace.id) if is_slug else None

    def _check_repair(
        self, connection: Connection, values: Mapping[str, Any], found: Problems
    ) -> None:
        if values.get("user_id", connection.user_id) != connection.user_id:
            text = _("Field 'user_id' must be that of the connection, or be left out")
            found["user_id"] = [Problem(text, "other_user")]

    def _methods(self, integrations: list[IntegrationDefinition]) -> Iterator[MethodDefinition]:
        for integration in integrations:
            if self.connection is not None:
                yield integration.method_by_pk(self.connection.auth_method_id)
            else:
                yield from integration.methods

    def _check_config(
        self, config: Any, integrations: list[IntegrationDefinition], found: Problems
    ) -> dict[str, Any]:
        """The values that are set; each by the rules of every field that it would be put into."""
        if config is not None and not isinstance(config, dict):
            text = _("Field '%(label)s' must be a JSON object") % {"label": "config"}
            found["config"] = [Problem(text, "invalid_json")]
            return {}
        given = {key: value for key, value in (config or {}).items() if not is_blank(value)}
        known: set[str] = set()
        checked: dict[str, Any] = {}
        for method in self._methods(integrations):
            for spec in preset_specs(method, given):
                if spec.is_shown:
                    known.add(spec.key)
                    _check_value(spec, given[spec.key], checked, found)
        if integrations:
            found.update(
                unknown([key for key in given if key not in known], known, prefix="config.")
            )
        return checked

    def save(self, *, before_commit: Any = None) -> tuple[ConnectSession, str]:  # type: ignore[override]
        """The session and the token of its link."""
        values, now = self.validated_data, timezone.now()
        columns = {
            name: values.get(name) or ""
            for name in ("label", "user_id", "return_url", "origin", "locale")
        }
        columns |= {
            "integrations": values["integrations"],
            "metadata": values.get("metadata") or {},
            "repairs": self.connection.public_id if self.connection else "",
            "created_at": now,
            "expires_at": now + timedelta(seconds=values["expires_in"]),
        }
        return create_session(
            actor=self.actor,
            columns=columns,
            config=values["config"],
            before_commit=before_commit,
        )


def _check_value(spec: Spec, value: Any, checked: dict[str, Any], found: Problems) -> None:
    try:
        # As it was sent: each method normalises it by its own field when it is used.
        build_field(spec).run_validation(value)
        checked[spec.key] = value
    except serializers.ValidationError as error:
        found.setdefault(spec.path, error.detail)  # type: ignore[arg-type]
