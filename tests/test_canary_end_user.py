"""The canary where end users look: messages on the way, results, what was deleted and came back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connections.jobs.housekeeping import tidy_up
from connections.models import Connection, Credential, DeletedConnection
from tests.canary import PLAIN, SECRETIVE, WORD, heard_in, heard_in_storage, stored_rows
from tests.factories import make_integration, make_member, make_workspace
from tests.live_service import KeyService, allow_loopback, body
from tests.test_canary_pages import typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Any:
    make_integration(SECRETIVE)
    return make_workspace()


@pytest.fixture
def member(workspace: Any) -> Client:
    client = Client()
    client.force_login(make_member(workspace, role="owner").user)
    return client


def address(name: str, workspace: Any, *rest: str) -> str:
    return reverse(name, args=[workspace.slug, *rest])


def assert_silent(*answers: Any) -> None:
    for answer in answers:
        assert answer.status_code in (200, 302), answer.content
        assert heard_in(answer.content) == []
        assert heard_in(str(answer.headers)) == []
    assert heard_in_storage() == []


def test_messages_on_the_way_do_not_sing(workspace: Any, member: Client) -> None:
    check = address("check-connect", workspace, "secretive", "all")
    names = list(typed())
    wrong = {name: f" {value} \x07" for name, value in typed().items()}
    for sent in (typed(), typed(**{"config.region": ""}), wrong):
        answer = member.post(check, {**sent, "visited": names})
        assert_silent(answer)
    assert b"must" in answer.content
    assert_silent(member.post(check, {**typed(), "visited": [WORD, PLAIN]}))


def test_nothing_that_was_deleted_sings_and_nothing_of_it_is_left(
    workspace: Any, member: Client
) -> None:
    member.post(address("connect", workspace, "secretive", "all"), typed())
    row = Connection.objects.get()
    name, list_page = row.public_id, address("connections", workspace)
    edit = address("check-edit", workspace, name)
    assert_silent(
        member.get(address("connection", workspace, name)),
        member.post(edit, {**typed(), "visited": list(typed())}),
        member.get(address("rename-connection", workspace, name)),
        member.post(address("rename-connection", workspace, name), {"label": "x" * 300}),
        member.get(address("delete-connection", workspace, name)),
        member.post(address("test-connection", workspace, name)),
        member.get(address("connection", workspace, name)),
        member.post(address("delete-connection", workspace, name)),
        member.get(list_page),
    )
    kept = DeletedConnection.objects.get()
    assert heard_in(repr(kept)) == []
    assert heard_in(repr(vars(kept))) == []
    assert_silent(
        member.post(address("undo-delete", workspace, name)),
        member.get(address("connection", workspace, name)),
    )
    restored = Connection.objects.get()
    assert restored.credential.get_values()["word"] == WORD
    assert restored.get_secret_config() == {"config_secret": WORD}
    # Not even what is encrypted stays once its time is over.
    sealed = [bytes(restored.credential.sealed_values), bytes(restored.sealed_config)]
    assert_silent(member.post(address("delete-connection", workspace, name)))
    assert held_in_storage(sealed) == [
        "connections_deletedconnection.sealed_config",
        "connections_deletedconnection.sealed_values",
    ]
    DeletedConnection.objects.update(destroy_at=timezone.now())
    tidy_up()
    assert held_in_storage(sealed) == []
    assert not Credential.objects.exists()


def held_in_storage(sealed: list[bytes]) -> list[str]:
    return sorted(
        place
        for place, value in stored_rows()
        if isinstance(value, bytes | memoryview) and bytes(value) in sealed
    )


def test_result_of_a_live_test_does_not_sing(
    httpserver: Any, settings: Any, member: Client, workspace: Any
) -> None:
    allow_loopback(settings)
    service = KeyService(httpserver)
    body(service.address)
    connect = address("connect", workspace, "local-api", "api_key")
    sent = {"credentials.api_key": PLAIN, "config.base_url": service.address}
    refused = member.post(connect, sent)
    assert "does not accept it" in refused.content.decode()
    service.status = 503
    made = member.post(connect, sent)
    page = member.get(made["Location"])
    assert "could not be asked" in page.content.decode()
    assert_silent(refused, made, page)
    row = Connection.objects.get()
    # A service that sends back what it was given gives nothing away.
    service.status, service.account = None, PLAIN
    tested = member.post(address("test-connection", workspace, row.public_id))
    assert heard_in(repr(dict(member.session))) == []
    assert_silent(tested, member.get(made["Location"]))
