"""How many queries a call costs: a fixed number, whatever is stored."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connections.models import ApiKey, Connection
from tests.api.bodies import KEYED
from tests.factories import KEY_AND_EMAIL, api_client, make_integration, make_key, make_workspace

pytestmark = pytest.mark.django_db

KEY_LOOKUP = 1
TRANSACTION = {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}


@pytest.fixture
def client():
    make_integration(KEY_AND_EMAIL)
    client = api_client(make_key(make_workspace()))
    # What a process learns once: the definition, the workspace's key, that the key is in use.
    assert client.post_json("/connections", KEYED).status_code == 201
    client.get_json("/integrations/key-and-email")
    assert ApiKey.objects.get().last_used_at is not None
    return client


@pytest.fixture
def count(client):
    """How many statements a call takes, beside those that open and close transactions."""

    def counted(method, path, body=None):
        with CaptureQueriesContext(connection) as queries:
            answer = client.call(method, path, body)
        assert answer.status_code < 300, answer.content
        statements = [one["sql"].split()[0] for one in queries.captured_queries]
        return len([one for one in statements if one not in TRANSACTION])

    return counted


@pytest.mark.parametrize(
    "path",
    [
        "/integrations/key-and-email",
        "/integrations/key-and-email/schema",
        "/connections/integrations/key-and-email/requirements",
    ],
)
def test_unchanged_catalogue_costs_the_key_alone(count, path):
    assert count("GET", path) == KEY_LOOKUP


def test_dry_run_costs_the_key_alone(count):
    path = "/connections/validate?integration_id=key-and-email"
    assert count("POST", path, {"credentials": KEYED["credentials"]}) == KEY_LOOKUP


def test_creation_costs_its_rows(count):
    # Credential, connection and audit row: one statement where the database can.
    insertions = 1 if connection.vendor == "postgresql" else 3
    assert count("POST", "/connections", KEYED) == KEY_LOOKUP + insertions


def costs_of_lists(count):
    paths = ("/connections", "/connections?cursor=", "/credentials", "/integrations")
    return [count("GET", path) - KEY_LOOKUP for path in paths]


def test_list_of_one_costs_as_much_as_of_a_hundred(client, count):
    page, total = 1, 1
    assert costs_of_lists(count) == [page + total, page, page + total, page + total]
    for _number in range(99):
        client.post_json("/connections", KEYED)
    assert len(client.get_json("/connections").json()["connections"]) == 100
    assert costs_of_lists(count) == [page + total, page, page + total, page + total]


def path_of_the_row():
    return f"/connections/{Connection.objects.get().public_id}"


def test_reading_one_costs_the_row(count):
    assert count("GET", path_of_the_row()) == KEY_LOOKUP + 1


def test_reveal_costs_the_row_and_its_audit_row(count):
    path = f"{path_of_the_row()}/credentials"
    noted_use = 1
    assert count("GET", path) == KEY_LOOKUP + 2 + noted_use
    assert count("GET", path) == KEY_LOOKUP + 2


def test_change_costs_the_same_each_time(count):
    path, read, locks, users, writes = path_of_the_row(), 1, 2, 1, 3
    for value in ("second", "third"):
        body = {"credentials": {"api_key": value}}
        assert count("PATCH", path, body) == KEY_LOOKUP + read + locks + users + writes
