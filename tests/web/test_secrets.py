"""What was typed into a secret field, of whatever type, comes back in no page and no message."""

import json
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connections.models import Connection
from integrations.field_types import FIELD_TYPES, build_field
from integrations.specs import Spec
from tests.factories import make_integration, make_workspace
from tests.web.browser import PageForm, member_of, send

pytestmark = pytest.mark.django_db

OPTIONS = "[{value: canary4711, label: One}, {value: other, label: Two}]"
CHOICES = {"select", "multiselect", "boolean"}


@cache
def private_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def valid_values() -> dict[str, str]:
    """What a person types for each type, to be accepted."""
    account = {
        "type": "service_account",
        "client_email": "canary4711@example.com",
        "private_key": private_key(),
    }
    return {
        "string": "canary4711",
        "text": "canary4711\nmore",
        "password": "canary4711",
        "email": "canary4711@example.com",
        "url": "https://canary4711.example.com/",
        "hostname": "canary4711.example.com",
        "subdomain": "canary4711",
        "ip": "203.0.113.177",
        "port": "47113",
        "uuid": "c0ffee00-4711-4711-4711-c0ffee004711",
        "integer": "47114711",
        "number": "4711.4711",
        "boolean": "true",
        "select": "canary4711",
        "multiselect": "canary4711",
        "date": "2031-07-14",
        "datetime": "2031-07-14T11:22:33Z",
        "duration": "PT4711S",
        "phone": "+49471147114711",
        "scopes": "canary4711 other",
        "json": '{"canary4711": 1}',
        "service_account": json.dumps(account),
        "pem": private_key(),
        "jwt": "eyJhbGciOiJIUzI1NiJ9.canary4711.c2ln",
        "connection_string": "postgres://canary4711@example.com/x",
        "headers": "X-Canary: canary4711",
        "key_values": "canary4711: canary4711",
        "list": "canary4711\nother",
    }


def markers(name: str, typed: str) -> list[str]:
    """Parts of the value that must not be found; what a list of choices offers is no secret."""
    if name in CHOICES:
        return []
    if name in ("pem", "service_account"):
        return [private_key().splitlines()[1]]
    return [line for line in typed.splitlines() if line not in ("more", "other")]


def secret_integration(name: str) -> None:
    options = f", options: {OPTIONS}" if "select" in name else ""
    field = f"{{key: hidden, type: {name}, label: Hidden, secure: true, required: false{options}}}"
    make_integration(
        f"""
slug: hidden
name: Hidden
type: api
auth_methods:
  - id: custom
    name: Custom
    kind: custom
    default: true
    fields:
      - {field}
      - {{key: open, label: Open, secure: false}}
    rules: {{}}
    request: {{base_url: 'https://api.example.com'}}
"""
    )


def assert_hides(response, name: str, typed: str) -> None:
    text = response.content.decode()
    found = [marker for marker in markers(name, typed) if marker in text]
    assert found == []
    assert PageForm(response).sent.get("credentials.hidden", [""]) == [""]


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_secret_of_any_type_is_not_shown_again_with_an_error(name):
    secret_integration(name)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = valid_values()[name]
    url = f"/w/{workspace.slug}/integrations/hidden/custom"
    answer = send(client, url, {"credentials.hidden": typed, "label": "x" * 256})
    assert "label" in answer.context["form"].errors
    assert_hides(answer, name, typed)


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_refused_secret_of_any_type_is_not_shown_again(name):
    secret_integration(name)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = "c4nary \x07 4711"
    url = f"/w/{workspace.slug}/integrations/hidden/custom"
    answer = send(client, url, {"credentials.hidden": typed, "credentials.open": "x"})
    assert "credentials.hidden" in answer.context["form"].errors
    assert "c4nary" not in answer.content.decode()


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_secret_of_any_type_is_not_shown_again_when_the_form_went_stale(name):
    secret_integration(name)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = valid_values()[name]
    url = f"/w/{workspace.slug}/integrations/hidden/custom"
    sent = {"credentials.hidden": typed, "credentials.open": "visible-4711", "revision": "0"}
    answer = send(client, url, sent)
    assert "visible-4711" in answer.content.decode()
    assert_hides(answer, name, typed)
    # Not even handed to the template.
    assert "credentials.hidden" not in answer.context["form"].initial


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_stored_secret_of_any_type_is_on_no_page(name):
    secret_integration(name)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = valid_values()[name]
    form = f"/w/{workspace.slug}/integrations/hidden/custom"
    answer = send(client, form, {"credentials.hidden": typed, "credentials.open": "visible-4711"})
    url = answer["Location"]
    row = Connection.objects.get()
    assert row.secrets_set == ["hidden"]
    for path in (url, f"{url}/edit", f"{url}/delete", f"/w/{workspace.slug}/connections"):
        assert_hides(client.get(path), name, typed)
    assert_hides(send(client, f"{url}/edit", {"label": "x" * 256}), name, typed)
    left = f"{dict(client.session)} {client.cookies}"
    assert [marker for marker in markers(name, typed) if marker in left] == []
    # Saved as it is drawn, the blank secret keeps what is stored.
    before = row.credential.get_values()
    assert send(client, f"{url}/edit", {"label": "Renamed"})["Location"] == url
    row = Connection.objects.get()
    assert (row.label, row.credential.get_values()) == ("Renamed", before)


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_widget_of_a_secret_draws_nothing_and_keeps_browsers_out(name):
    spec = Spec(key="hidden", type=name, options=(("canary4711", "One"), ("other", "Two")))
    field = build_field(spec).form_field()
    value = ["canary4711"] if name == "multiselect" else "canary4711"
    drawn = field.widget.render("hidden", value)
    assert 'autocomplete="off"' in drawn
    assert "checked" not in drawn
    assert 'value="canary4711" selected' not in drawn
    if name not in CHOICES:
        assert "canary4711" not in drawn


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_widget_of_what_is_no_secret_shows_it(name):
    spec = Spec(
        key="shown", type=name, secure=False, options=(("canary4711", "One"), ("other", "Two"))
    )
    field = build_field(spec).form_field()
    value = {"multiselect": ["canary4711"], "boolean": "true"}.get(name, "canary4711")
    drawn = field.widget.render("shown", value)
    chosen = {"select": "selected", "boolean": "selected", "multiselect": "checked"}
    assert chosen.get(name, "canary4711") in drawn


def test_ticked_box_removes_an_optional_secret_and_nothing_else():
    secret_integration("password")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = {"credentials.hidden": "canary4711", "credentials.open": "visible"}
    url = send(client, f"/w/{workspace.slug}/integrations/hidden/custom", typed)["Location"]
    send(client, f"{url}/edit", {"clear.credentials.hidden": "on"})
    row = Connection.objects.get()
    assert (row.credential.get_values(), row.secrets_set) == ({"open": "visible"}, [])
    assert "clear.credentials" not in client.get(f"{url}/edit").content.decode()


def test_secret_is_replaced_by_what_is_typed():
    secret_integration("password")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = {"credentials.hidden": "canary4711", "credentials.open": "visible"}
    url = send(client, f"/w/{workspace.slug}/integrations/hidden/custom", typed)["Location"]
    send(client, f"{url}/edit", {"credentials.hidden": "another"})
    values = Connection.objects.get().credential.get_values()
    assert values == {"hidden": "another", "open": "visible"}
