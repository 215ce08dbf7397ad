"""The admin as staff see it: signed in, reading forms as they are drawn, sending what they hold."""

import itertools
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from connections.models import Connection
from tests.web.browser import PageForm, signed_in

CONNECTIONS = "/admin/connections/connection/"
METHODS = "/admin/integrations/authmethod/"
INTEGRATIONS = "/admin/integrations/integration/"

_numbers = itertools.count(1)

# Three ways in, and a field that tells where the secret goes.
THREE_WAYS = """
slug: three-ways
name: Three ways
type: api
auth_methods:
  - id: api_key
    name: API key
    kind: api_key
    default: true
    fields:
      - {key: api_key, type: password, label: API Key, min_length: 10}
      - {key: email, type: email, label: Email, secure: false, required: false}
      - {key: region, target: config, label: Region, required: false}
      - {key: passphrase, type: password, label: Passphrase, required: false}
    request: {base_url: 'https://api.example.com', headers: {X-Key: '{api_key}'}}
  - id: basic
    name: User name and password
    kind: basic
    fields:
      - {key: host, target: config, type: hostname, label: Host}
    request: {base_url: 'https://{host}'}
  - id: key_pair
    name: Key pair
    kind: custom
    fields:
      - {key: private_key, type: pem, label: Private key}
      - {key: notes_secret, type: text, label: Secret notes, required: false}
    request: {base_url: 'https://api.example.com'}
"""


def staff(*permissions: str) -> tuple[Client, Any]:
    """A signed-in browser of staff, and who it is: everything is theirs, or what is named."""
    # Without a password: hashing one takes longer than most tests.
    user = get_user_model().objects.create_user(
        f"staff-{next(_numbers)}", is_staff=True, is_superuser=not permissions
    )
    for name in permissions:
        app, _dot, codename = name.partition(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return signed_in(user), user


class AdminForm(PageForm):
    def handle_starttag(self, tag: str, attrs: Any) -> None:
        # Labels of values that cannot be changed point at nothing.
        if tag != "label" or "for" in dict(attrs):
            super().handle_starttag(tag, attrs)

    def _handle_input(self, given: dict[str, str]) -> None:
        is_unchosen = given.get("type") == "radio" and "checked" not in given
        if given.get("type") != "submit" and not is_unchosen:
            super()._handle_input(given)


def send(client: Client, url: str, typed: dict[str, Any] | None = None, **more: Any) -> Any:
    """Open the page, type into its form and save it; None takes a box's tick away."""
    form = AdminForm(client.get(url))
    sent = {**form.sent, "_save": "Save", **(typed or {})}
    return client.post(
        url, {name: value for name, value in sent.items() if value is not None}, **more
    )


def errors_of(response: Any) -> dict[str, list[str]]:
    """The messages of the form that was shown again, by field; those of rows under their prefix."""
    context = response.context
    found = {name: list(texts) for name, texts in context["adminform"].form.errors.items()}
    for rows in context.get("inline_admin_formsets") or []:
        for form in rows.formset.forms:
            found |= {form.add_prefix(name): list(texts) for name, texts in form.errors.items()}
        if rows.formset.non_form_errors():
            found[rows.formset.prefix] = list(rows.formset.non_form_errors())
    return found


def codes_of(response: Any) -> set[tuple[str, str]]:
    """`(field, code)` of the form that was shown again."""
    data = response.context["adminform"].form.errors.as_data()
    return {(name, error.code) for name, errors in data.items() for error in errors}


def new_connection_url(workspace: Any, integration: str, method: str) -> str:
    chosen = f"workspace={workspace.slug}&integration={integration}&method={method}"
    return f"{CONNECTIONS}add/?{chosen}"


def page_of(row: Connection, page: str = "change") -> str:
    return f"{CONNECTIONS}{row.pk}/{page}/"


def change_url(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def messages_of(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]
