"""Lists of connections: each filter, the search, and pages by number and by cursor."""

from datetime import UTC, datetime, timedelta

import pytest

from connections.models import Connection, Credential
from integrations.models import AuthMethod
from tests.api.bodies import codes, keyed, published
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_workspace,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    load_builtin("gmail")
    make_integration(KEY_AND_EMAIL)
    return make_workspace()


@pytest.fixture
def client(workspace):
    return api_client(make_key(workspace))


def labels(client, query, path="/connections"):
    answer = client.get_json(f"{path}?{query}")
    assert answer.status_code == 200, answer.content
    return [one["label"] for one in answer.json()["connections"]]


@pytest.fixture
def mixed(client):
    """Four connections, made in the order of their names."""
    metadata = {"team": "blue", "1": "one", "a b.c": "naïve 😀", "quote'\"": "%_"}
    bodies = [
        keyed(label="First", user_id="anna", metadata=metadata),
        keyed(label="Second", user_id="bert/2", metadata={"team": "red", "1": "two"}),
        {**published(), "label": "Third", "user_id": "anna"},
        {**published(expires_at="2999-01-01T00:00:00Z"), "label": "Fourth 100%"},
    ]
    made = [client.post_json("/connections", body).json() for body in bodies]
    client.patch_json(f"/connections/{made[1]['id']}", {"status": "inactive"})
    Connection.objects.filter(label="First").update(account_id="9", account_label="Ada Lovelace")
    return made


def test_newest_is_first(client, mixed):
    answer = client.get_json("/connections").json()
    assert [one["label"] for one in answer["connections"]] == [
        "Fourth 100%",
        "Third",
        "Second",
        "First",
    ]
    assert {**answer, "connections": None} == {
        "connections": None,
        "total": 4,
        "page": 1,
        "size": 100,
        "next_cursor": None,
    }


def test_listed_is_what_is_read(client, mixed):
    for listed in client.get_json("/connections").json()["connections"]:
        assert client.get_json(f"/connections/{listed['id']}").json() == listed
    assert client.get_json(f"/connections/{mixed[2]['id']}").json() == mixed[2]


FILTERS = [
    ("integration=gmail", ["Fourth 100%", "Third"]),
    ("integration=nothing", []),
    ("integration_type=api", ["Second", "First"]),
    ("integration_type=tool", []),
    ("status=active", ["Fourth 100%", "First"]),
    ("status=inactive", ["Second"]),
    ("status=expired", ["Third"]),
    ("status=error", []),
    ("user_id=anna", ["Third", "First"]),
    ("user_id=bert/2", ["Second"]),
    ("user_id=ann", []),
    ("auth_method_id=oauth2", ["Fourth 100%", "Third"]),
    ("auth_method_id=api_key", ["Second", "First"]),
    ("expires_before=2026-01-01T00:00:00Z", ["Third"]),
    ("expires_before=2999-01-01T00:00:00Z", ["Third"]),
    ("expires_before=2999-01-01T00:00:00.000001%2B00:00", ["Fourth 100%", "Third"]),
    ("expires_before=2025-10-19T13:59:59%2B02:00", []),
    ("expires_before=0001-01-01T00:00:00%2B14:00", []),
    ("expires_before=9999-12-31T23:59:59-14:00", ["Fourth 100%", "Third"]),
    ("search=first", ["First"]),
    ("search=GMAIL", ["Fourth 100%", "Third"]),
    ("search=lovelace", ["First"]),
    ("search=100%25", ["Fourth 100%"]),
    ("search=%25", ["Fourth 100%"]),
    ("search=_", []),
    ("search=nothing", []),
    ("metadata.team=blue", ["First"]),
    ("metadata.team=blu", []),
    ("metadata.team=BLUE", []),
    ("metadata.1=one", ["First"]),
    ("metadata.0=one", []),
    ("metadata.a%20b.c=na%C3%AFve%20%F0%9F%98%80", ["First"]),
    ("metadata.quote%27%22=%25_", ["First"]),
    ("metadata.team=blue&metadata.1=one", ["First"]),
    ("metadata.team=blue&metadata.1=two", []),
    ("metadata.nothing=", []),
    ("integration=gmail&status=expired&user_id=anna", ["Third"]),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS, ids=[one[0] for one in FILTERS])
