"""OAuth clients: what the installation is at a service. Their secrets are never shown."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.access.actors import person
from connections.admin.forms import StoringNothing
from connections.admin.guide import chosen, guide_for
from connections.admin.lists import ListAdmin, WorkspaceFilter, adopt
from connections.admin.setups import MethodChoice
from connections.models import OAuthClient, Workspace
from connections.oauth_serializers import OAuthClientSerializer
from connections.services.oauth_clients import (
    SECRETS,
    delete_oauth_client,
    save_oauth_client,
)
from integrations.field_types import is_blank
from integrations.models import AuthMethod

LABELS = {
    "client_id": gettext_lazy("Client id"),
    "client_secret": gettext_lazy("Client secret"),
    "private_key": gettext_lazy("Private key"),
    "key_id": gettext_lazy("Key id"),
    "client_auth": gettext_lazy("Authentication"),
    "issuer": gettext_lazy("Server"),
    "is_shared": gettext_lazy("For every workspace"),
}
HELP = {
    "private_key": gettext_lazy("In place of a secret, where the service wants signed proofs."),
    "client_auth": gettext_lazy("Blank: as the method says."),
    "issuer": gettext_lazy(
        "The server that it is made out for, such as https://gitlab.example.com, where whoever "
        "connects chooses the server; else blank."
    ),
    "is_shared": gettext_lazy("Other workspaces connect with it and cannot see it."),
}
CLEARED = {
    "clear_client_secret": gettext_lazy("Remove the stored client secret"),
    "clear_private_key": gettext_lazy("Remove the stored private key"),
}


def _inputs() -> dict[str, forms.Field]:
    """The widgets of the serializer's fields: its rules stay there."""
    inputs = {name: OAuthClientSerializer.spec_fields[name].form_field() for name in LABELS}
    for name, field in inputs.items():
        field.label, field.help_text = LABELS[name], HELP.get(name, "")
    return inputs


class OAuthClientFormBase(StoringNothing):
    class Meta(StoringNothing.Meta):
        model = OAuthClient

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_new:
            shown = ("client_id", "client_auth", "issuer", "is_shared")
            fields = OAuthClientSerializer.spec_fields
            self.initial |= {
                name: fields[name].to_form(getattr(self.instance, name)) for name in shown
            }
            kept = _("Blank keeps what is stored. Nothing that is stored is shown.")
            self.fields["client_secret"].help_text = kept

    @property
    def is_new(self) -> bool:
        return self.instance._state.adding  # type: ignore[no-any-return]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        body = {
            name: OAuthClientSerializer.spec_fields[name].from_form(cleaned.get(name))
            for name in LABELS
            if name in self.fields
        }
        body = {name: value for name, value in body.items() if not is_blank(value)}
        serializer = OAuthClientSerializer(
            data=body, context={"has_key": self.keeps("private_key")}
        )
        if serializer.is_valid():
            self.values = serializer.validated_data
            self._refuse_second(cleaned)
            self._ask_secrets_again()
        for name, problems in serializer.problems.items():
            for problem in problems:
                self.add_error(name, ValidationError(str(problem), code=problem.code))
        return cleaned

    def _ask_secrets_again(self) -> None:
        """A secret is for the server that it was entered for."""
        if self.is_new or self.values.get("issuer", "") == self.instance.issuer:
            return
        for name in ("client_secret", "private_key"):
            if self.keeps(name) and name not in self.values:
                text = _("Enter it again together with the new server.")
                self.add_error(name, ValidationError(text, code="secret_needed_again"))

    def keeps(self, name: str) -> bool:
        """Whether that secret is stored, and stays."""
        if self.is_new or self.data.get(f"clear_{name}"):
            return False
        return name in self.instance.get_secrets()

    def _refuse_second(self, cleaned: dict[str, Any]) -> None:
        same = OAuthClient.objects.filter(
            workspace=cleaned.get("workspace") or self.instance.workspace_id,
            auth_method=cleaned.get("auth_method") or self.instance.auth_method_id,
            issuer=self.values.get("issuer", ""),
        )
        if same.exclude(pk=self.instance.pk).exists():
            text = _("This workspace has a client for this method already.")
            self.add_error(None, ValidationError(text, code="unique"))

    def columns(self) -> dict[str, Any]:
        blank = {"client_auth": "", "issuer": "", "is_shared": False}
        return {
            name: value for name, value in {**blank, **self.values}.items() if name not in SECRETS
        }

    def secrets(self) -> dict[str, str | None]:
        cleared = {name: None for name in SECRETS if self.data.get(f"clear_{name}")}
        return cleared | {name: self.values[name] for name in SECRETS if name in self.values}


