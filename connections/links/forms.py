"""The forms behind a connect link: those of the method, with what is set left out and put in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from connections.access.actors import Actor
from connections.forms import connection_form
from connections.links.presets import left_to_ask, preset_specs, with_presets
from connections.models import Connection, ConnectSession
from connections.oauth_forms import consent_form
from integrations.field_types import build_field
from integrations.problems import Problem
from integrations.specs import IntegrationDefinition, MethodDefinition, label_from_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What a session has set: nobody who holds the link may change it."""

    config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    label: str = ""
    user_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    repairs: str = ""

    @classmethod
    def of(cls, session: ConnectSession) -> "Preset":
        """Raises VaultError where its values do not open."""
        return cls(
            config=session.get_config(),
            label=session.label,
            user_id=session.user_id,
            metadata=session.metadata,
            repairs=session.repairs,
        )

    def put_into(self, body: Mapping[str, Any], method: MethodDefinition) -> dict[str, Any]:
        """The body with what is set; whose connection it is does not change in a repair."""
        said = {"label": self.label, "metadata": dict(self.metadata)}
        if not self.repairs:
            said["user_id"] = self.user_id
        config = with_presets(method, self.config, body)
        return {**body, "config": config, **{name: one for name, one in said.items() if one}}


def is_set(label: str) -> Problem:
    text = _("Field '%(label)s' was set by whoever sent you this link") % {"label": label}
    return Problem(text, "preset", hint=_("It cannot be changed here: leave it out."))


class LinkFormMixin:
    """Before ConnectionFormMixin: adds what is set, and refuses whoever sends it nevertheless."""

    preset: ClassVar[Preset]
    # With the fields that the form does not draw.
    whole: ClassVar[MethodDefinition]
    # Only for the consent of a repair: its body says less.
    is_consent: ClassVar[bool] = False

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()  # type: ignore[misc]
        for name, label in self._fixed().items():
            if name in self.data:  # type: ignore[attr-defined]
                self._show(name, [is_set(label)])  # type: ignore[attr-defined]
        return cleaned

    def _fixed(self) -> dict[str, str]:
        """The names that a form of this link never sends, and how they are called."""
        names = {name: label_from_key(name) for name in ("user_id", "metadata")}
        if self.preset.label:
            names["label"] = label_from_key("label")
        specs = preset_specs(self.whole, self.preset.config)
        return names | {spec.path: build_field(spec).name for spec in specs}

    def _serializer(self, body: Mapping[str, Any]) -> Any:
        whole = self.preset.put_into(body, self.whole)
        if self.is_consent:
            whole.pop("metadata", None)
            if self.preset.repairs:
                whole.pop("label", None)
                whole["connection_id"] = self.preset.repairs
        return super()._serializer(whole)  # type: ignore[misc]


def link_form(
    base: type[forms.BaseForm],
    *,
    preset: Preset,
    integration: IntegrationDefinition,
    method: MethodDefinition,
    actor: Actor,
    connection: Connection | None = None,
) -> Any:
    """The form class of a method behind a link."""
    form = connection_form(
        base,
        integration=integration,
        method=left_to_ask(method, preset.config),
        actor=actor,
        connection=connection,
    )
    return type("LinkForm", (LinkFormMixin, form), {"preset": preset, "whole": method})


def link_consent_form(
    base: type[forms.BaseForm],
    *,
    preset: Preset,
    integration: IntegrationDefinition,
    method: MethodDefinition,
    actor: Actor,
) -> Any:
    """The form class before a consent behind a link; a repair asks for nothing but a yes."""
    asked = left_to_ask(method, preset.config)
    if preset.repairs:
        asked = replace(asked, specs=())
    form = consent_form(base, integration=integration, method=asked, actor=actor)
    attributes = {"preset": preset, "whole": method, "is_consent": True}
    return type("LinkConsentForm", (LinkFormMixin, form), attributes)
