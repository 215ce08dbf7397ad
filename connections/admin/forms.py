"""The forms of a connection in the admin: its choice, its fields, its secrets."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.access.actors import Actor
from connections.forms import CLEAR, FILE, connection_form
from connections.models import Connection, Workspace
from connections.services.connections import Changes, change_connection
from integrations.catalogue import current_catalogue
from integrations.field_types import build_field
from integrations.models import Integration
from integrations.specs import IntegrationDefinition, MethodDefinition, Spec


class StoringNothing(forms.ModelForm):
    """A form of the admin whose values go through a serializer and a service, not into its row."""

    class Meta:
        model = Connection
        fields: ClassVar[list[str]] = []

    def _post_clean(self) -> None:
        """The row is filled and judged elsewhere."""


class ChoiceForm(forms.Form):
    """Step one: where, what, and how. It is sent as the address of step two."""

    workspace = forms.ModelChoiceField(
        Workspace.objects.filter(is_active=True),
        to_field_name="slug",
        label=gettext_lazy("Workspace"),
    )
    integration = forms.ChoiceField(label=gettext_lazy("Integration"))
    method = forms.ChoiceField(
        label=gettext_lazy("Method"), required=False, widget=forms.RadioSelect
    )

    definition: IntegrationDefinition | None = None
    chosen: MethodDefinition | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        enabled = Integration.objects.filter(is_enabled=True)
        rows = enabled.exclude(status=Integration.Status.DRAFT).order_by("name")
        named = dict(rows.values_list("slug", "name"))
        self.fields["integration"].choices = [("", "---------"), *named.items()]
        # Its choices depend on the integration: it is judged with it.
        self.fields["method"].validate = lambda value: None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "workspace" in cleaned and "integration" in cleaned:
            found = current_catalogue().get(cleaned["integration"], cleaned["workspace"].id)
            self.definition = found
            self._choose(found, cleaned.get("method") or "")
        return cleaned

    def _choose(self, found: IntegrationDefinition | None, name: str) -> None:
        if found is None or not found.methods:
            text = _("This workspace cannot connect it.")
            self.add_error("integration", ValidationError(text, code="not_usable"))
            return
        choices = [(method.id, method.name) for method in found.methods]
        self.fields["method"].choices = choices
        if not name and found.default_method:
            # Marked beforehand, not chosen: what was sent said nothing of it.
            self.data = {**self.data.dict(), "method": found.default_method.id}  # type: ignore[union-attr]
        self.chosen = found.methods[0] if len(choices) == 1 else found.method(name)
        if name and (self.chosen is None or self.chosen.id != name):
            self.chosen = None
            text = _("Choose one of the methods of this integration.")
            self.add_error("method", ValidationError(text, code="unknown_method"))

    def address(self) -> dict[str, str]:
        """The parameters that lead to step two."""
        assert self.chosen is not None  # noqa: S101 - asked by the caller
        return {
            "workspace": self.cleaned_data["workspace"].slug,
            "integration": self.cleaned_data["integration"],
            "method": self.chosen.id,
        }


class SeenField(forms.Field):
    """What the page was made from. It is drawn as it is now, and compared with what came back."""

    widget = forms.HiddenInput

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class MarkedField(forms.BoundField):
    """A bound field whose label says that it must be filled in: only the serializer demands it."""

    def label_tag(self, contents: Any = None, attrs: Any = None, **more: Any) -> str:
        if self._is_demanded():
            attrs = {**(attrs or {}), "class": f"{(attrs or {}).get('class', '')} required".strip()}
        return super().label_tag(contents, attrs, **more)  # type: ignore[no-any-return]

    def _is_demanded(self) -> bool:
        spec: Spec | None = getattr(self.field, "spec", None)
        if spec is None or spec.visible_if is not None or getattr(self.field, "is_stored", False):
            return False
        return spec.is_demanded and spec.default is None


class ConnectionAdminForm(StoringNothing):
    """The base of a method's form: what is asked beside its fields, and whether it is stale."""

    bound_field_class = MarkedField
    contract_fields: ClassVar[tuple[str, ...]] = ("label", "user_id", "metadata")

    seen = SeenField(required=False)
    owner = forms.ModelChoiceField(
        get_user_model().objects.none(),
        required=False,
        label=gettext_lazy("Owner"),
        help_text=gettext_lazy("The member of the workspace who sees it among their connections."),
    )
    chosen_owner: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            people = get_user_model().objects.filter(memberships__workspace=self.actor.workspace)
            self.fields["owner"].queryset = people
            self.initial["owner"] = self.instance.owner_id

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        return (
            self._state()
            if field_name == "seen"
            else super().get_initial_for_field(field, field_name)
        )

    def _state(self) -> str:
        moment = self.connection.updated_at.isoformat() if self.connection else ""
        return f"{self.integration.revision} {moment}"

    def clean_owner(self) -> Any:
        self.chosen_owner = self.cleaned_data["owner"]
        return self.chosen_owner

    def clean_seen(self) -> None:
        # A client that sends none has seen no page that could be stale.
        sent = self.data.get("seen")
        if sent is not None and sent != self._state():
            text = _(
                "It was changed while you were filling in the form. Look it through, enter secrets "
                "again and save once more."
            )
            self.add_error(None, ValidationError(text, code="overtaken"))

    def store(self) -> Connection:
        """Write what was checked. Raises Overtaken."""
        if self.connection is None:
            return self.serializer.save(owner=self.chosen_owner)  # type: ignore[no-any-return]
        saved: Connection = self.serializer.save()
        if "owner" in self.fields and saved.owner_id != getattr(self.chosen_owner, "pk", None):
            changes = Changes(columns={"owner": self.chosen_owner}, given=("owner",))
            saved = change_connection(actor=self.actor, connection=saved, changes=changes)
        return saved


