"""The API keys of a workspace. A secret is on the page that answers its making, and nowhere else.

Owners give every permission; administrators give all but `reveal`.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections.access.actors import Actor
from connections.models import ApiKey, Membership
from connections.models.api_keys import Permission
from connections.services.api_keys import (
    TooManyPermissions,
    change_api_key,
    create_api_key,
    delete_api_key,
    rotate_api_key,
)
from connections.web.pages import page_of
from connections.web.visitors import Visitor
from connections.web.workspaces.forms import KeyForm, RotationForm
from connections.web.workspaces.pages import managers_only, show_settings

MAY_GIVE = {
    Membership.Role.OWNER: frozenset(Permission.values),
    Membership.Role.ADMIN: frozenset(Permission.values) - {Permission.REVEAL},
}


def giver(visitor: Visitor) -> Actor:
    """The person, with the permissions that they may give."""
    return replace(visitor.actor, permissions=MAY_GIVE[Membership.Role(visitor.role)])


def find(visitor: Visitor, public_id: str) -> ApiKey:
    key: ApiKey | None = ApiKey.objects.named(visitor.workspace.id, public_id)
    if key is None:
        raise Http404
    return key


def too_many(error: TooManyPermissions) -> str:
    missing = ", ".join(sorted(str(Permission(one).label) for one in error.missing))
    return _("Only an owner can give: %(permissions)s.") % {"permissions": missing}


@require_safe
@managers_only
def key_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    page = page_of(request, ApiKey.objects.within(visitor.workspace.id))
    labels = dict(Permission.choices)
    for key in page:
        key.permission_labels = [labels.get(one, one) for one in key.permissions]
    return show_settings(request, visitor, "keys.html", page=page)


@require_http_methods(["GET", "HEAD", "POST"])
@managers_only
def new_key(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = KeyForm(request.POST) if request.method == "POST" else KeyForm()
    if form.is_bound and form.is_valid():
        try:
            key, secret = create_api_key(actor=giver(visitor), columns=form.columns)
        except TooManyPermissions as error:
            form.add_error("permissions", ValidationError(too_many(error), "missing_permission"))
        else:
            return show_secret(request, visitor, key, secret)
    return show_settings(request, visitor, "key_form.html", form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@managers_only
def key_detail(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponse:
    row = find(visitor, key)
    form = KeyForm(request.POST, key=row) if request.method == "POST" else KeyForm(key=row)
    if form.is_bound and form.is_valid():
        try:
            change_api_key(actor=giver(visitor), key=row, columns=form.columns)
        except TooManyPermissions as error:
            form.add_error("permissions", ValidationError(too_many(error), "missing_permission"))
        else:
            messages.success(request, _("Saved."))
            return redirect("workspace-keys", visitor.workspace.slug)
    return show_settings(request, visitor, "key_form.html", form=form, key=row)


@require_http_methods(["GET", "HEAD", "POST"])
@managers_only
def rotate_key(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponse:
    row = find(visitor, key)
    form = RotationForm(request.POST) if request.method == "POST" else RotationForm()
    if form.is_bound and form.is_valid():
        overlap = timedelta(seconds=form.cleaned_data["overlap"])
        try:
            secret = rotate_api_key(actor=giver(visitor), key=row, overlap=overlap)
        except TooManyPermissions as error:
            form.add_error(None, too_many(error))
        else:
            return show_secret(request, visitor, row, secret)
    return show_settings(request, visitor, "key_rotate.html", form=form, key=row)


@require_POST
@managers_only
def switch_key(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponse:
    """Revoked at once by whoever manages; working again only by who could give what it may do."""
    row, status = find(visitor, key), request.POST.get("status")
    if status not in ApiKey.Status.values:
        raise Http404
    columns: dict[str, Any] = {"status": status}
    if status == ApiKey.Status.ACTIVE:
        columns["permissions"] = row.permissions
    try:
        change_api_key(actor=giver(visitor), key=row, columns=columns)
    except TooManyPermissions as error:
        messages.error(request, too_many(error))
    else:
        is_on = status == ApiKey.Status.ACTIVE
        messages.success(request, _("The key works again.") if is_on else _("Revoked."))
    return redirect("workspace-keys", visitor.workspace.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@managers_only
def delete_key(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponse:
    row = find(visitor, key)
    if request.method != "POST":
        return show_settings(request, visitor, "key_delete.html", key=row)
    delete_api_key(actor=visitor.actor, key=row)
    messages.success(request, _("Deleted."))
    return redirect("workspace-keys", visitor.workspace.slug)


def show_secret(request: HttpRequest, visitor: Visitor, key: ApiKey, secret: str) -> HttpResponse:
    """The answer itself: a session or a message would keep it."""
    answer = show_settings(request, visitor, "key_secret.html", key=key, secret=secret)
    answer["Cache-Control"] = "no-store"
    return answer
