"""Secrets are write-only: a canary in every secret field is heard nowhere but where it is asked."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import RequestFactory

from connections.models import Connection, Credential
from connections.serializers import ConnectionChangeSerializer, ConnectionSerializer
from mielto.logs import formatter
from mielto.reports import QuietFilter, QuietReporter
from tests.canary import (
    PLAIN,
    SECRETIVE,
    WORD,
    heard_in,
    heard_in_storage,
    secrets,
)
from tests.factories import api_client, make_actor, make_integration, make_key, make_workspace

pytestmark = pytest.mark.django_db

WRONG = {"config": {"region": 5, "config_secret": WORD}}


class Listener(logging.Handler):
    """Keeps every line as the installation would write it."""

    def __init__(self) -> None:
        super().__init__(level=logging.NOTSET)
        self.setFormatter(formatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(autouse=True)
def log() -> Iterator[Listener]:
    """Nothing that any test here makes the system write, at any level, may sing."""
    listener, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield listener
    root.removeHandler(listener)
    root.setLevel(level)
    # The SQL that Django logs for developers carries ciphertext, never a value.
    assert [line for line in listener.lines if heard_in(line)] == []


@pytest.fixture
def workspace() -> Any:
    make_integration(SECRETIVE)
    return make_workspace()


def body(**changes: Any) -> dict[str, Any]:
    named = {"integration": "secretive", "integration_type": "custom", "label": "Secretive"}
    return {**named, **secrets(), **changes}


def create(client: Any) -> str:
    response = client.post_json("/connections", body())
    assert response.status_code == 201, response.content
    assert heard_in(response.content) == []
    return str(response.json()["id"])


def test_a_canary_is_heard_when_it_is_there() -> None:
    """The ear itself: each way of writing the word is noticed."""
    assert heard_in(f"… {WORD} …")
    assert heard_in(PLAIN.encode().hex().upper())
    assert heard_in({"key": [WORD]})
    assert heard_in(b"\xff\x00" + WORD.encode())
    assert not heard_in("nothing to hear")


def test_no_answer_of_the_api_sings(workspace: Any) -> None:
    client = api_client(make_key(workspace))
    name = create(client)
    answers = [
        client.get_json("/connections"),
        client.get_json("/connections?cursor="),
        client.get_json(f"/connections/{name}"),
        client.get_json(f"/connections/{name}?include_credential=true"),
        client.get_json("/credentials"),
        client.post_json(f"/connections/{name}/test", {}),
        client.patch_json(f"/connections/{name}", {"label": "Other"}),
        client.patch_json(f"/connections/{name}", {"credentials": {"word": WORD}}),
        client.patch_json(f"/connections/{name}", {**WRONG, "credentials": {"word": WORD}}),
        client.post_json("/connections", body(**WRONG)),
        client.post_json("/connections", body(credentials={"word": [WORD]})),
        client.post_json("/connections", body(label=5, integration="nothing")),
        client.post_json("/connections", {WORD[:8]: WORD, **body()}),
        client.post_json("/connections/validate?integration_id=secretive", {**secrets(), **WRONG}),
        client.post_json("/connections", body(), HTTP_IDEMPOTENCY_KEY="once"),
        client.post_json("/connections", body(), HTTP_IDEMPOTENCY_KEY="once"),
        client.post_json("/connections", body(label="x"), HTTP_IDEMPOTENCY_KEY="once"),
        client.get_json("/integrations/secretive/schema"),
        client.get_json("/connections/integrations/secretive/requirements"),
        client.post_json("/connections?verify=required", body()),
        client.call("DELETE", f"/connections/{name}"),
    ]
    for answer in answers:
        assert answer.status_code < 500 or answer.status_code == 503
        assert heard_in(answer.content) == [], answer.content
        assert heard_in(str(answer.headers)) == []


def test_no_answer_about_credentials_sings(workspace: Any) -> None:
    client = api_client(make_key(workspace))
    kept = {
        "label": "Kept",
        "auth_type": "custom",
        "credential_type": "custom",
        "credentials": secrets()["credentials"],
    }
    made = client.post_json("/credentials", kept)
    assert made.status_code == 201
    name = made.json()["id"]
    used = client.post_json("/connections", body(credentials=None, credential_id=name))
    assert used.status_code == 201, used.content
    answers = [
        made,
        used,
        client.get_json(f"/credentials/{name}"),
        client.put_json(f"/credentials/{name}", {"credentials": {"word": 5, "wrong": WORD}}),
        client.put_json(f"/credentials/{name}", {"credentials": {"word": WORD}}),
        client.call("DELETE", f"/credentials/{name}"),
    ]
    for answer in answers:
        assert heard_in(answer.content) == []


def test_the_values_come_out_where_they_are_asked_for(workspace: Any) -> None:
    """Without this the other tests could pass because nothing was stored."""
    client = api_client(make_key(workspace))
    name = create(client)
    revealed = client.get_json(f"/connections/{name}/credentials")
    assert revealed.json()["credentials"] == secrets()["credentials"]
    assert revealed.json()["config"] == secrets()["config"]
    assert revealed["Cache-Control"] == "no-store"


def test_nothing_stored_sings(workspace: Any) -> None:
    client = api_client(make_key(workspace))
    name = create(client)
    client.post_json("/connections", body(), HTTP_IDEMPOTENCY_KEY="once")
    client.patch_json(f"/connections/{name}", {"credentials": {"word": f"new {WORD}"}})
    client.get_json(f"/connections/{name}/credentials")
    client.post_json("/connections", body(**WRONG))
    assert Credential.objects.count() == 2
    assert heard_in_storage() == []


def test_no_object_sings_when_it_is_printed(workspace: Any) -> None:
    create(api_client(make_key(workspace)))
    connection = Connection.objects.with_parts().get()
    actor = make_actor(workspace)
    serializer = ConnectionSerializer(data=body(), context={"actor": actor})
    assert serializer.is_valid()
    wrong = ConnectionSerializer(data=body(**WRONG), context={"actor": actor})
    assert not wrong.is_valid()
    change = ConnectionChangeSerializer(
        connection, data={"credentials": {"word": WORD}}, context={"actor": actor}
    )
    assert change.is_valid()
    printed = [
        connection,
        connection.credential,
        serializer,
        serializer.checked_values,
        wrong,
        wrong.errors,
        change,
        change.checked_values,
    ]
    assert [type(one).__name__ for one in printed if heard_in(repr(one) + str(one))] == []


def test_an_error_report_shows_no_body_and_no_variable(log: Listener) -> None:
    request = RequestFactory().post(
        f"/w/x?secret={PLAIN}", {"credentials.word": WORD}, HTTP_X_SECRET=PLAIN
    )
    request.COOKIES["session"] = PLAIN
    try:
        _fail_with(WORD)
    except ValueError as error:
        reporter = QuietReporter(request, type(error), error, error.__traceback__)
        reporter.filter = QuietFilter()
        logging.getLogger("connections.test").exception("failed", extra={"password": PLAIN})
        assert heard_in(reporter.get_traceback_html()) == []
        assert heard_in(reporter.get_traceback_text()) == []
    assert len(log.lines) > 0


def _fail_with(value: str) -> None:
    credentials = {"word": value}
    raise ValueError(f"cannot use {credentials}")
