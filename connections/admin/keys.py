"""API keys. The secret is on the page that answers the creation, and nowhere else."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from connections.access.actors import Actor, person
from connections.admin.forms import StoringNothing
from connections.admin.lists import ListAdmin, WorkspaceFilter, adopt
from connections.key_forms import LABELS, key_inputs, key_serializer, shown_value
from connections.models import ApiKey, Workspace
from connections.services.api_keys import change_api_key, create_api_key, delete_api_key


class ApiKeyFormBase(StoringNothing):
    """Sends what was typed through the serializer of the API; the service stores it."""

    class Meta(StoringNothing.Meta):
        model = ApiKey

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            for name in LABELS:
                self.initial[name] = shown_value(self.instance, name)

    def clean(self) -> dict[str, Any]:
        serializer = key_serializer(self, is_new=self.instance._state.adding)
        if serializer.is_valid():
            self.columns = serializer.columns()
        else:
            for name, problems in serializer.problems.items():
                for problem in problems:
                    self.add_error(name, ValidationError(str(problem), code=problem.code))
        return self.cleaned_data


ApiKeyForm = type("ApiKeyForm", (ApiKeyFormBase,), key_inputs())


class NewApiKeyForm(ApiKeyForm):  # type: ignore[misc,valid-type]
    workspace = forms.ModelChoiceField(
        Workspace.objects.filter(is_active=True), label=_("Workspace")
    )
    # A new key works.
    status = None


@admin.register(ApiKey)
class ApiKeyAdmin(ListAdmin):
    prefix = "key"
    form = ApiKeyForm
    list_display = ("label", "shown", "workspace", "status", "expires_at", "last_used_at")
    list_filter = ("status", WorkspaceFilter)
    list_select_related = ("workspace",)
    search_fields = ("label", "shown", "created_by")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        kwargs["form"] = self.form if obj else NewApiKeyForm
        return super().get_form(request, obj, **{**kwargs, "fields": []})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("workspace", *(name for name in LABELS if name != "status"))
        return ("public_id", "workspace", "shown", *LABELS, "last_used_at", "created_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("public_id", "workspace", "shown", "last_used_at", "created_by") if obj else ()

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            change_api_key(actor=_actor(request, obj.workspace), key=obj, columns=form.columns)
            return
        actor = _actor(request, form.cleaned_data["workspace"])
        key, secret = create_api_key(actor=actor, columns=form.columns)
        adopt(obj, key)
        # For the answer to this request: a session or a message would keep it.
        request.new_secret = secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiKey, *args: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("The new key"),
            "opts": self.opts,
            "key": obj,
            "secret": request.new_secret,  # type: ignore[attr-defined]
        }
        answer = TemplateResponse(request, "admin/connections/apikey/created.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    def delete_model(self, request: HttpRequest, obj: ApiKey) -> None:
        delete_api_key(actor=_actor(request, obj.workspace), key=obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for key in queryset.select_related("workspace"):
            self.delete_model(request, key)


def _actor(request: HttpRequest, workspace: Workspace) -> Actor:
    return person(request.user, workspace)
