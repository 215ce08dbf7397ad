import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from connections.models import AuditEvent, Connection, Credential
from integrations.models import FieldSpec, Integration
from integrations.services import mark_changed
from tests.factories import KEY_AND_EMAIL, load_builtin, make_integration, make_workspace
from tests.web.browser import PageForm, errors_of, member_of, send

pytestmark = pytest.mark.django_db

TOKEN = "a" * 40
ZENDESK = {
    "label": "Support",
    "config.subdomain": "acme",
    "credentials.email": "agent@example.com",
    "credentials.api_token": TOKEN,
}

MANY = """
slug: many
name: Many
type: api
auth_methods:
  - id: custom
    name: Custom
    kind: custom
    default: true
    fields:
      - {key: api_key, type: password, label: API Key}
      - {key: note, type: text, label: Note, required: false}
      - {key: key_file, type: pem, label: Key file, required: false}
      - {key: document, type: json, label: Document, required: false}
      - key: mode
        target: config
        type: select
        label: Mode
        group: Kind
        default: plain
        options: [{value: plain, label: Plain text}, {value: wide, label: Wide text}]
      - key: width
        target: config
        type: integer
        label: Width
        group: Kind
        default: 80
        visible_if: {field: mode, equals: wide}
        required_if: {field: mode, equals: wide}
      - {key: labels, target: config, type: list, label: Labels, required: false, advanced: true}
      - key: parts
        target: config
        type: multiselect
        label: Parts
        required: false
        options: [{value: head, label: Head}, {value: body, label: Body}]
    rules: {}
    request: {base_url: 'https://api.example.com', headers: {X-Key: '{api_key}'}}
"""


def form_url(workspace, integration="zendesk", method="api_token"):
    return f"/w/{workspace.slug}/integrations/{integration}/{method}"


def many_url(workspace):
    return form_url(workspace, "many", "custom")


def test_member_connects_with_a_form():
    load_builtin("zendesk")
    workspace = make_workspace()
    client, user = member_of(workspace)
    answer = send(client, form_url(workspace), ZENDESK)
    row = Connection.objects.get()
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/w/{workspace.slug}/connections/{row.public_id}",
    )
    assert (row.workspace, row.owner, row.created_by) == (workspace, user, f"user_{user.pk}")
    assert (row.label, row.status, row.user_id) == ("Support", "active", "")
    assert row.config == {"subdomain": "acme"}
    values = {"email": "agent@example.com", "api_token": TOKEN}
    assert row.credential.get_values() == values
    assert AuditEvent.objects.get(subject=row.public_id).action == "connection.created"


def test_blank_label_becomes_the_name_of_the_integration():
    load_builtin("zendesk")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    send(client, form_url(workspace), {**ZENDESK, "label": ""})
    assert Connection.objects.get().label == "Zendesk"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param(
            {},
            {
                "config.subdomain": ["Field 'Subdomain' is required"],
                "credentials.email": ["Field 'Email' is required"],
                "credentials.api_token": ["Field 'API token' is required"],
            },
            id="nothing",
        ),
        pytest.param(
            {
                **ZENDESK,
                "label": "x" * 256,
                "config.subdomain": "evil.com/",
                "credentials.email": "a@b",
                "credentials.api_token": "short",
            },
            {
                "label": ["Field 'label' must be at most 255 characters"],
                "config.subdomain": ["Field 'Subdomain' must be a valid subdomain"],
                "credentials.email": ["Field 'Email' must be a valid email address"],
                "credentials.api_token": ["Field 'API token' must be 40 letters and digits"],
            },
            id="everything-wrong",
        ),
        pytest.param(
            {**ZENDESK, "credentials.api_token": f"{TOKEN}\n"},
            {
                "credentials.api_token": [
                    "Field 'API token' must not start or end with a space or line break. "
                    "Remove what was copied along with the value."
                ]
            },
            id="pasted-with-a-line-break",
        ),
        pytest.param(
            {**ZENDESK, "credentials.api_token": "\u200b"},
            {"credentials.api_token": ["Field 'API token' is required"]},
            id="only-zero-width",
        ),
        pytest.param(
            {**ZENDESK, "credentials.zzz": "1"},
            {"__all__": ["Unknown field 'zzz'"]},
            id="unknown-credential",
        ),
        pytest.param(
            {**ZENDESK, "config.subdomian": ""},
            {"__all__": ["Unknown field 'subdomian'. Did you mean 'subdomain'?"]},
            id="unknown-config-with-a-hint",
        ),
    ],
)
def test_every_message_stands_at_its_field(typed, expected):
    load_builtin("zendesk")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    answer = send(client, form_url(workspace), typed)
    assert answer.status_code == 200
    assert errors_of(answer) == expected
    assert not Connection.objects.exists()
    assert not Credential.objects.exists()