def test_filter(client, mixed, query, expected):
    assert labels(client, query) == expected
    assert client.get_json(f"/connections?{query}").json()["total"] == len(expected)
    assert labels(client, f"{query}&cursor=") == expected


def test_filter_by_credential(client, mixed):
    assert labels(client, f"credential_id={mixed[0]['credential_id']}") == ["First"]
    for unknown in ("cred_" + "0" * 32, "nonsense", mixed[0]["id"]):
        assert labels(client, f"credential_id={unknown}") == []


def test_connections_of_a_user(client, mixed):
    assert labels(client, "", "/connections/users/anna") == ["Third", "First"]
    assert labels(client, "", "/connections/users/bert/2") == ["Second"]
    assert labels(client, "", "/connections/users/bert%2F2") == ["Second"]
    assert labels(client, "status=expired", "/connections/users/anna") == ["Third"]
    assert labels(client, "", "/connections/users/nobody") == []


def test_user_of_the_path_is_the_only_one(client, mixed):
    answer = client.get_json("/connections/users/anna?user_id=bert/2")
    assert codes(answer) == {"user_id": "unknown"}


REFUSED = [
    ("limit=0", {"limit": "minimum"}),
    ("limit=1001", {"limit": "maximum"}),
    ("limit=-1", {"limit": "minimum"}),
    ("limit=1e9", {"limit": "invalid_integer"}),
    ("limit=1.0", {"limit": "invalid_integer"}),
    ("limit=%D9%A7", {"limit": "invalid_integer"}),
    ("limit=" + "9" * 5000, {"limit": "invalid_integer"}),
    ("skip=-1", {"skip": "minimum"}),
    ("skip=99999999999999999999", {"skip": "maximum"}),
    ("status=expired,active", {"status": "invalid_choice"}),
    ("status=ACTIVE", {"status": "invalid_choice"}),
    ("integration_type=apis", {"integration_type": "invalid_choice"}),
    ("expires_before=tomorrow", {"expires_before": "invalid_datetime"}),
    ("expires_before=2026-02-30T00:00:00Z", {"expires_before": "invalid_datetime"}),
    ("expires_before=2026-01-01T00:00:00", {"expires_before": "invalid_datetime"}),
    ("expand=credentials", {"expand": "unknown"}),
    ("fields=secret", {"fields": "unknown"}),
    ("Status=active", {"Status": "unknown"}),
    ("search=" + "x" * 256, {"search": "max_length"}),
    ("search=a%00b", {"search": "invalid_text"}),
    ("user_id=%00", {"user_id": "invalid_text"}),
    ("metadata.=x", {"metadata": "invalid_pairs"}),
    ("metadata.a=%00", {"metadata": "invalid_pairs"}),
    ("metadata.%00=a", {"metadata": "invalid_pairs"}),
    ("limit=x&skip=y&status=z", dict.fromkeys(("limit", "skip", "status"), "")),
]


@pytest.mark.parametrize(("query", "expected"), REFUSED, ids=[one[0][:40] for one in REFUSED])
def test_odd_query_is_refused(client, query, expected):
    found = codes(client.get_json(f"/connections?{query}"))
    assert found.keys() == expected.keys()
    assert "" in expected.values() or found == expected


@pytest.fixture
def many(client, workspace):
    """250 connections, newest last; their labels are their numbers."""
    client.post_json("/connections", keyed(label="0"))
    first = Connection.objects.get()
    plain = AuthMethod.objects.get(pk=first.auth_method_id)
    Connection.objects.bulk_create(
        Connection(
            workspace=workspace,
            integration_id=first.integration_id,
            auth_method=plain,
            credential=first.credential,
            label=str(number),
            created_by="test",
        )
        for number in range(1, 250)
    )
    assert Credential.objects.count() == 1
    return [str(number) for number in reversed(range(250))]


