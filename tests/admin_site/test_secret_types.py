"""What was typed into a secret field, of whatever type, comes back in no page of the admin."""

import pytest
from django.contrib.admin.models import LogEntry

from connections.models import Connection
from integrations.field_types import FIELD_TYPES
from tests.admin_site.pages import AdminForm, errors_of, new_connection_url, page_of, send, staff
from tests.factories import make_workspace
from tests.web.test_secrets import markers, secret_integration, valid_values

pytestmark = pytest.mark.django_db


def assert_hides(response, name: str, typed: str) -> None:
    text = response.content.decode()
    assert [marker for marker in markers(name, typed) if marker in text] == []
    assert AdminForm(response).sent.get("credentials.hidden", [""]) == [""]


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_secret_of_any_type_is_on_no_page(name):
    secret_integration(name)
    client, _user = staff()
    add = new_connection_url(make_workspace(), "hidden", "custom")
    typed = valid_values()[name]
    values = {"credentials.hidden": typed, "credentials.open": "visible"}
    refused = send(client, add, {**values, "label": "x" * 256})
    assert list(errors_of(refused)) == ["label"]
    assert_hides(refused, name, typed)
    answer = send(client, add, values)
    assert answer.status_code == 302, errors_of(answer)
    row = Connection.objects.get()
    assert row.secrets_set == ["hidden"]
    for page in ("change", "secrets", "history", "delete"):
        assert_hides(client.get(page_of(row, page)), name, typed)
    secrets = page_of(row, "secrets")
    again = send(client, secrets, {"credentials.hidden": typed, "credentials.open": "\x07"})
    assert list(errors_of(again)) == ["credentials.open"]
    assert_hides(again, name, typed)
    entry = LogEntry.objects.get()
    assert [marker for marker in markers(name, typed) if marker in str(vars(entry))] == []
