"""The pages that make and change a connection: two steps to a new one, a page for secrets alone."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from connections.access.actors import Actor, person
from connections.admin.forms import (
    ChoiceForm,
    StoringNothing,
    field_sets,
    form_for,
    only_values,
    without_secrets,
)
from connections.admin.lists import ListAdmin, adopt
from connections.models import Connection, Workspace
from connections.services.locks import Overtaken
from connections.services.verification import Verifier
from integrations.catalogue import catalogue_at, current_version
from integrations.specs import IntegrationDefinition, MethodDefinition

DESCRIPTION = ("label", "owner", "user_id", "metadata", "seen")
PLACE = ("integration", "auth_method", "workspace", "state", "secrets")
FACTS = (
    "public_id",
    "credential",
    "account_label",
    "expires_at",
    "last_tested_at",
    "last_used_at",
    "created_by",
    "created_at",
    "updated_at",
)
# To those who may look and not touch.
SHOWN = ("label", "owner", "user_id", "metadata", "configuration")


def staff_actor(request: HttpRequest, workspace: Workspace) -> Actor:
    """The person, with the catalogue's version: page, form and rules of a request read the same."""
    return replace(person(request.user, workspace), catalogue_version=current_version())


def definition_of(actor: Actor, row: Connection) -> tuple[IntegrationDefinition, MethodDefinition]:
    definition = catalogue_at(actor.catalogue_version).by_pk(row.integration_id)
    return definition, definition.method_by_pk(row.auth_method_id)


class EditingAdmin(ListAdmin):
    """`request.choice` is what step one chose, for a new connection."""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        choice = ChoiceForm(request.GET if "workspace" in request.GET else None)
        if not choice.is_bound or not choice.is_valid() or choice.chosen is None:
            return self.choice_page(request, choice)
        address = "?" + urlencode(choice.address())
        if not request.GET.get("method"):
            return redirect(request.path + address)
        request.choice = choice  # type: ignore[attr-defined]
        return super().add_view(request, address, extra_context)  # type: ignore[no-any-return]

    def choice_page(self, request: HttpRequest, choice: ChoiceForm) -> HttpResponse:
        """Step one; it asks for the method once the integration has several."""
        if choice.definition is None or not choice.fields["method"].choices:
            del choice.fields["method"]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Add connection"),
            "opts": self.opts,
            "form": choice,
        }
        return TemplateResponse(request, "admin/connections/connection/choose.html", context)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        self.ask_service(request, object_id, lambda obj: self.get_form(request, obj))
        view = partial(super().changeform_view, request, object_id, *args, **kwargs)
        return self.once_more_if_overtaken(request, view)

    def ask_service(
        self, request: HttpRequest, object_id: str | None, form_of: Callable[[Any], Any]
    ) -> None:
        """Try what was sent before a transaction is open: a call takes seconds, a lock none."""
        if request.method != "POST":
            return
        obj = None if object_id is None else self.get_object(request, unquote(object_id))
        if object_id is not None and (obj is None or not self.has_change_permission(request, obj)):
            return
        form_of(obj)(request.POST, request.FILES, instance=obj).is_valid()
        for uploaded in request.FILES.values():
            uploaded.seek(0)
        request.verifier.close()  # type: ignore[attr-defined]

    def once_more_if_overtaken(
        self, request: HttpRequest, view: Callable[[], HttpResponse]
    ) -> HttpResponse:
        """Draw the page from the row as it is by now: it then says itself that it was stale."""
        for _attempt in range(2):
            try:
                with transaction.atomic():
                    return view()
            except Overtaken:
                continue
        text = _("It is being changed by somebody else. Try again.")
        self.message_user(request, text, messages.ERROR)
        return redirect(request.get_full_path())

    def full_form(self, request: HttpRequest, obj: Connection | None) -> Any:
        if obj is None:
            choice = request.choice  # type: ignore[attr-defined]
            actor = staff_actor(request, choice.cleaned_data["workspace"])
            form = form_for(actor, choice.definition, choice.chosen)
        else:
            actor = staff_actor(request, obj.workspace)
            form = form_for(actor, *definition_of(actor, obj), obj)
        # One for the request: what it learns before the transaction is known in it.
        if not hasattr(request, "verifier"):
            request.verifier = Verifier(actor.workspace)  # type: ignore[attr-defined]
        form.verifier = request.verifier  # type: ignore[attr-defined]
        return form

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        if obj is None:
            return self.full_form(request, obj)  # type: ignore[no-any-return]
        if not self.has_change_permission(request, obj):
            return StoringNothing
        return without_secrets(self.full_form(request, obj))  # type: ignore[no-any-return]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        facts = (_("Facts"), {"classes": ["collapse"], "fields": FACTS})
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": (*SHOWN, *PLACE)}), facts]
        form = self.get_form(request, obj)
        values = field_sets(form, form.method.specs, form.method.name)
        if obj is None:
            return [(None, {"description": _place(form), "fields": DESCRIPTION}), *values]
        return [(None, {"fields": (*PLACE, *DESCRIPTION)}), *values, facts]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        may_change = self.has_change_permission(request, obj)
        return (*PLACE, *FACTS, *(() if may_change else SHOWN))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        adopt(obj, form.store())

    def secrets_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        form_of = partial(self.secrets_form, request)
        self.ask_service(request, object_id, form_of)
        view = partial(self.secrets_page, request, unquote(object_id))
        return self.once_more_if_overtaken(request, view)

    def secrets_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Blank keeps, a tick clears, a value replaces. Other fields can change along with them."""
        obj = self.get_object(request, object_id)
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        if obj is None:
            raise Http404
        form_class = self.secrets_form(request, obj)
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = form_class(*sent, instance=obj)
        if form.is_bound and form.is_valid():
            form.store()
            self.log_change(request, obj, self.construct_change_message(request, form, []))
            self.message_user(request, _("The secrets were saved."), messages.SUCCESS)
            return redirect("admin:connections_connection_change", obj.pk)
        return self.draw_secrets(request, obj, form)

    def secrets_form(self, request: HttpRequest, obj: Connection) -> Any:
        return only_values(self.full_form(request, obj))

    def draw_secrets(self, request: HttpRequest, obj: Connection, form: Any) -> HttpResponse:
        secret = [spec for spec in form.method.specs if spec.secure]
        others = [spec for spec in form.method.specs if not spec.secure]
        together = {
            "classes": ["collapse"],
            "fields": flatten_fieldsets(field_sets(form, others, "")),
        }
        sets = [*field_sets(form, secret, _("Secrets")), (None, {"fields": ("seen",)})]
        if together["fields"]:
            sets.append((_("Change together with the secrets"), together))
        admin_form = helpers.AdminForm(form, sets, {}, model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Replace secrets"),
            "subtitle": str(obj),
            "opts": self.opts,
            "original": obj,
            "adminform": admin_form,
            "media": self.media + admin_form.media,
            "errors": helpers.AdminErrorList(form, []),
            "has_file_field": form.is_multipart(),
        }
        return TemplateResponse(request, "admin/connections/connection/secrets.html", context)


def _place(form: Any) -> str:
    """What step one chose, in words. Names are data: Django prints a description as it is."""
    return format_html(
        "{} · {} · {}", form.actor.workspace, form.integration.name, form.method.name
    )