@pytest.mark.parametrize("size", [1, 7, 100, 250, 1000])
def test_cursor_walks_every_row_once(client, many, size):
    seen, cursor, pages = [], "", 0
    while cursor is not None and pages < 300:
        answer = client.get_json(f"/connections?limit={size}&cursor={cursor}").json()
        assert answer.keys() == {"connections", "size", "next_cursor"}
        assert 0 < len(answer["connections"]) <= size == answer["size"]
        seen += [one["label"] for one in answer["connections"]]
        cursor, pages = answer["next_cursor"], pages + 1
    assert seen == many
    assert pages == -(-250 // size)


def test_cursor_is_not_disturbed_by_new_rows(client, many):
    first = client.get_json("/connections?limit=100&cursor=").json()
    client.post_json("/connections", keyed(label="New"))
    query = f"/connections?limit=1000&cursor={first['next_cursor']}"
    rest = client.get_json(query).json()["connections"]
    assert [one["label"] for one in rest] == many[100:]


def test_pages_by_number(client, many):
    seen = []
    for page, skip in enumerate(range(0, 250, 100), start=1):
        answer = client.get_json(f"/connections?limit=100&skip={skip}").json()
        assert (answer["total"], answer["page"], answer["size"]) == (250, page, 100)
        seen += [one["label"] for one in answer["connections"]]
    assert seen == many
    beyond = client.get_json("/connections?skip=250").json()
    assert (beyond["connections"], beyond["total"], beyond["next_cursor"]) == ([], 250, None)


def test_page_by_number_leads_on_by_cursor(client, many):
    first = client.get_json("/connections?limit=100").json()
    query = f"/connections?limit=1000&cursor={first['next_cursor']}"
    rest = client.get_json(query).json()["connections"]
    assert [one["label"] for one in first["connections"] + rest] == many


BAD_CURSOR = {
    "detail": "The cursor is not one of this list's: start again.",
    "code": "bad_cursor",
}


def tampered(cursor):
    yield cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    yield ("A" if cursor[0] != "A" else "B") + cursor[1:]
    yield cursor[:-4]
    yield cursor + "AAAA"
    yield from ("A", "AAAA", "null", "0", "é", "a b", "%2B%2F", "=" * 4, "A" * 200)


def test_made_up_cursor_is_refused(client, many):
    cursor = client.get_json("/connections?limit=1&cursor=").json()["next_cursor"]
    for made_up in tampered(cursor):
        answer = client.get_json(f"/connections?cursor={made_up}")
        assert (answer.status_code, answer.json()) == (400, BAD_CURSOR), made_up


def test_cursor_of_another_workspace_is_refused(client, many):
    cursor = client.get_json("/connections?limit=1&cursor=").json()["next_cursor"]
    stranger = api_client(make_key(make_workspace()))
    answer = stranger.get_json(f"/connections?cursor={cursor}")
    assert (answer.status_code, answer.json()) == (400, BAD_CURSOR)


def test_cursor_and_skip_exclude_one_another(client):
    answer = client.get_json("/connections?cursor=&skip=0")
    assert (answer.status_code, answer.json()) == (
        400,
        {"detail": "Send either 'skip' or 'cursor', not both.", "code": "exclusive"},
    )


def test_moments_are_written_alike_everywhere(client):
    """A list reads them as the database's texts, a detail from the row."""
    made = client.post_json("/connections", keyed()).json()
    for moment in (
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        datetime(2026, 1, 2, 3, 4, 5, 100, tzinfo=UTC),
        datetime(2026, 1, 2, 3, 4, 5, 120000, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC) - timedelta(microseconds=1),
    ):
        Connection.objects.update(expires_at=moment)
        read = client.get_json(f"/connections/{made['id']}").json()
        listed = client.get_json("/connections").json()["connections"][0]
        assert read == listed
        assert (
            read["expires_at"] == f"{moment.replace(tzinfo=None).isoformat('T', 'microseconds')}Z"
        )
