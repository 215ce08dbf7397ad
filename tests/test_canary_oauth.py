"""What an authorization knows is secret too: tokens, client secrets, values before the consent."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from connections.models import Connection, Credential, OAuthClient, OAuthFlow
from connections.services.oauth_flows.browser import open_flow
from connections.services.oauth_flows.exchanging import Obtained
from connections.services.oauth_flows.parties import parties_of
from connections.services.oauth_flows.starting import Begun
from connections.services.oauth_flows.wanted import Wanted
from tests.canary import PLAIN, heard_in, heard_in_storage, stored_rows
from tests.factories import api_client, make_key, make_workspace
from tests.oauth_flow.service import came_back, make_client, make_service, opened
from tests.test_canary import Listener

pytestmark = pytest.mark.django_db

BODY = {"integration_id": "local-grant", "credentials": {"developer_token": PLAIN}}


@pytest.fixture(autouse=True)
def log() -> Iterator[Listener]:
    """Nothing that is written to the log sings, at any level."""
    listener, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield listener
    root.removeHandler(listener)
    root.setLevel(level)
    assert [line for line in listener.lines if heard_in(line)] == []


@pytest.fixture
def service(httpserver: Any, settings: Any) -> Any:
    service = make_service(httpserver, settings)
    service.extra = {"access_token": f"access-{PLAIN}", "refresh_token": f"refresh-{PLAIN}"}
    return service


@pytest.fixture
def api(service: Any) -> Any:
    workspace = make_workspace()
    make_client(workspace)
    return api_client(make_key(workspace))


def test_no_step_of_a_flow_sings(api: Any, service: Any) -> None:
    begun = api.post_json("/oauth/initiate", BODY)
    browser = Client()
    said = service.consent(opened(browser, begun.json()["auth_url"]))
    assert heard_in_storage() == []
    back = came_back(browser, said)
    row = Connection.objects.get()
    assert Credential.objects.get().get_values()["access_token"] == f"access-{PLAIN}"
    again = api.post_json("/oauth/initiate", {**BODY, "connection_id": row.public_id})
    answers = [
        begun,
        back,
        browser.get(back["Location"]),
        again,
        api.post_json("/oauth/initiate", {**BODY, "config": {"tenant": PLAIN}}),
        api.post_json("/oauth/initiate", {**BODY, "config": PLAIN, "redirect_uri": PLAIN}),
        api.post_json(f"/oauth/refresh/{row.public_id}", {}),
        api.post_json(f"/oauth/revoke/{row.public_id}", {}),
        api.get_json("/connections"),
    ]
    for answer in answers:
        assert heard_in(answer.content) == [], answer.content
        assert heard_in(str(answer.headers)) == []
    assert heard_in_storage() == []
    assert PLAIN not in str(browser.cookies)


def test_code_and_state_are_kept_nowhere(api: Any, service: Any, log: Listener) -> None:
    begun = api.post_json("/oauth/initiate", BODY).json()
    browser = Client()
    said = service.consent(opened(browser, begun["auth_url"]))
    (cookie,) = [one.value for one in browser.cookies.values()]
    service.codes[said["code"]]["code_challenge"] = "another"
    assert came_back(browser, said)["Location"] == "/oauth/result/invalid_grant"
    stored = [str(value) for _place, value in stored_rows()] + log.lines
    for secret in (said["code"], said["state"], cookie):
        assert [one for one in stored if secret in one] == []


def test_service_that_repeats_what_it_was_sent_is_not_repeated(api: Any, service: Any) -> None:
    service.extra = {"error": PLAIN, "error_description": PLAIN, "error_uri": PLAIN}
    begun = api.post_json("/oauth/initiate", BODY).json()
    browser = Client()
    back = came_back(browser, service.consent(opened(browser, begun["auth_url"])))
    assert heard_in(browser.get(back["Location"]).content) == []
    assert heard_in_storage() == []


def test_no_object_of_a_flow_sings_when_it_is_printed(api: Any, service: Any) -> None:
    begun = api.post_json("/oauth/initiate", BODY).json()
    flow = OAuthFlow.objects.get()
    assert flow.get_context()["credentials"] == {"developer_token": PLAIN}
    parties = parties_of(flow)
    tokens = {"access_token": PLAIN}
    wanted = Wanted(
        integration=parties.integration, method=parties.method, credentials=tokens, config=tokens
    )
    printed = [
        flow,
        parties,
        wanted,
        Obtained(parties=parties, credentials=tokens, config=tokens, grant=None),  # type: ignore[arg-type]
        OAuthClient.objects.get(),
    ]
    assert [type(one).__name__ for one in printed if heard_in(repr(one) + str(one))] == []
    now = flow.created_at
    told = [Begun(url=begun["auth_url"], state=begun["state"])]
    told += [open_flow(begun["state"], user=None, now=now)]
    assert [one for one in told if begun["state"] in repr(one)] == []
