"""The preview beside the editor: the form of end users, drawn of what is typed and not stored."""

from typing import Any

import pytest
from django.urls import reverse

from connections.models import Connection, Credential
from integrations.models import AuthMethod, FieldSpec, Integration, IntegrationRevision
from tests.admin_site.pages import METHODS, AdminForm, change_url, staff
from tests.admin_site.test_catalogue import new_rows
from tests.factories import api_client, make_key, make_user, make_workspace
from tests.web.browser import PageForm, signed_in

pytestmark = pytest.mark.django_db

REQUEST_OF_ADMIN = ("csrfmiddlewaretoken", "_save")


def preview_url(kind: str, obj: Any = None, name: str = "integration-preview") -> str:
    return reverse(name, args=[kind, obj.pk if obj else 0])


def editor_form(client: Any, url: str) -> dict[str, Any]:
    return AdminForm(client.get(url)).sent


def counted() -> list[int]:
    models = (Integration, AuthMethod, FieldSpec, IntegrationRevision, Connection, Credential)
    return [model.objects.count() for model in models]


def test_stored_definition_is_drawn_as_end_users_get_it(row):
    client, _user = staff()
    answer = client.get(preview_url("integration", row))
    page = answer.content.decode()
    assert 'name="credentials.api_key"' in page
    assert "This is what is stored." in page
    assert "connections/form_body.html" in {template.name for template in answer.templates}


def test_frame_may_only_stand_in_our_own_pages(row):
    client, _user = staff()
    answer = client.get(preview_url("integration", row))
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    editor = client.get(change_url(row))
    assert "frame-src 'self'" in editor["Content-Security-Policy"]
    assert editor["X-Frame-Options"] == "DENY"


def test_unsaved_field_is_previewed_and_not_stored(method):
    client, _user = staff()
    url, before = change_url(method), counted()
    typed = {"key": "team", "label": "Team <b>name</b>", "secure": "false", "suffix": ".acme"}
    sent = {**editor_form(client, url), **new_rows("fields", editor_form(client, url), **typed)}
    page = client.post(preview_url("method", method), sent).content.decode()
    assert 'name="credentials.team"' in page
    assert "Team &lt;b&gt;name&lt;/b&gt;" in page
    assert "nothing of this is stored" in page
    assert counted() == before


def test_unsaved_words_of_an_integration_are_previewed(row):
    client, _user = staff()
    url = change_url(row)
    sent = {**editor_form(client, url), "name": "Renamed", "auth_methods-1-DELETE": "on"}
    page = client.post(preview_url("integration", row), sent).content.decode()
    assert "Connect Renamed" in page
    assert "User name and password" not in page
    assert Integration.objects.get().name == "Three ways"


def test_deleted_field_is_gone_from_the_preview(method):
    client, _user = staff()
    url = change_url(method)
    sent = editor_form(client, url)
    place = next(name for name, value in sent.items() if value == ["email"])
    number = place.split("-")[1]
    page = client.post(preview_url("method", method), {**sent, f"fields-{number}-DELETE": "on"})
    assert 'name="credentials.email"' not in page.content.decode()


def test_method_that_is_being_added_is_previewed(row):
    client, _user = staff()
    form = editor_form(client, f"{METHODS}add/?integration={row.pk}")
    typed = {"slug": "bearer", "name": "Bearer", "kind": "bearer"}
    page = client.post(preview_url("method"), {**form, **typed}).content.decode()
    assert 'name="credentials.token"' in page
    blank = client.post(preview_url("method"), {"slug": "bearer"})
    assert (blank.status_code, "its form comes here" in blank.content.decode()) == (200, True)


def test_malformed_column_is_told_and_the_rest_is_drawn(method):
    client, _user = staff()
    sent = {**editor_form(client, change_url(method)), "request": "{", "fields-0-order": "x"}
    answer = client.post(preview_url("method", method), sent)
    page = answer.content.decode()
    assert "Not in the preview, because it cannot be read" in page
    assert 'name="credentials.email"' in page


def test_findings_are_shown_with_their_place(method):
    client, _user = staff()
    form = editor_form(client, change_url(method))
    typed = {"key": "client_secret", "label": "Secret", "secure": "false"}
    sent = {**form, **new_rows("fields", form, **typed)}
    page = client.post(preview_url("method", method), sent).content.decode()
    assert "Its name looks secret, but it is not marked as secret." in page
    assert "Method &#x27;api_key&#x27;, field &#x27;client_secret&#x27;, Secret" in page
    assert "Fill in example values" not in page


BROKEN = [
    {"type": "select", "options": ""},
    {"pattern": "("},
    {"type": "integer", "default": "many", "secure": "false"},
    {"type": "boolean", "examples": "perhaps", "secure": "false"},
    {"visible_if": '{"field": "nobody", "equals": 1}'},
    {"visible_if": '{"field": "extra", "equals": "a"}'},
    {"key": "", "label": ""},
    {"key": "a b"},
    {"type": "magic"},
    {"min_length": "9", "max_length": "1"},
    {"type": "connection_string"},
    {"type": "json", "default": "[1]", "secure": "false"},
]