def test_refused_form_links_each_message_to_its_input_and_keeps_what_is_no_secret():
    load_builtin("zendesk")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = {**ZENDESK, "config.subdomain": "a.b", "credentials.api_token": "short"}
    answer = send(client, form_url(workspace), typed)
    form, text = PageForm(answer), answer.content.decode()
    assert form.sent["config.subdomain"] == ["a.b"]
    assert form.sent["credentials.email"] == ["agent@example.com"]
    assert form.sent["credentials.api_token"] == [""]
    assert 'href="#id_credentials.api_token"' in text
    assert 'role="alert"' in text
    assert text.count('aria-invalid="true"') == 2
    assert "id_config.subdomain_error" in form.described


@pytest.mark.parametrize("slug", ["zendesk", "s3", "postgres", "gmail", "gcs", "many"])
@pytest.mark.parametrize("is_sent", [False, True], ids=["empty", "refused"])
def test_labels_and_descriptions_point_at_inputs_that_exist(slug, is_sent):
    load_builtin("zendesk", "s3", "postgres", "gmail", "gcs")
    make_integration(MANY)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    for method in Integration.objects.get(slug=slug).auth_methods.all():
        url = form_url(workspace, slug, method.slug)
        form = PageForm(client.post(url) if is_sent else client.get(url))
        assert len(form.ids) == len(set(form.ids))
        assert set(form.labels) <= set(form.ids)
        assert set(form.described) <= set(form.ids)
        assert all(" " not in one for one in form.ids)


def test_help_placeholder_prefix_options_groups_and_advanced_fields_are_drawn():
    load_builtin("zendesk", "s3")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    zendesk = client.get(form_url(workspace)).content.decode()
    assert '<span class="input-group-text text-break" aria-hidden="true">.zendesk.com</span>' in (
        zendesk
    )
    assert "The first part of the address where you sign in." in zendesk
    s3 = client.get(form_url(workspace, "s3", "access_key")).content.decode()
    assert 'placeholder="AKIA…"' in s3
    assert '<option value="temporary">Temporary, from a role</option>' in s3
    assert '<legend class="h6 border-bottom pb-1 mb-3">Bucket</legend>' in s3
    assert '<details class="mb-3" data-group>' in s3


def test_advanced_fields_are_unfolded_where_one_was_refused():
    load_builtin("s3")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    answer = send(client, form_url(workspace, "s3", "access_key"), {"config.folder": "/reports"})
    assert "config.folder" in errors_of(answer)
    assert '<details class="mb-3" data-group open>' in answer.content.decode()


# Conditions, without scripts


def test_condition_is_said_in_words_and_given_to_the_script():
    make_integration(MANY)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    text = client.get(many_url(workspace)).content.decode()
    assert "Only if Mode is Wide text." in text
    assert 'data-shown-by="config.mode"' in text
    assert 'data-shown-for="[&quot;wide&quot;]"' in text
    assert 'data-shown-default="plain"' in text


def test_field_that_is_required_whenever_it_is_shown_is_marked_and_not_explained_twice():
    load_builtin("s3")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    text = client.get(form_url(workspace, "s3", "access_key")).content.decode()
    after = text[text.index("Session Token</span>") :]
    assert after.index("(required)") < after.index("</label>")
    assert "Only if Kind of key is Temporary, from a role." in text
    assert "Required if" not in text


