"""Asking somebody else for a secret, from the form that needs it; and how far that is."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.links.asking import can_be_asked, draft_for
from connections.models import SecretRequest
from connections.services.secret_requests import ask_for_secret, withdraw_request
from connections.web.connecting import FormPage
from connections.web.links.guests import Guest, by_link, only_while_open
from connections.web.links.pages import LinkFormPage, chosen, count_try
from connections.web.links.results import on, show_link
from connections.web.pages import page_of, show
from connections.web.rows import field_name
from connections.web.visitors import Visitor, members_only
from integrations.catalogue import current_catalogue

Asked = tuple[SecretRequest, str]


def asked_on(page: FormPage, **columns: Any) -> Asked | None:
    """The request and its token; None where the rest of the form is not right yet."""
    page.form = page.form_class(page.request.POST, page.request.FILES, initial=page.seen)
    path = page.request.POST.get("ask", "")
    if not can_be_asked(page.form, path):
        raise Http404
    draft, problems = draft_for(page.form, path)
    if problems:
        page.form.errors.clear()
        for place, found in problems.items():
            page.form._show(place, found)
        return None
    return ask_for_secret(
        actor=page.visitor.actor,
        method_pk=page.method.pk,
        field_path=path,
        draft=draft,
        changes=page.connection.public_id if page.connection else "",
        **columns,
    )


def described(row: SecretRequest) -> dict[str, Any]:
    """What the asker is shown: whom they asked for what, and how far it is."""
    integration = current_catalogue().by_pk(row.auth_method.integration_id)
    method = integration.method_by_pk(row.auth_method_id)
    status = row.status_at(timezone.now())
    return {
        "asked": row,
        "state": status,
        "state_label": SecretRequest.Status(status).label,
        "integration": integration,
        "field_label": field_name(method, row.field_path),
    }


def ask_link(token: str) -> str:
    """By the configuration, whatever `Host` says."""
    return settings.PUBLIC_URL + reverse("answer", args=[token])


# Members


@require_POST
@members_only(writing=True)
def ask(request: HttpRequest, visitor: Visitor, integration: str, method: str) -> HttpResponse:
    definition = visitor.integration(integration)
    found = definition.method(method)
    if found is None:
        raise Http404
    return _answered(FormPage(request, visitor, definition, found))


@require_POST
@members_only(writing=True)
def ask_change(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    row = visitor.connection(connection)
    definition = visitor.integration_of(row)
    method = definition.method_by_pk(row.auth_method_id)
    return _answered(FormPage(request, visitor, definition, method, row))


def _answered(page: FormPage) -> HttpResponse:
    asked = asked_on(page)
    if asked is None:
        return page.show()
    row, token = asked
    context = {**described(row), "link": ask_link(token)}
    return show(page.request, page.visitor, "links/asked.html", **context)


def _own(visitor: Visitor) -> Any:
    rows = SecretRequest.objects.within(visitor.workspace.id).filter(owner=visitor.actor.user)
    return rows.select_related("auth_method", "session").order_by("-id")


@require_safe
@members_only()
def asked_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    page = page_of(request, _own(visitor))
    rows = [described(row) for row in page]
    return show(request, visitor, "links/asked_list.html", page=page, rows=rows)


def _one(visitor: Visitor, name: str) -> SecretRequest:
    row: SecretRequest | None = _own(visitor).named(visitor.workspace.id, name)
    if row is None:
        raise Http404
    row.workspace = visitor.workspace
    return row


@require_safe
@members_only()
def asked(request: HttpRequest, visitor: Visitor, name: str) -> HttpResponse:
    return show(request, visitor, "links/asked.html", **described(_one(visitor, name)))


@require_POST
@members_only(writing=True)
def withdraw(request: HttpRequest, visitor: Visitor, name: str) -> HttpResponse:
    withdraw_request(actor=visitor.actor, row=_one(visitor, name))
    return redirect("asked", visitor.workspace.slug, name)


# Whoever holds the link of a connect session


def asked_in(guest: Guest) -> SecretRequest | None:
    rows = SecretRequest.objects.within(guest.workspace.id).filter(session=guest.session)
    row: SecretRequest | None = rows.select_related("auth_method").order_by("-id").first()
    if row is not None:
        row.workspace, row.session = guest.workspace, guest.session
    return row


@require_POST
@by_link
def ask_by_link(request: HttpRequest, guest: Guest, integration: str, method: str) -> HttpResponse:
    only_while_open(guest)
    definition, found, connection = chosen(guest, integration, method)
    count_try(guest)
    page = LinkFormPage(request, guest, definition, found, connection)
    asked = asked_on(page, session=guest.session)
    if asked is None:
        return page.show()
    row, token = asked
    context = {**described(row), "link": ask_link(token)}
    return show_link(request, guest, "links/asked_by_link.html", **context)


@require_safe
@by_link
def asked_by_link(request: HttpRequest, guest: Guest) -> HttpResponse:
    row = asked_in(guest)
    if row is None:
        return on("link", guest)
    if row.status == SecretRequest.Status.DONE:
        return redirect("link-done", guest.token)
    only_while_open(guest)
    return show_link(request, guest, "links/asked_by_link.html", **described(row))


@require_POST
@by_link
def withdraw_by_link(request: HttpRequest, guest: Guest) -> HttpResponse:
    row = asked_in(guest)
    if row is not None:
        withdraw_request(actor=guest.actor, row=row)
    return redirect("link-asked", guest.token)
