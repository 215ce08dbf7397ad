"""A connection is made in two steps, by the rules of the API and in its words."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile

from connections.models import AuditEvent, Connection
from integrations.models import AuthMethod, FieldSpec, Integration
from integrations.services import mark_changed
from tests import canary
from tests.admin_site.pages import (
    CONNECTIONS,
    THREE_WAYS,
    AdminForm,
    codes_of,
    errors_of,
    new_connection_url,
    page_of,
    send,
    staff,
)
from tests.factories import (
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_member,
    make_workspace,
)

pytestmark = pytest.mark.django_db

KEY = "canary-4711-key"


@pytest.fixture
def workspace() -> Any:
    make_integration(THREE_WAYS)
    return make_workspace()


def test_step_one_asks_where_and_what(workspace):
    client, _user = staff()
    page = client.get(f"{CONNECTIONS}add/")
    assert set(AdminForm(page).sent) == {"workspace", "integration"}
    assert "errornote" not in page.content.decode()


def test_step_one_asks_for_the_method_where_there_are_several(workspace):
    client, _user = staff()
    page = client.get(f"{CONNECTIONS}add/?workspace={workspace.slug}&integration=three-ways")
    assert AdminForm(page).sent["method"] == ["api_key"]
    assert "errornote" not in page.content.decode()


def test_the_only_method_is_not_asked_for(workspace):
    load_builtin("cohere")
    client, _user = staff()
    answer = client.get(f"{CONNECTIONS}add/?workspace={workspace.slug}&integration=cohere")
    assert answer.status_code == 302
    assert f"workspace={workspace.slug}&integration=cohere&method=" in answer["Location"]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("workspace=nowhere&integration=three-ways", "Select a valid choice"),
        ("workspace=HERE&integration=nothing", "Select a valid choice"),
        ("workspace=HERE&integration=switched-off", "Select a valid choice"),
        ("workspace=HERE&integration=elsewhere", "This workspace cannot connect it."),
        ("workspace=HERE&integration=three-ways&method=no", "Choose one of the methods"),
        ("workspace=HERE&integration=%00", "Select a valid choice"),
        ("workspace=%00&integration=three-ways", "Null characters are not allowed."),
        ("workspace=", "This field is required."),
    ],
)
def test_step_one_refuses_what_does_not_fit(workspace, address, message):
    make_integration(THREE_WAYS.replace("three-ways", "elsewhere"), workspace=make_workspace())
    make_integration(THREE_WAYS.replace("three-ways", "switched-off"))
    Integration.objects.filter(slug="switched-off").update(is_enabled=False)
    client, _user = staff()
    page = client.get(f"{CONNECTIONS}add/?{address.replace('HERE', workspace.slug)}")
    assert page.status_code == 200
    assert message in page.content.decode()


METHODS = {
    "api_key": ({"credentials.api_key": KEY, "config.region": "eu"}, ["api_key"]),
    "basic": (
        {"config.host": "a.example.com", "credentials.username": "u", "credentials.password": KEY},
        ["password"],
    ),
    "key_pair": ({"credentials.private_key": canary.private_key()}, ["private_key"]),
}


@pytest.mark.parametrize("method", METHODS)
def test_connection_is_created_with_the_fields_of_its_method(workspace, method):
    typed, secrets = METHODS[method]
    client, user = staff()
    owner = make_member(workspace).user
    described = {"label": "Mine", "user_id": "u-1", "metadata": "team: sales", "owner": owner.pk}
    answer = send(client, new_connection_url(workspace, "three-ways", method), typed | described)
    assert answer.status_code == 302, errors_of(answer)
    row = Connection.objects.get()
    assert (row.label, row.user_id, row.metadata) == ("Mine", "u-1", {"team": "sales"})
    assert (row.owner, row.workspace, row.auth_method.slug) == (owner, workspace, method)
    assert (row.secrets_set, row.status) == (secrets, "active")
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject) == (
        "connection.created",
        f"user_{user.pk}",
        row.public_id,
    )


def test_oauth_tokens_are_connected_too(workspace):
    load_builtin("gmail")
    client, _user = staff()
    typed = {
        "credentials.access_token": "a" * 40,
        "credentials.refresh_token": "r" * 40,
        "credentials.expires_at": "2020-01-01T00:00:00Z",
    }
    send(client, new_connection_url(workspace, "gmail", "oauth2"), typed)
    row = Connection.objects.get()
    assert (row.label, row.integration.slug, row.status) == ("Gmail", "gmail", "expired")


def test_secret_may_be_chosen_as_a_file(workspace):
    client, _user = staff()
    chosen = SimpleUploadedFile("key.pem", canary.private_key().encode())
    url = new_connection_url(workspace, "three-ways", "key_pair")
    answer = send(client, url, {"file.credentials.private_key": chosen})
    assert answer.status_code == 302, errors_of(answer)
    assert Connection.objects.get().secrets_set == ["private_key"]


REFUSED = {
    "nothing": ("api_key", {}, {}),
    "short": ("api_key", {"api_key": "short"}, {}),
    "wrong email": ("api_key", {"api_key": KEY, "email": "a@b"}, {}),
    "several": ("api_key", {"email": "a@b"}, {"region": " x"}),
    "host": ("basic", {"username": "u", "password": KEY}, {"host": "not a host"}),
    "no pem": ("key_pair", {"private_key": "canary"}, {}),
    "unknown member": ("api_key", {"api_key": KEY, "api_kex": "x"}, {}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusal_has_the_messages_and_codes_of_the_api(workspace, case):
    method, credentials, config = REFUSED[case]
    said = api_client(make_key(workspace)).post_json(
        "/connections",
        {
            "integration": "three-ways",
            "integration_type": "api",
            "auth_method_id": method,
            "credentials": credentials,
            "config": config,
        },
    )
    typed = {f"credentials.{key}": value for key, value in credentials.items()}
    typed |= {f"config.{key}": value for key, value in config.items()}
    client, _user = staff()
    page = send(client, new_connection_url(workspace, "three-ways", method), typed)
    rows = said.json()["detail"]["fields"]
    shown = {"__all__" if row["field"].endswith("kex") else row["field"] for row in rows}
    assert {name for name, _code in codes_of(page)} == shown
    assert {code for _name, code in codes_of(page)} == {row["code"] for row in rows}
    texts = " ".join(sum(errors_of(page).values(), []))
    assert [row["message"] for row in rows if row["message"] not in texts] == []
    assert Connection.objects.count() == 0


def test_stranger_to_the_workspace_cannot_be_the_owner(workspace):
    client, _user = staff()
    stranger = make_member(make_workspace()).user
    typed = {"credentials.api_key": KEY, "owner": stranger.pk}
    page = send(client, new_connection_url(workspace, "three-ways", "api_key"), typed)
    assert list(errors_of(page)) == ["owner"]
    assert Connection.objects.count() == 0


def test_form_is_shown_again_when_the_definition_changed_meanwhile(workspace):
    client, _user = staff()
    url = new_connection_url(workspace, "three-ways", "api_key")
    form = AdminForm(client.get(url))
    method = AuthMethod.objects.get(slug="api_key")
    FieldSpec.objects.create(auth_method=method, key="team", secure=False, required=False)
    mark_changed(method.integration_id)
    page = client.post(url, {**form.sent, "label": "Typed", "credentials.api_key": KEY})
    again = AdminForm(page)
    assert "It was changed while you were filling in the form" in page.content.decode()
    assert (again.sent["label"], again.sent["credentials.api_key"]) == (["Typed"], [""])
    assert "credentials.team" in again.sent
    answer = client.post(url, {**again.sent, "credentials.api_key": KEY})
    assert answer.status_code == 302


def test_step_two_keeps_its_choice_when_the_list_was_filtered(workspace):
    client, _user = staff()
    url = new_connection_url(workspace, "three-ways", "api_key")
    page = client.get(f"{url}&_changelist_filters=status__exact%3Dactive")
    assert "method=api_key" in page.content.decode().split('action="')[-1].split('"')[0]


def test_names_of_the_catalogue_are_escaped(workspace):
    Integration.objects.update(name="<script>alert(1)</script>")
    AuthMethod.objects.update(name="<b>bold</b>")
    mark_changed(Integration.objects.get().pk)
    client, _user = staff()
    page = client.get(new_connection_url(workspace, "three-ways", "api_key")).content.decode()
    assert "<script>alert" not in page
    assert "<b>bold" not in page


def test_change_message_names_fields_and_no_values(workspace):
    client, _user = staff()
    typed = {"credentials.api_key": KEY, "config.region": "eu-canary"}
    send(client, new_connection_url(workspace, "three-ways", "api_key"), typed)
    row = Connection.objects.get()
    send(client, page_of(row), {"config.region": "us-canary"})
    added, changed = LogEntry.objects.order_by("id")
    assert json.loads(added.change_message) == [{"added": {}}]
    assert json.loads(changed.change_message) == [{"changed": {"fields": ["Region"]}}]
    assert "canary" not in client.get(page_of(row, "history")).content.decode()


CONDITIONAL = """
slug: conditional
name: Conditional
type: api
auth_methods:
  - id: custom
    name: Custom
    kind: custom
    default: true
    fields:
      - {key: api_key, type: password, label: API Key}
      - {key: note, label: Note, secure: false, required: false}
      - key: mode
        target: config
        type: select
        label: 'Mode <b>'
        default: plain
        options: [{value: plain, label: Plain text}, {value: wide, label: Wide <i>}]
      - key: width
        target: config
        type: integer
        label: Width
        help_text: In <em>characters</em>.
        visible_if: {field: mode, equals: wide}
    request: {base_url: 'https://api.example.com'}
"""


def test_page_says_what_is_demanded_and_when(workspace):
    make_integration(CONDITIONAL)
    client, _user = staff()
    text = client.get(new_connection_url(workspace, "conditional", "custom")).content.decode()
    demanded = [
        label.split(">")[1].removesuffix(":</label")
        for label in text.split("<label ")[1:]
        if label.startswith('class="required"')
    ]
    assert demanded == ["API Key"]
    assert "In &lt;em&gt;characters&lt;/em&gt;. Only if Mode &lt;b&gt; is Wide &lt;i&gt;." in text


def test_field_that_does_not_apply_is_refused_as_by_the_api(workspace):
    make_integration(CONDITIONAL)
    client, _user = staff()
    url = new_connection_url(workspace, "conditional", "custom")
    page = send(client, url, {"credentials.api_key": KEY, "config.width": "80"})
    assert codes_of(page) == {("config.width", "not_applicable")}
    answer = send(client, url, {"credentials.api_key": KEY})
    assert answer.status_code == 302, errors_of(answer)
    assert Connection.objects.get().config == {"mode": "plain"}
