"""Rows of the editor are added and taken back by buttons, before anything is saved."""

from typing import Any
from unittest.mock import ANY

import pytest

from integrations.models import AuthMethod, Integration
from tests.admin_site.pages import AdminForm, change_url, errors_of, send, staff
from tests.admin_site.test_catalogue import new_rows, page_form

pytestmark = pytest.mark.django_db


def press(client: Any, url: str, sent: dict[str, Any], **button: str) -> Any:
    answer = client.post(url, {**sent, **button})
    assert answer.status_code == 200
    return answer


def rows_of(sent: dict[str, Any], prefix: str) -> dict[str, list[str]]:
    return {name: value for name, value in sent.items() if name.startswith(prefix)}


@pytest.mark.parametrize("prefix", ["auth_methods", "common_fields", "fields"])
def test_added_row_is_as_a_new_one_and_keeps_what_was_typed(row, method, prefix):
    client, _user = staff()
    url = change_url(method if prefix == "fields" else row)
    page = page_form(client, url)
    total = int(page[f"{prefix}-TOTAL_FORMS"][0])
    answer = press(client, url, {**page, "name": "Typed"}, _add_row=prefix)
    sent = AdminForm(answer).sent
    assert sent["name"] == ["Typed"]
    assert not errors_of(answer)
    drawn = rows_of(sent, f"{prefix}-{total}-")
    for name, value in rows_of(new_rows(prefix, page), f"{prefix}-{total}-").items():
        assert drawn[name] == [value]
    assert sent[f"{prefix}-TOTAL_FORMS"] == [str(total + 1)]
    # Rows that were there are as they were; nothing is stored.
    for number in range(total):
        assert rows_of(sent, f"{prefix}-{number}-") == rows_of(page, f"{prefix}-{number}-")
    assert not Integration.objects.filter(name="Typed").exists()
    assert not AuthMethod.objects.filter(name="Typed").exists()


def test_row_that_is_added_filled_in_and_saved_is_stored(method):
    client, _user = staff()
    url = change_url(method)
    page = AdminForm(press(client, url, page_form(client, url), _add_row="fields")).sent
    typed = {"fields-4-key": "team", "fields-4-label": "Team", "_save": "Save"}
    assert client.post(url, {**page, **typed}).status_code == 302
    assert method.fields.get(key="team").label == "Team"


def test_row_that_nothing_was_typed_into_is_not_stored(method):
    client, _user = staff()
    url = change_url(method)
    page = AdminForm(press(client, url, page_form(client, url), _add_row="fields")).sent
    assert client.post(url, {**page, "_save": "Save"}).status_code == 302
    assert method.fields.count() == 4


def test_added_row_has_a_button_that_takes_it_back(row, method):
    client, _user = staff()
    for prefix, url in (("auth_methods", change_url(row)), ("fields", change_url(method))):
        page = page_form(client, url)
        total = page[f"{prefix}-TOTAL_FORMS"][0]
        drawn = press(client, url, page, _add_row=prefix).content.decode()
        assert f'id="{prefix}-{total}"' in drawn
        assert f'name="_remove_row" value="{prefix}-{total}"' in drawn
        # Of stored rows there is a box for it.
        assert drawn.count('name="_remove_row"') == 1


def test_added_row_is_taken_back_and_those_behind_it_move_up(method):
    client, _user = staff()
    url = change_url(method)
    sent = page_form(client, url)
    for key in ("first", "second", "third"):
        number = int(sent["fields-TOTAL_FORMS"][0])
        sent = AdminForm(press(client, url, sent, _add_row="fields")).sent
        sent |= {f"fields-{number}-key": key, f"fields-{number}-label": key}
    sent = AdminForm(press(client, url, sent, _remove_row="fields-4")).sent
    assert sent["fields-TOTAL_FORMS"] == ["6"]
    assert [sent[f"fields-{n}-key"] for n in (4, 5)] == [["second"], ["third"]]
    assert client.post(url, {**sent, "_save": "Save"}).status_code == 302
    keys = {"api_key", "email", "region", "passphrase", "second", "third"}
    assert set(method.fields.values_list("key", flat=True)) == keys