@pytest.mark.parametrize(
    ("typed", "config"),
    [
        pytest.param({}, {"mode": "plain"}, id="default-of-a-closed-field-is-no-answer"),
        pytest.param({"config.width": ""}, {"mode": "plain"}, id="closed-and-blank"),
        pytest.param({"config.mode": "wide"}, {"mode": "wide", "width": 80}, id="open-default"),
        pytest.param(
            {"config.mode": "wide", "config.width": "7"}, {"mode": "wide", "width": 7}, id="open"
        ),
        pytest.param({"config.width": "7"}, None, id="closed-and-typed"),
    ],
)
def test_conditional_field_works_without_scripts(typed, config):
    make_integration(MANY)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    answer = send(client, many_url(workspace), {"credentials.api_key": "k", **typed})
    if config is None:
        message = "Field 'Width' is not applicable here. Leave it out, or change 'Mode'."
        assert errors_of(answer) == {"config.width": [message]}
    else:
        assert Connection.objects.get().config == config


def test_closing_a_condition_on_edit_drops_the_untouched_value_behind_it():
    make_integration(MANY)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = {"credentials.api_key": "k", "config.mode": "wide", "config.width": "7"}
    url = send(client, many_url(workspace), typed)["Location"]
    send(client, f"{url}/edit", {"config.mode": "plain"})
    assert Connection.objects.get().config == {"mode": "plain"}


# Typed values


@pytest.mark.parametrize(
    ("typed", "config"),
    [
        pytest.param(
            {"config.labels": "one\r\n two \r\n\r\n"}, {"labels": ["one", "two"]}, id="list"
        ),
        pytest.param({"config.parts": ["body"]}, {"parts": ["body"]}, id="one-box"),
        pytest.param({"config.parts": ["head", "body"]}, {"parts": ["head", "body"]}, id="boxes"),
        pytest.param({}, {}, id="nothing"),
    ],
)
def test_form_turns_what_was_typed_into_typed_values(typed, config):
    make_integration(MANY)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    url = send(client, many_url(workspace), {"credentials.api_key": "k", **typed})["Location"]
    assert Connection.objects.get().config == {"mode": "plain", **config}
    # Saving the form as it is drawn changes nothing.
    assert send(client, f"{url}/edit")["Location"] == url
    assert Connection.objects.get().config == {"mode": "plain", **config}


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("[1]", id="list"),
        pytest.param("{", id="broken"),
        pytest.param('{"a": 1, "a": 2}', id="twice"),
        pytest.param('{"a": NaN}', id="nan"),
        pytest.param('{"a": 1e999}', id="infinite"),
        pytest.param('{"a": %s}' % ("9" * 400), id="huge-number"),
        pytest.param('{"a": %s}' % ("9" * 5000), id="digits-without-end"),
        pytest.param('{"a": "\\u0000"}', id="nul"),
        pytest.param('{"a\\u0000": 1}', id="nul-in-a-name"),
        pytest.param('{"a": "\\ud800"}', id="half-a-pair"),
        pytest.param('{"a": %s}' % ("[" * 40 + "]" * 40), id="deep"),
        pytest.param('{"a": %s}' % ("[" * 9000 + "]" * 9000), id="very-deep"),
    ],
)
def test_json_that_no_program_could_send_is_refused(typed):
    make_integration(MANY)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    sent = {"credentials.api_key": "k", "credentials.document": typed}
    answer = send(client, many_url(workspace), sent)
    assert errors_of(answer) == {"credentials.document": ["Field 'Document' must be a JSON object"]}


def test_json_that_a_program_could_send_is_accepted():
    make_integration(MANY)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    document = {"a": [1, 2.5, None, True, "𝔸 \\u0000"], "b": {"c": {}}}
    sent = {"credentials.api_key": "k", "credentials.document": json.dumps(document)}
    send(client, many_url(workspace), sent)
    assert Connection.objects.get().credential.get_values()["document"] == document


