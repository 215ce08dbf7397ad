"""Many at once: nothing is lost, nothing happens twice, and whoever comes too late is told."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection as database

from connections.models import AuditEvent, Connection, Credential
from tests.api.bodies import KEYED, keyed
from tests.factories import KEY_AND_EMAIL, api_client, make_integration, make_key, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


@pytest.fixture
def secret():
    make_integration(KEY_AND_EMAIL)
    return make_key(make_workspace())


def at_once(*calls):
    """Carry out the calls in threads that start together; what they return, in their order."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        finally:
            database.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_thousand_creations_of_eight_threads(secret):
    def create_many(thread):
        client = api_client(secret)
        bodies = (keyed(label=f"{thread} {number}") for number in range(125))
        return [client.post_json("/connections", body).status_code for body in bodies]

    answers = at_once(*(lambda thread=thread: create_many(thread) for thread in range(THREADS)))
    assert [code for codes in answers for code in codes] == [201] * 1000
    assert Connection.objects.values("label").distinct().count() == 1000
    assert Connection.objects.values("credential").distinct().count() == 1000
    assert Credential.objects.count() == 1000
    assert AuditEvent.objects.filter(action="connection.created").count() == 1000


def test_same_idempotency_key_at_once(secret):
    def create():
        return api_client(secret).post_json("/connections", KEYED, HTTP_IDEMPOTENCY_KEY="one")

    answers = at_once(*[create] * THREADS)
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert made == {Connection.objects.get().public_id}
    assert Credential.objects.count() == 1
    assert create().json()["id"] in made


def create(secret, body=KEYED):
    return api_client(secret).post_json("/connections", body).json()


def test_racing_changes_are_never_lost(secret):
    path = f"/connections/{create(secret)['id']}"

    def change(number):
        body = {"metadata": {"last": str(number)}, "credentials": {"api_key": f"key {number}"}}
        return api_client(secret).patch_json(path, body).status_code

    for _round in range(10):
        before = AuditEvent.objects.filter(action="connection.changed").count()
        codes = at_once(*(lambda number=number: change(number) for number in range(4)))
        done = [number for number, code in enumerate(codes) if code == 200]
        assert set(codes) <= {200, 409}
        assert done
        row = Connection.objects.select_related("credential").get()
        written = AuditEvent.objects.filter(action="connection.changed").count() - before
        assert written == len(done)
        last = row.metadata["last"]
        assert int(last) in done
        # Both halves are of the same change.
        assert row.credential.get_values()["api_key"] == f"key {last}"


def test_racing_changes_of_two_columns_keep_both(secret):
    """Each is made again when it was overtaken, as a program does."""
    path = f"/connections/{create(secret)['id']}"

    def insist(body):
        while api_client(secret).patch_json(path, body).status_code == 409:
            pass

    at_once(
        lambda: [insist({"label": f"label {number}"}) for number in range(10)],
        lambda: [insist({"user_id": f"user {number}"}) for number in range(10)],
    )
    row = Connection.objects.get()
    assert (row.label, row.user_id) == ("label 9", "user 9")


def shared(secret, count):
    body = {
        "label": "Shared",
        "auth_type": "api_key",
        "credential_type": "integration",
        "credentials": KEYED["credentials"],
    }
    credential = api_client(secret).post_json("/credentials", body).json()["id"]
    used = keyed(credentials=None, credential_id=credential)
    return credential, [create(secret, used)["id"] for _number in range(count)]


def test_credential_goes_with_the_last_of_racing_deletions(secret):
    for _round in range(10):
        _credential, users = shared(secret, 4)
        codes = at_once(
            *(
                lambda user=user: (
                    api_client(secret).call("DELETE", f"/connections/{user}").status_code
                )
                for user in users
            )
        )
        assert codes == [204] * 4
        assert (Connection.objects.count(), Credential.objects.count()) == (0, 0)


def test_racing_deletions_of_one_row_are_one(secret):
    for _round in range(10):
        path = f"/connections/{create(secret)['id']}"
        codes = at_once(
            *[lambda path=path: api_client(secret).call("DELETE", path).status_code] * 4
        )
        assert sorted(codes) == [204, 404, 404, 404]
    assert AuditEvent.objects.filter(action="connection.deleted").count() == 10


def test_credential_is_not_deleted_under_a_creation(secret):
    for _round in range(10):
        credential, _users = shared(secret, 0)
        body = keyed(credentials=None, credential_id=credential)
        made, deleted = at_once(
            lambda body=body: api_client(secret).post_json("/connections", body).status_code,
            lambda path=f"/credentials/{credential}": (
                api_client(secret).call("DELETE", path).status_code
            ),
        )
        assert (made, deleted) in {(201, 409), (404, 204), (409, 204)}
        assert Connection.objects.count() == Credential.objects.count() == (made == 201)
        Connection.objects.all().delete()
        Credential.objects.all().delete()


def test_shared_credential_changes_for_all_or_none(secret):
    credential, users = shared(secret, 3)

    def change_credential(number):
        values = {"api_key": f"key {number}", "email": "b@example.com"}
        path = f"/credentials/{credential}"
        return api_client(secret).put_json(path, {"credentials": values}).status_code

    def change_label(user):
        return api_client(secret).patch_json(f"/connections/{user}", {"label": "x"}).status_code

    for number in range(10):
        codes = at_once(
            lambda number=number: change_credential(number),
            *(lambda user=user: change_label(user) for user in users),
        )
        assert set(codes) <= {200, 409}
    assert Connection.objects.filter(credential__isnull=False).count() == 3


def test_racing_rotations_and_changes_of_a_key(secret):
    client = api_client(secret)
    other = client.post_json("/api-keys", {"label": "Old", "permissions": ["read"]}).json()
    path = f"/api-keys/{other['id']}"
    for number in range(10):
        rotated, changed = at_once(
            lambda: api_client(secret).post_json(f"{path}/rotate", {}).json()["key"],
            lambda number=number: api_client(secret).put_json(path, {"label": str(number)}),
        )
        assert changed.status_code == 200
        assert api_client(rotated).get_json("/connections").status_code == 200
        assert client.get_json(path).json()["label"] == str(number)
