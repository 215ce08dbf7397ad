"""The pages behind a link: what they offer, what they refuse, and that they make one connection."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone

from connections.models import AuditEvent, Connection, ConnectSession
from integrations.models import Integration
from integrations.services import mark_changed
from tests.api.test_tenants import dump
from tests.factories import KEY_AND_EMAIL, make_integration, make_workspace
from tests.links.linking import (
    ORIGIN,
    RETURN,
    TYPED,
    fill_in,
    guest,
    landed,
    make_link,
    make_session,
)
from tests.web.browser import errors_of

pytestmark = pytest.mark.django_db

OTHER = KEY_AND_EMAIL.replace("key-and-email", "another").replace("Key and email", "Another")
REGIONAL = """
slug: regional
name: Regional
type: api
auth_methods:
  - id: api_key
    name: API key
    kind: api_key
    default: true
    fields:
      - {key: api_key, type: password, label: API key}
      - {key: region, target: config, label: Region, pattern: '[a-z]+'}
      - {key: zone, target: config, label: Zone, visible_if: {field: region, equals: eu}}
    request: {base_url: 'https://api.example.com', headers: {X-Key: '{api_key}'}}
"""


@pytest.fixture
def workspace() -> Any:
    make_integration(KEY_AND_EMAIL)
    make_integration(OTHER)
    make_integration(REGIONAL)
    return make_workspace(return_urls=[RETURN], embed_origins=[ORIGIN])


def test_one_integration_leads_straight_to_its_form(workspace):
    page = landed(guest(), make_link(workspace))
    assert page.url.endswith("/i/key-and-email/api_key")
    assert "Connect Key and email" in page.content.decode()


def test_several_are_offered_and_nothing_else(workspace):
    page = landed(guest(), make_link(workspace, integrations=["another", "key-and-email"]))
    text = page.content.decode()
    assert "Another" in text
    assert "Key and email" in text
    assert "Regional" not in text


def test_connection_is_that_of_the_session(workspace):
    link, session = make_session(
        workspace, user_id="user-42", label="Ada's", metadata={"team": "blue"}
    )
    client = guest()
    answer = fill_in(client, link)
    assert (answer.status_code, answer["Location"]) == (303, f"{link}/done")
    row = Connection.objects.get()
    assert (row.user_id, row.label, row.metadata) == ("user-42", "Ada's", {"team": "blue"})
    assert (row.owner, row.created_by) == (None, f"session {session.public_id}")
    session.refresh_from_db()
    assert (session.status, session.connected) == ("completed", row.public_id)
    assert set(AuditEvent.objects.values_list("actor", "action")) >= {
        (f"session {session.public_id}", "connection.created"),
        (f"session {session.public_id}", "connect_session.completed"),
    }
    assert client.cookies == {}


def test_looking_uses_nothing_up(workspace):
    """Chat programs and mail scanners open every link."""
    link = make_link(workspace)
    for _time in range(3):
        assert landed(guest(), link).status_code == 200
        assert guest().head(link).status_code == 302
    assert fill_in(guest(), link).status_code == 303


def assert_over(answer, status, words):
    assert answer.status_code == status, answer.content
    assert words in answer.content.decode()


def test_link_that_was_used_makes_no_second_connection(workspace):
    link = make_link(workspace)
    form = landed(guest(), link).url
    assert fill_in(guest(), link).status_code == 303
    before = dump()
    for answer in (guest().get(link), guest().get(form), guest().post(form, TYPED)):
        assert_over(answer, 410, "This link has been used already")
    assert dump() == before


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        pytest.param({"expires_at": timezone.now()}, "This link has expired", id="expired"),
        pytest.param({"status": "cancelled"}, "This link was cancelled", id="cancelled"),
    ],
)
def test_link_that_is_over_changes_nothing(workspace, columns, words):
    link = make_link(workspace)
    form = landed(guest(), link).url
    ConnectSession.objects.update(**columns)
    before = dump()
    for answer in (guest().get(link), guest().get(form), guest().post(form, TYPED)):
        assert_over(answer, 410, words)
    assert dump() == before


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 5000, "%00", "..%2f", "Ä" * 43])
def test_made_up_link_is_not_found(workspace, token):
    assert guest().get(f"/connect/{token}").status_code == 404
    assert guest().post(f"/connect/{token}/cancel").status_code == 404


def test_workspace_that_is_off_has_no_links(workspace):
    link = make_link(workspace)
    workspace.is_active = False
    workspace.save()
    assert guest().get(link).status_code == 404


def test_other_integration_is_not_there(workspace):
    link = make_link(workspace)
    before = dump()
    for path in ("/i/another", "/i/another/api_key", "/i/none/none", "/i/key-and-email/none"):
        assert_over(guest().get(link + path), 404, "This link is not valid")
    assert_over(guest().post(f"{link}/i/another/api_key", TYPED), 404, "This link is not valid")
    assert dump() == before


def test_integration_that_was_withdrawn_is_gone(workspace):
    link = make_link(workspace)
    form = landed(guest(), link).url
    row = Integration.objects.get(slug="key-and-email")
    row.is_enabled = False
    row.save()
    mark_changed(row.pk)
    for answer in (landed(guest(), link), guest().get(form), guest().post(form, TYPED)):
        assert_over(answer, 410, "This can no longer be connected")
    assert not Connection.objects.exists()


def test_the_others_are_offered_still(workspace):
    link = make_link(workspace, integrations=["another", "key-and-email"])
    row = Integration.objects.get(slug="another")
    row.is_enabled = False
    row.save()
    mark_changed(row.pk)
    text = landed(guest(), link).content.decode()
    assert "Another" not in text
    assert "Key and email" in text


@pytest.mark.parametrize(
    "query",
    ["user_id=x", "end_user_id=x", "label=x", "metadata.team=x", "config.region=x", "locale=de",
     "integrations=another", "return_url=//evil.example", "origin=x", "connection_id=x"],
)  # fmt: skip
def test_preset_in_the_query_is_refused(workspace, query):
    link = make_link(workspace, user_id="user-42")
    form = landed(guest(), link).url
    before = dump()
    for answer in (guest().get(f"{link}?{query}"), guest().post(f"{form}?{query}", TYPED)):
        assert_over(answer, 404, "This link is not valid")
    assert dump() == before


def test_words_of_a_tracker_in_the_query_do_no_harm(workspace):
    assert landed(guest(), make_link(workspace) + "?utm_source=mail&fbclid=1").status_code == 200


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("user_id", "User id"),
        ("metadata", "Metadata"),
        ("label", "Label"),
        ("config.region", "Region"),
    ],
)
def test_preset_in_the_form_is_refused(workspace, name, label):
    link = make_link(
        workspace,
        integrations=["regional"],
        user_id="user-42",
        label="Set",
        metadata={"a": "b"},
        config={"region": "us"},
    )
    typed = {"credentials.api_key": "a key"}
    answer = fill_in(guest(), link, {**typed, name: "us"})
    assert answer.status_code == 200
    assert errors_of(answer)["__all__"] == [
        f"Field '{label}' was set by whoever sent you this link. "
        "It cannot be changed here: leave it out."
    ]
    assert not Connection.objects.exists()
    assert fill_in(guest(), link, typed).status_code == 303


@pytest.mark.parametrize(
    ("region", "asks_zone"), [("us", False), ("eu", True)], ids=["closed", "open"]
)
def test_preset_is_hidden_and_decides_what_hangs_on_it(workspace, region, asks_zone):
    link = make_link(workspace, integrations=["regional"], config={"region": region})
    text = landed(guest(), link).content.decode()
    assert 'name="config.region"' not in text
    assert ('name="config.zone"' in text) is asks_zone
    typed = {"credentials.api_key": "a key"} | ({"config.zone": "1"} if asks_zone else {})
    assert fill_in(guest(), link, typed).status_code == 303
    expected = {"region": region} | ({"zone": "1"} if asks_zone else {})
    assert Connection.objects.get().config == expected


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site", "HTTP_ORIGIN": "null"},
    ],
)
def test_form_of_another_site_is_refused(workspace, headers):
    link = make_link(workspace)
    form = landed(guest(), link).url
    before = dump()
    for path in (form, f"{link}/cancel"):
        assert_over(guest().post(path, TYPED, **headers), 403, "came from another place")
    assert dump() == before


@pytest.mark.parametrize("origin", ["null", "http://testserver"])
def test_own_form_is_accepted_in_a_frame(workspace, origin):
    """No cookie is sent there, and a page without referrer sends `null` as its origin."""
    headers = {"HTTP_ORIGIN": origin, "HTTP_SEC_FETCH_DEST": "iframe"}
    answer = fill_in(guest(), make_link(workspace, origin=ORIGIN), **headers)
    assert answer.status_code == 303


def test_tries_are_counted(workspace):
    link = make_link(workspace)
    ConnectSession.objects.update(attempts=ConnectSession.MOST_TRIES - 1)
    assert fill_in(guest(), link, {"credentials.api_key": ""}).status_code == 200
    assert_over(fill_in(guest(), link), 429, "This was tried too often")
    assert not Connection.objects.exists()


def test_same_messages_as_from_the_api(workspace):
    answer = fill_in(guest(), make_link(workspace), {"credentials.email": "a@b"})
    assert errors_of(answer) == {
        "credentials.api_key": ["Field 'API Key' is required"],
        "credentials.email": ["Field 'Email' must be a valid email address"],
    }


def test_page_is_kept_and_told_on_by_nobody(workspace):
    link = make_link(workspace)
    for answer in (landed(guest(), link), guest().get("/connect/" + "A" * 43)):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"


def frames_of(answer):
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";")
    )
    return policy["frame-ancestors"], answer.headers.get("X-Frame-Options")


def test_only_the_stored_origin_may_frame_it(workspace):
    assert frames_of(landed(guest(), make_link(workspace))) == ("'none'", "DENY")
    link = make_link(workspace, origin=ORIGIN)
    page = landed(guest(), link)
    assert frames_of(page) == (ORIGIN, None)
    assert page["Cross-Origin-Opener-Policy"] == "unsafe-none"
    workspace.embed_origins = []
    workspace.save()
    page = landed(guest(), link)
    assert frames_of(page) == ("'none'", "DENY")
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"


def test_afterwards_the_browser_returns_with_the_connection(workspace):
    link, session = make_session(workspace, return_url=RETURN)
    client = guest()
    page = client.get(fill_in(client, link)["Location"])
    address = page.context["return_address"]
    assert f'content="0;url={address}"'.replace("&", "&amp;") in page.content.decode()
    assert address.startswith("https://app.example.com/connected?from=mielto&")
    assert dict(parse_qsl(urlsplit(address).query)) == {
        "from": "mielto",
        "status": "success",
        "connection_id": Connection.objects.get().public_id,
        "session_id": session.public_id,
    }


def test_address_that_left_the_list_is_not_returned_to(workspace):
    link = make_link(workspace, return_url=RETURN)
    client = guest()
    done = fill_in(client, link)["Location"]
    workspace.return_urls = []
    workspace.save()
    text = client.get(done).content.decode()
    assert "app.example.com" not in text
    assert "You can close this window." in text


def test_embedding_page_is_told_once_and_by_its_origin(workspace):
    link, session = make_session(workspace, origin=ORIGIN)
    client = guest()
    page = client.get(fill_in(client, link)["Location"])
    name = Connection.objects.get().public_id
    assert page.context["told"] == {
        "message": f'{{"type": "mielto:connected", "connection_id": "{name}", '
        f'"session_id": "{session.public_id}"}}',
        "origin": ORIGIN,
    }
    text = page.content.decode()
    assert text.count("data-message=") == 1
    assert f'data-origin="{ORIGIN}"' in text
    assert "You can close this window." in text


def test_nobody_is_told_without_an_origin(workspace):
    link = make_link(workspace)
    client = guest()
    assert "data-message" not in client.get(fill_in(client, link)["Location"]).content.decode()


def test_result_is_not_shown_to_whoever_finds_the_link_later(workspace):
    link = make_link(workspace)
    client = guest()
    done = fill_in(client, link)["Location"]
    assert client.get(done).status_code == 200
    ConnectSession.objects.update(ended_at=timezone.now() - timedelta(minutes=11))
    assert client.get(done).status_code == 410


def test_cancelled_is_told_too(workspace):
    link, session = make_session(workspace, origin=ORIGIN, return_url=RETURN)
    client = guest()
    answer = client.post(f"{link}/cancel")
    assert (answer.status_code, answer["Location"]) == (303, f"{link}/done")
    page = client.get(answer["Location"])
    assert '"type": "mielto:cancelled"' in page.context["told"]["message"]
    assert "status=cancelled" in page.context["return_address"]
    session.refresh_from_db()
    assert session.status == "cancelled"
    assert_over(fill_in_now(client, link), 410, "This link was cancelled")


def fill_in_now(client, link):
    return client.post(f"{link}/i/key-and-email/api_key", TYPED)


def test_page_speaks_the_language_of_the_link(workspace):
    page = landed(guest(), make_link(workspace, locale="de"), HTTP_ACCEPT_LANGUAGE="fr")
    assert '<html lang="de"' in page.content.decode()


# Repair


def connected(workspace):
    fill_in(guest(), make_link(workspace, user_id="user-42"))
    return Connection.objects.get()


def test_repair_changes_that_connection_in_place(workspace):
    row = connected(workspace)
    link, session = make_session(workspace, connection_id=row.public_id)
    page = landed(guest(), link)
    assert "ada@example.com" in page.content.decode()
    answer = fill_in(guest(), link, {"credentials.api_key": "another key"})
    assert answer.status_code == 303
    again = Connection.objects.get()
    assert (again.pk, again.user_id) == (row.pk, "user-42")
    assert again.credential.get_values()["api_key"] == "another key"
    session.refresh_from_db()
    assert session.connected == row.public_id


def test_repair_of_a_deleted_connection_is_gone(workspace):
    row = connected(workspace)
    link = make_link(workspace, connection_id=row.public_id)
    row.delete()
    assert_over(landed(guest(), link), 410, "The connection was deleted meanwhile")


def test_form_that_is_stale_shows_what_was_typed_but_secrets(workspace):
    link = make_link(workspace)
    page = landed(guest(), link)
    answer = guest().post(page.url, {**TYPED, "revision": "999"})
    text = answer.content.decode()
    assert "What this integration asks for has changed" in text
    assert "ada@example.com" in text
    assert "a key" not in text.replace("API key", "")
