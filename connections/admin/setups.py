"""What staff set up once per workspace for a method: chosen first, filled in on its own page."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.admin.editing import staff_actor
from connections.admin.lists import ListAdmin, WorkspaceFilter, adopt
from connections.models import MethodSetup
from connections.services.setups import set_up_method
from connections.setup_forms import setup_form
from integrations.catalogue import catalogue_at
from integrations.models import AuthMethod, FieldSpec


class MethodChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.integration.name}: {obj.name}"


class SetupChoiceForm(ModelForm):
    """Step one: only methods that have something to set up."""

    auth_method = MethodChoice(AuthMethod.objects.none(), label=gettext_lazy("Method"))

    class Meta:
        model = MethodSetup
        fields: ClassVar[list[str]] = ["workspace", "auth_method"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asking = FieldSpec.objects.filter(stage=FieldSpec.Stage.SETUP).values("auth_method")
        methods = AuthMethod.objects.filter(pk__in=asking).select_related("integration")
        self.fields["auth_method"].queryset = methods.order_by("integration__name", "name")  # type: ignore[attr-defined]


class SetupPageForm(ModelForm):
    """The base of step two: its values go through a serializer and a service."""

    class Meta:
        model = MethodSetup
        fields: ClassVar[list[str]] = []

    def _post_clean(self) -> None:
        """The row is filled and judged elsewhere."""


@admin.register(MethodSetup)
class SetupAdmin(ListAdmin):
    list_display = ("auth_method", "integration", "workspace", "set_up", "updated_by", "updated_at")
    list_filter = (WorkspaceFilter,)
    list_select_related = ("auth_method__integration", "workspace")
    search_fields = ("auth_method__name", "auth_method__integration__name", "workspace__slug")

    @admin.display(description=gettext_lazy("integration"))
    def integration(self, obj: MethodSetup) -> str:
        return obj.auth_method.integration.name

    @admin.display(description=gettext_lazy("set up"))
    def set_up(self, obj: MethodSetup) -> str:
        return ", ".join(name.partition(".")[2] for name in obj.field_names) or _("nothing yet")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        if obj is None:
            return SetupChoiceForm
        if not self.has_change_permission(request, obj):
            return SetupPageForm
        actor = staff_actor(request, obj.workspace)
        integration = catalogue_at(actor.catalogue_version).by_pk(obj.auth_method.integration_id)
        return setup_form(  # type: ignore[no-any-return]
            SetupPageForm,
            integration=integration,
            method=integration.method_by_pk(obj.auth_method_id),
            actor=actor,
            row=obj,
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        form = self.get_form(request, obj)
        shown = ("workspace", "auth_method", "updated_by", "updated_at") if obj else ()
        asked = [name for name in form.base_fields if name not in shown]
        note = _("A blank secret keeps what is stored. Nothing that is stored is shown.")
        return [(None, {"fields": (*shown, *asked), "description": note if obj else ""})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("workspace", "auth_method", "updated_by", "updated_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            adopt(obj, form.serializer.save())
            return
        actor = staff_actor(request, obj.workspace)
        integration = catalogue_at(actor.catalogue_version).by_pk(obj.auth_method.integration_id)
        method = integration.method_by_pk(obj.auth_method_id)
        adopt(obj, set_up_method(actor=actor, method=method, values={}))

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        """On to step two."""
        return redirect("admin:connections_methodsetup_change", obj.pk)