@pytest.mark.parametrize("typed", BROKEN, ids=[" ".join(one) for one in BROKEN])
def test_half_typed_field_never_breaks_the_preview(method, typed):
    client, _user = staff()
    form = editor_form(client, change_url(method))
    sent = {**form, **new_rows("fields", form, **{"key": "extra", "label": "Extra", **typed})}
    assert client.post(preview_url("method", method), sent).status_code == 200


def carried(client: Any, url: str) -> dict[str, Any]:
    """The form in the preview, as a browser would send it."""
    return PageForm(client.get(url)).sent


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"credentials.api_key": "short"},
        {"credentials.api_key": "x" * 10},
        {"credentials.api_key": "x" * 10, "credentials.email": "nobody"},
        {"credentials.api_key": " padded key ", "config.region": "eu\x07"},
        {"credentials.api_key": "x" * 10, "credentials.zzz": "surprise"},
        {"credentials.api_key": "**********"},
        {"credentials.api_key": "x" * 5000, "config.region": "x" * 5000},
    ],
    ids=str,
)
def test_verdict_is_what_a_dry_run_of_the_api_says(row, method, typed):
    client, _user = staff()
    url, before = preview_url("method", method), counted()
    answer = client.post(url, {**carried(client, url), **typed})
    verdict = {**answer.context["verdict"]}
    verdict.pop("request", None)
    body: dict[str, Any] = {"credentials": {}, "config": {}}
    for name, value in typed.items():
        target, key = name.split(".")
        body[target][key] = value
    assert counted() == before
    api = api_client(make_key(make_workspace()))
    query = "integration_id=three-ways&auth_method_id=api_key"
    said = api.post_json(f"/connections/validate?{query}", body)
    assert said.status_code == 200, said.content
    assert verdict == said.json()


def test_examples_fill_the_form_and_pass(row):
    client, _user = staff()
    url = preview_url("method", row.auth_methods.get(slug="basic"))
    filled = PageForm(client.post(url, {**carried(client, url), "fill": "1"}))
    assert filled.sent["config.host"] == ["api.example.com"]
    assert filled.sent["credentials.password"] == ["example-"]
    sent = {name: value for name, value in filled.sent.items() if name != "fill"}
    answer = client.post(url, sent)
    assert answer.context["verdict"]["valid"], answer.context["verdict"]


def test_request_is_shown_with_placeholders_for_secrets(row, method):
    client, _user = staff()
    url = preview_url("method", row.auth_methods.get(slug="basic"))
    typed = {
        "config.host": "crm.example.com",
        "credentials.username": "ada",
        "credentials.password": "canary-4711",
    }
    page = client.post(url, {**carried(client, url), **typed}).content.decode()
    assert "GET https://crm.example.com" in page
    assert "Basic base64(ada:{password})" in page
    assert "canary-4711" not in page
    url = preview_url("method", method)
    page = client.post(url, {**carried(client, url), "credentials.api_key": "canary-4711-key"})
    assert "X-Key: {api_key}" in page.content.decode()
    assert "canary-4711" not in page.content.decode()


def test_live_is_off_unless_asked_for_a_saved_definition(row, method, monkeypatch, settings):
    settings.LIVE_TESTS = True
    asked: list[Any] = []
    monkeypatch.setattr(
        "connections.services.verification.try_values",
        lambda *values, **named: asked.append(values) or 1 / 0,
    )
    AuthMethod.objects.filter(pk=method.pk).update(test={"method": "GET", "path": "/me"})
    client, _user = staff()
    url = preview_url("method", method)
    good = {"credentials.api_key": "x" * 10}
    assert client.post(url, {**carried(client, url), **good}).context["verdict"]["live"] is None
    unsaved = carried(client, url)
    unsaved["revision"] = [unsaved["revision"][0].replace("Three ways", "Other")]
    said = client.post(f"{url}?live=1", {**unsaved, **good})
    assert (said.context["is_live"], asked) == (False, [])
    looker, _user = staff("integrations.view_integration")
    assert not looker.get(f"{url}?live=1").context["is_live"]
    with pytest.raises(ZeroDivisionError):
        client.post(f"{url}?live=1", {**carried(client, url), **good})
    assert len(asked) == 1


@pytest.mark.parametrize("document", ["[1]", "a: &x [1]\nb: *x", "!!python/object:os.x {}", "{"])
def test_document_that_is_none_is_refused(row, document):
    client, _user = staff()
    answer = client.post(preview_url("integration", row), {"revision": document})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["integration-preview", "integration-impact"])
def test_preview_is_for_staff_who_may_look(row, name):
    url = preview_url("integration", row, name)
    assert signed_in(make_user()).get(url).status_code == 403
    assert staff("auth.view_group")[0].get(url).status_code == 403
    looker, _user = staff("integrations.view_integration")
    expected = 200 if name == "integration-preview" else 403
    assert looker.get(url).status_code == expected
    assert looker.get(reverse(name, args=["integration", 10**9])).status_code in (404, 403)
