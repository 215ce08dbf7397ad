"""Fields of the stage `setup`: filled in by staff, demanded before anybody connects."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connections.models import AuditEvent, MethodSetup
from tests.canary import heard_in, heard_in_storage
from tests.factories import api_client, make_integration, make_key, make_user, make_workspace

pytestmark = pytest.mark.django_db

# One of the words that the canary test listens for.
SECRET = "KanarieZJq7Wd2Xv9Bt4"
YAML = """
slug: set-up-first
name: Set up first
type: tool
auth_methods:
  - id: key
    name: Key
    kind: bearer
    fields:
      - {key: token, type: password, label: Token}
      - {key: signing_secret, type: password, label: Signing secret, stage: setup, min_length: 8}
      - {key: site, target: config, type: subdomain, label: Site, stage: setup, required: false}
"""
BODY = {
    "integration": "set-up-first",
    "integration_type": "tool",
    "credentials": {"token": "a token"},
}


@pytest.fixture
def place() -> Any:
    make_integration(YAML)
    return make_workspace()


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def fields(response: Any) -> list[tuple[str, str, str]]:
    rows = response.json()["detail"]["fields"]
    return [(row["field"], row["code"], row["message"]) for row in rows]


def set_up(staff: Client, place: Any, **typed: str) -> Any:
    """Both steps of the admin."""
    method = make_integration(YAML).auth_methods.get()
    chosen = {"workspace": place.pk, "auth_method": method.pk}
    step = staff.post(reverse("admin:connections_methodsetup_add"), chosen)
    assert step.status_code == 302, step.context["errors"]
    return staff.post(step["Location"], typed)


def test_nobody_connects_before_it_is_set_up(place: Any) -> None:
    response = api_client(make_key(place)).post_json("/connections", BODY)
    message = "Field 'Signing secret' has to be set up by staff first"
    assert fields(response) == [("credentials.signing_secret", "not_set_up", message)]


def test_staff_set_it_up_once_for_the_workspace(place: Any, staff: Client) -> None:
    saved = set_up(staff, place, **{"credentials.signing_secret": SECRET, "config.site": "acme"})
    assert saved.status_code == 302
    row = MethodSetup.objects.get()
    assert row.get_values() == {
        "credentials": {"signing_secret": SECRET},
        "config": {"site": "acme"},
    }
    assert api_client(make_key(place)).post_json("/connections", BODY).status_code == 201
    elsewhere = api_client(make_key(make_workspace())).post_json("/connections", BODY)
    assert fields(elsewhere)[0][1] == "not_set_up"


def test_what_is_set_up_is_shown_nowhere(place: Any, staff: Client) -> None:
    set_up(staff, place, **{"credentials.signing_secret": SECRET, "config.site": "acme"})
    row = MethodSetup.objects.get()
    page = staff.get(reverse("admin:connections_methodsetup_change", args=[row.pk]))
    listed = staff.get(reverse("admin:connections_methodsetup_changelist"))
    assert "acme" in page.content.decode()
    assert heard_in(page.content) == heard_in(listed.content) == heard_in_storage() == []
    event = AuditEvent.objects.filter(action="method.set_up").first()
    assert event is not None
    assert event.fields == ["config.site", "credentials.signing_secret"]


def test_a_blank_secret_keeps_what_is_stored(place: Any, staff: Client) -> None:
    set_up(staff, place, **{"credentials.signing_secret": SECRET})
    row = MethodSetup.objects.get()
    address = reverse("admin:connections_methodsetup_change", args=[row.pk])
    staff.post(address, {"credentials.signing_secret": "", "config.site": "other"})
    row.refresh_from_db()
    assert row.get_values()["credentials"] == {"signing_secret": SECRET}
    assert row.get_values()["config"] == {"site": "other"}


def test_its_rules_are_the_fields_rules(place: Any, staff: Client) -> None:
    page = set_up(staff, place, **{"credentials.signing_secret": SECRET[:7]})
    assert page.status_code == 200
    assert "must be at least 8 characters" in page.content.decode()
    assert heard_in(page.content) == []
    assert MethodSetup.objects.get().field_names == []


def test_a_caller_cannot_bring_it_along(place: Any, staff: Client) -> None:
    set_up(staff, place, **{"credentials.signing_secret": SECRET})
    sent = {**BODY, "credentials": {"token": "a token", "signing_secret": "another one"}}
    response = api_client(make_key(place)).post_json("/connections", sent)
    assert fields(response)[0][:2] == ("credentials.signing_secret", "not_applicable")