@pytest.mark.parametrize(
    "button",
    [
        {"_add_row": ""},
        {"_add_row": "unheard-of"},
        {"_remove_row": ""},
        {"_remove_row": "fields-0"},
        {"_remove_row": "fields-9"},
        {"_remove_row": "fields-99999999"},
        {"_remove_row": "fields--1"},
        {"_remove_row": "fields-0\x00"},
    ],
    ids=str,
)
def test_what_is_no_row_changes_none(method, button):
    client, _user = staff()
    url = change_url(method)
    page = page_form(client, url)
    answer = press(client, url, {**page, **button})
    assert AdminForm(answer).sent == page | {"csrfmiddlewaretoken": ANY}


@pytest.mark.parametrize("total", ["x", "", "99999999"])
def test_wrong_count_of_rows_stores_nothing(method, total):
    client, _user = staff()
    url = change_url(method)
    sent = {**page_form(client, url), "fields-TOTAL_FORMS": total}
    press(client, url, sent, _add_row="fields")
    assert client.post(url, {**sent, "name": "Other", "_save": "Save"}).status_code == 200
    method.refresh_from_db()
    assert (method.name, method.fields.count()) == ("API key", 4)


def test_viewer_of_the_catalogue_is_offered_no_rows(method):
    client, _user = staff("integrations.view_authmethod", "integrations.view_fieldspec")
    url = change_url(method)
    assert b"_add_row" not in client.get(url).content
    assert client.post(url, {"_add_row": "fields"}).status_code == 403


def test_pages_of_the_editor_load_no_jquery(row, method):
    client, _user = staff()
    for url in (change_url(row), change_url(method)):
        page = client.get(url).content.decode()
        assert "jquery" not in page
        assert "integrations/rows.js" in page


def test_enter_in_an_input_saves(method):
    """A browser takes the first button of a form for it."""
    client, _user = staff()
    page = client.get(change_url(method)).content.decode()
    form = page[page.index('id="authmethod_form"') :]
    assert form.index('name="_save"') < form.index('name="_add_row"')


def test_new_integration_gets_a_method_on_its_first_page():
    client, _user = staff()
    url = "/admin/integrations/integration/add/"
    page = AdminForm(press(client, url, page_form(client, url), _add_row="auth_methods")).sent
    typed = {
        **{"slug": "mine", "name": "Mine", "type": "api", "_save": "Save"},
        **{"auth_methods-0-slug": "key", "auth_methods-0-name": "Key"},
        **{"auth_methods-0-kind": "basic"},
    }
    answer = client.post(url, {**page, **typed})
    assert answer.status_code == 302, errors_of(answer)
    assert Integration.objects.get().auth_methods.get().slug == "key"


def test_save_still_refuses_what_is_wrong_in_an_added_row(method):
    client, _user = staff()
    url = change_url(method)
    found = errors_of(send(client, url, new_rows("fields", page_form(client, url), key="a b")))
    assert "fields-4-key" in found


# Of the model, of the form, of the declared field, of the list of helps.
TEXTS = {
    "en": ("Pattern message", "Fixed value", "Taken off a paste:", "Shown in the empty input."),
    "de": (
        "Meldung zum Muster",
        "Fester Wert",
        "Wird von Eingefügtem",
        "Wird in der leeren Eingabe",
    ),
}


def test_each_reader_has_the_labels_and_helps_in_a_language_of_their_own(method):
    client, _user = staff()
    for language in ("de", "en", "de"):
        headers = {"Accept-Language": language}
        page = client.get(change_url(method), headers=headers).content.decode()
        for spoken, texts in TEXTS.items():
            assert [text in page for text in texts] == [spoken == language] * 4
