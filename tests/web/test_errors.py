"""Pages of what failed before a view or in one: what happened, and what somebody can do now."""

import pytest

from tests.factories import make_member, make_user, make_workspace
from tests.web.browser import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    user = make_user()
    make_member(make_workspace("acme"), user, role="viewer")
    client = signed_in(user)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("path", "host", "status", "remedy"),
    [
        pytest.param("/", "elsewhere.example", 400, "reload the page and send it", id="host"),
        pytest.param("/w/acme/settings/keys", "testserver", 403, "Ask an owner", id="role"),
        pytest.param("/w/other/connections", "testserver", 404, "Check the address", id="unknown"),
    ],
)
def test_refusal_says_what_to_do_next(client, path, host, status, remedy):
    answer = client.get(path, headers={"host": host})
    assert answer.status_code == status
    assert remedy in answer.content.decode()


def test_failure_says_what_to_do_next_and_not_what_failed(client, monkeypatch):
    def fail(*_arguments, **_named):
        raise RuntimeError("hunter2")

    monkeypatch.setattr("connections.web.gallery.page_of", fail)
    answer = client.get("/w/acme/integrations")
    assert answer.status_code == 500
    assert "Try again in a moment" in answer.content.decode()
    assert "hunter2" not in answer.content.decode()


def test_remedy_for_people_stays_out_of_answers_to_programs(client):
    answer = client.get("/api/unheard-of")
    assert (answer.status_code, answer.json()) == (
        404,
        {"detail": "Not found", "code": "not_found"},
    )
