"""Messages while a form is filled in: what the API would say, of the fields that were left."""

import re
from html import unescape

import pytest
from django.urls import reverse

from connections.models import AuditEvent, Connection, Credential, IdempotencyRecord
from tests.factories import (
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_oauth_client,
    make_workspace,
)
from tests.live_service import BAD, KeyService, allow_loopback, body
from tests.web.browser import PageForm, member_of, send
from tests.web.test_connecting import MANY, TOKEN, ZENDESK, form_url, many_url

pytestmark = pytest.mark.django_db
EVERY_FIELD = ["label", "config.subdomain", "credentials.email", "credentials.api_token"]


def messages(answer):
    """`{name of the field: its messages}` of the places that were sent back."""
    assert answer.status_code == 200
    text = answer.content.decode()
    places = re.findall(r'<div id="id_([\w.]+)_error" hx-swap-oob="innerHTML">(.*)</div>', text)
    return {
        name: [unescape(one) for one in re.findall(r"<div>(.*?)</div>", found)]
        for name, found in places
    }


def check(client, url, typed, visited):
    return client.post(f"{url}/check", {**typed, "visited": visited})


def through_api(workspace, typed):
    """What the API says to the same input, as a form shows it: message and hint."""
    sections = {"credentials": {}, "config": {}}
    for name, value in typed.items():
        target, _, key = name.partition(".")
        if key:
            sections[target][key] = value
    sent = {"integration": "zendesk", "integration_type": "connectors", **sections}
    sent |= {"label": typed["label"], "auth_method_id": "api_token"}
    answer = api_client(make_key(workspace)).post_json("/connections", sent)
    rows = answer.json()["detail"]["fields"] if answer.status_code == 400 else []
    found = {}
    for row in rows:
        text = f"{row['message']}. {row['hint']}" if row["hint"] else row["message"]
        found.setdefault(row["field"], []).append(text)
    return found


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({}, id="all-well"),
        pytest.param(dict.fromkeys(ZENDESK, ""), id="nothing"),
        pytest.param({"label": "x" * 256}, id="long-label"),
        pytest.param({"label": " padded"}, id="padded-label"),
        pytest.param({"config.subdomain": "evil.com/"}, id="no-subdomain"),
        pytest.param({"config.subdomain": "a.b"}, id="two-labels"),
        pytest.param({"config.subdomain": "https://acme.zendesk.com"}, id="whole-address"),
        pytest.param({"config.subdomain": "acme.zendesk.com"}, id="suffix-pasted"),
        pytest.param({"credentials.email": "a@b"}, id="no-address"),
        pytest.param({"credentials.email": "a@exämple.com"}, id="other-script"),
        pytest.param({"credentials.api_token": "short"}, id="short"),
        pytest.param({"credentials.api_token": f"{TOKEN} "}, id="space-at-the-end"),
        pytest.param({"credentials.api_token": f"{TOKEN}\n"}, id="line-break"),
        pytest.param({"credentials.api_token": "*" * 40}, id="mask"),
        pytest.param({"credentials.api_token": "\u200b"}, id="invisible"),
        pytest.param({"credentials.api_token": "x" * 100_000}, id="endless"),
        pytest.param({"credentials.api_token": "<b>&amp;" + "a" * 32}, id="markup"),
        pytest.param({"credentials.email": "", "config.subdomain": "-"}, id="two-at-once"),
    ],
)
def test_messages_are_those_of_the_api(changed):
    load_builtin("zendesk")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = {**ZENDESK, **changed}
    said = messages(check(client, form_url(workspace), typed, EVERY_FIELD))
    assert list(said) == EVERY_FIELD
    assert {name: found for name, found in said.items() if found} == through_api(workspace, typed)


def test_only_fields_that_were_left_say_something():
    load_builtin("zendesk")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    answer = check(client, form_url(workspace), {}, ["credentials.email"])
    assert messages(answer) == {"credentials.email": ["Field 'Email' is required"]}
    assert messages(check(client, form_url(workspace), {}, [])) == {}
    names = ["revision", "csrfmiddlewaretoken", "credentials.zzz", "__all__", "<script>"]
    assert messages(check(client, form_url(workspace), {}, names)) == {}


def test_message_that_depends_on_another_field_goes_when_that_is_mended():
    make_integration(MANY)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = {"credentials.api_key": "k", "config.mode": "plain", "config.width": "7"}
    said = messages(check(client, many_url(workspace), typed, ["config.width"]))
    message = "Field 'Width' is not applicable here. Leave it out, or change 'Mode'."
    assert said == {"config.width": [message]}
    typed["config.mode"] = "wide"
    said = messages(check(client, many_url(workspace), typed, ["config.width"]))
    assert said == {"config.width": []}


def test_check_asks_nobody_stores_nothing_and_shows_no_secret(httpserver, settings):
    allow_loopback(settings)
    service = KeyService(httpserver)
    body(service.address)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    url = form_url(workspace, "local-api", "api_key")
    typed = {"credentials.api_key": BAD, "config.base_url": service.address}
    before = dict(client.session)
    answer = check(client, url, typed, list(typed))
    assert messages(answer) == {"credentials.api_key": [], "config.base_url": []}
    assert BAD not in answer.content.decode()
    assert service.keys == []
    for model in (Connection, Credential, AuditEvent, IdempotencyRecord):
        assert not model.objects.exists()
    assert dict(client.session) == before
    # The same form, when it is sent, does ask.
    client.post(url, typed)
    assert service.keys == [BAD]


def test_edit_is_checked_with_what_is_stored():
    load_builtin("zendesk")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    url = send(client, form_url(workspace), ZENDESK)["Location"]
    sent = PageForm(client.get(f"{url}/edit")).sent
    # A blank secret keeps the stored one: nothing is wrong with it.
    said = messages(check(client, url, sent, EVERY_FIELD))
    assert said == dict.fromkeys(EVERY_FIELD, [])
    said = messages(check(client, url, {**sent, "config.subdomain": "evil"}, EVERY_FIELD))
    assert said["config.subdomain"][0].startswith("Field 'Subdomain' decides where the secret")
    assert Connection.objects.get().config == {"subdomain": "acme"}


def test_form_before_a_consent_is_checked_too():
    load_builtin("zendesk")
    workspace = make_workspace()
    make_oauth_client(workspace, "zendesk")
    client, _user = member_of(workspace)
    url = f"{form_url(workspace, 'zendesk', 'oauth2')}/consent"
    said = messages(check(client, url, {"config.subdomain": "a.b"}, ["config.subdomain"]))
    assert said == {"config.subdomain": ["Field 'Subdomain' must be a valid subdomain"]}
    assert f'hx-post="{url}/check"' in client.get(url).content.decode()


def test_form_tells_a_script_where_to_ask_and_has_a_place_for_each_message():
    load_builtin("zendesk")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    url = form_url(workspace)
    page = client.get(url)
    assert f'hx-post="{url}/check"' in page.content.decode()
    form = PageForm(page)
    for name in EVERY_FIELD:
        assert f"id_{name}_error" in form.ids
        # An empty place describes nothing: the script points there once it says something.
        assert f"id_{name}_error" not in form.described


@pytest.mark.parametrize("name", ["check-connect", "check-edit"])
def test_looking_checks_nothing(name):
    load_builtin("zendesk")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    rest = ["zendesk", "api_token"] if name == "check-connect" else ["conn_x"]
    assert client.get(reverse(name, args=[workspace.slug, *rest])).status_code == 405