OAuthClientForm = type(
    "OAuthClientForm",
    (OAuthClientFormBase,),
    {
        **_inputs(),
        **{
            name: forms.BooleanField(required=False, label=label) for name, label in CLEARED.items()
        },
    },
)


class NewOAuthClientForm(OAuthClientForm):  # type: ignore[misc,valid-type]
    workspace = forms.ModelChoiceField(
        Workspace.objects.filter(is_active=True), label=gettext_lazy("Workspace")
    )
    auth_method = MethodChoice(
        AuthMethod.objects.filter(kind="oauth2")
        .select_related("integration")
        .order_by("integration__name", "name"),
        label=gettext_lazy("Method"),
    )
    # Nothing is stored yet.
    clear_client_secret = clear_private_key = None


@admin.register(OAuthClient)
class OAuthClientAdmin(ListAdmin):
    prefix = "ocl"
    list_display = ("client_id", "method", "workspace", "is_shared", "origin", "updated_at")
    list_filter = ("origin", "is_shared", WorkspaceFilter)
    list_select_related = ("auth_method__integration", "workspace")
    search_fields = ("client_id", "auth_method__integration__name", "issuer")
    facts: ClassVar[tuple[str, ...]] = ("public_id", "workspace", "method")

    class Media:
        css = {"all": ("connections/admin.css",)}  # noqa: RUF012 - as Django wants it
        js = ("connections/copy.js",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("workspace", "auth_method__integration")

    @admin.display(description=gettext_lazy("method"))
    def method(self, obj: OAuthClient) -> str:
        return f"{obj.auth_method.integration.name}: {obj.auth_method.name}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **named: Any
    ) -> HttpResponse:
        obj: OAuthClient | None = named.get("obj")
        form = context["adminform"].form
        if obj is not None:
            context["guide"] = guide_for(obj.auth_method, obj.workspace)
        else:
            context["guide"] = guide_for(chosen(form, "auth_method"), chosen(form, "workspace"))
        return super().render_change_form(request, context, *args, **named)  # type: ignore[no-any-return]

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        kwargs["form"] = OAuthClientForm if obj else NewOAuthClientForm
        return super().get_form(request, obj, **{**kwargs, "fields": []})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("workspace", "auth_method", *LABELS)
        if not self.has_change_permission(request, obj):
            return (*self.facts, "client_id", "client_auth", "issuer", "is_shared", "origin")
        return (*self.facts, *LABELS, *CLEARED, "origin", "created_by", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.facts, "origin", "created_by", "updated_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: OAuthClient, form: Any, change: bool) -> None:
        if not change:
            obj.workspace = form.cleaned_data["workspace"]
            obj.auth_method = form.cleaned_data["auth_method"]
        saved = save_oauth_client(
            actor=person(request.user, obj.workspace),
            row=obj,
            columns=form.columns(),
            secrets=form.secrets(),
        )
        adopt(obj, saved)

    def delete_model(self, request: HttpRequest, obj: OAuthClient) -> None:
        delete_oauth_client(actor=person(request.user, obj.workspace), row=obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset.select_related("workspace"):
            self.delete_model(request, row)