def form_for(
    actor: Actor,
    integration: IntegrationDefinition,
    method: MethodDefinition,
    connection: Connection | None = None,
) -> Any:
    """The form class with every field of the method."""
    form = connection_form(
        ConnectionAdminForm,
        integration=integration,
        method=method,
        actor=actor,
        connection=connection,
    )
    for path, rule in form.spec_fields.items():
        field = form.base_fields[path]
        said = _condition_in_words(method, rule.spec)
        # What is there was escaped where it was built; a name of the catalogue was not.
        field.help_text = f"{field.help_text} {escape(said)}".strip()
    return form


def _condition_in_words(method: MethodDefinition, spec: Spec) -> str:
    """When the field is asked for: no script hides it."""
    controller = method.spec(spec.visible_if.field) if spec.visible_if else None
    if spec.visible_if is None or controller is None:
        return ""
    options = dict(controller.options)
    yes_no = {True: _("Yes"), False: _("No")}
    words = [
        str(yes_no[value] if isinstance(value, bool) else options.get(str(value), value))
        for value in spec.visible_if.values
    ]
    return _("Only if %(label)s is %(value)s.") % {
        "label": build_field(controller).name,
        "value": _(" or ").join(words),
    }


def without_secrets(form: Any) -> Any:
    """The form class of the change page: secrets have a page of their own."""
    secret = [path for path, field in form.spec_fields.items() if field.spec.secure]
    shown = {path: field for path, field in form.spec_fields.items() if path not in secret}
    names = [name for path in secret for name in (path, CLEAR + path, FILE + path)]
    # Django takes a declared field away where a subclass says None.
    gone = {name: None for name in names if name in form.base_fields}
    return type(form.__name__, (form,), {"spec_fields": shown, **gone})


def only_values(form: Any) -> Any:
    """The form class of the page for secrets: the method's fields and nothing beside them."""
    gone = dict.fromkeys((*form.contract_fields, "owner"))
    return type(form.__name__, (form,), {"contract_fields": (), **gone})


def field_sets(form: Any, specs: list[Spec], title: Any) -> list[tuple[Any, dict[str, Any]]]:
    """The method's fields as fieldsets: everyday ones by group, then the advanced ones, folded."""
    groups: dict[str, list[str]] = {}
    advanced: list[str] = []
    for spec in specs:
        names = [
            name
            for name in (spec.path, CLEAR + spec.path, FILE + spec.path)
            if name in form.base_fields
        ]
        (advanced if spec.advanced else groups.setdefault(spec.group, [])).extend(names)
    sets = [(group or title, {"fields": names}) for group, names in groups.items() if names]
    if advanced:
        sets.append((_("Advanced"), {"classes": ["collapse"], "fields": advanced}))
    return sets