# Files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "The file for 'Key file' is empty", id="empty"),
        pytest.param(b"MZ\x90\0\xff", "Field 'Key file' must be a PEM private key", id="program"),
        pytest.param(
            b"x" * 11_000_000, "Field 'Key file' must be at most 65536 characters", id="huge"
        ),
    ],
)
def test_wrong_file_is_refused_at_its_field(content, message):
    make_integration(MANY)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    name = "../../" + "x" * 300 + ".pem"
    typed = {
        "credentials.api_key": "k",
        "file.credentials.key_file": SimpleUploadedFile(name, content),
    }
    answer = send(client, many_url(workspace), typed)
    [found] = errors_of(answer)["credentials.key_file"]
    assert found.startswith(message)
    assert list(errors_of(answer)) == ["credentials.key_file"]


def test_chosen_file_stands_for_what_would_be_typed():
    make_integration(MANY)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    chosen = SimpleUploadedFile("document.json", b'\xef\xbb\xbf{"a": 1}')
    typed = {"credentials.api_key": "k", "file.credentials.document": chosen}
    send(client, many_url(workspace), typed)
    assert Connection.objects.get().credential.get_values()["document"] == {"a": 1}


@pytest.mark.parametrize("name", ["file.label", "file.credentials.api_key", "file.credentials.zzz"])
def test_file_that_was_not_asked_for_is_not_read(name):
    make_integration(MANY)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = {"credentials.api_key": "k", "label": "Mine", name: SimpleUploadedFile("x", b"other")}
    send(client, many_url(workspace), typed)
    row = Connection.objects.get()
    assert (row.label, row.credential.get_values()) == ("Mine", {"api_key": "k"})


# The definition changed while somebody filled in the form


def test_form_that_changed_meanwhile_is_shown_again_with_what_was_typed():
    make_integration(KEY_AND_EMAIL)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    url = form_url(workspace, "key-and-email", "api_key")
    sent = PageForm(client.get(url)).sent
    row = Integration.objects.get()
    FieldSpec.objects.create(
        auth_method=row.auth_methods.get(), key="region", label="Region", target="config"
    )
    mark_changed(row.pk)
    typed = {**sent, "credentials.api_key": "top-secret", "credentials.email": "a@example.com"}
    answer = client.post(url, typed)
    form, text = PageForm(answer), answer.content.decode()
    assert "What this integration asks for has changed" in text
    assert "top-secret" not in text
    assert form.sent["credentials.email"] == ["a@example.com"]
    assert form.sent["config.region"] == [""]
    assert not Connection.objects.exists()
    retyped = {**form.sent, "credentials.api_key": "top-secret", "config.region": "eu"}
    assert client.post(url, retyped).status_code == 302


def test_forms_cost_the_same_however_many_fields_they_have(django_assert_max_num_queries):
    load_builtin("zendesk", "postgres")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    client.get(form_url(workspace, "postgres", "password"))
    with django_assert_max_num_queries(5):
        client.get(form_url(workspace, "postgres", "password"))
    url = send(client, form_url(workspace), ZENDESK)["Location"]
    with django_assert_max_num_queries(6):
        client.get(f"{url}/edit")


@pytest.mark.parametrize(
    "path",
    [
        "integrations/unheard-of",
        "integrations/unheard-of/api_token",
        "integrations/zendesk/unheard-of",
        "integrations/zendesk/api_token/",
        "integrations/%00",
        "integrations/zendesk/%00",
        "integrations/" + "x" * 5000,
        "connections/%00",
        "connections/conn_" + "f" * 32,
        "connections/-1",
    ],
)
def test_unknown_page_is_not_found(path):
    load_builtin("zendesk")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    assert client.get(f"/w/{workspace.slug}/{path}").status_code == 404


def test_body_above_the_limit_is_refused_and_nothing_is_stored():
    load_builtin("zendesk")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    data = "label=" + "x" * 1024 * 1024
    kind = "application/x-www-form-urlencoded"
    answer = client.post(form_url(workspace), data, content_type=kind)
    assert answer.status_code == 400
    assert not Connection.objects.exists()
