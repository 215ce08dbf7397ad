"""Verify before create: what a service says decides what is stored, and nothing is lost by it."""

import time

import pytest
from werkzeug import Response

from connections.models import AuditEvent, Connection, Credential
from connections.services import schedule
from tests.factories import api_client, make_key, make_workspace
from tests.live_service import BAD, GOOD, KeyService, allow_loopback, body, nobody_listens

pytestmark = pytest.mark.django_db

TYPES = ("connectors", "mcp", "tool", "model", "custom", "storage", "api")


@pytest.fixture(autouse=True)
def calls_are_allowed(settings):
    allow_loopback(settings)


@pytest.fixture
def service(httpserver):
    return KeyService(httpserver)


@pytest.fixture
def client():
    return api_client(make_key(make_workspace()))


def problem(answer):
    (found,) = answer.json()["detail"]["fields"]
    return found["field"], found["code"]


def rows_stored():
    return Connection.objects.count() + Credential.objects.count() + AuditEvent.objects.count()


@pytest.mark.parametrize("type_", TYPES)
def test_service_that_accepts_makes_it_active(client, service, type_):
    answer = client.post_json("/connections", body(service.address, type_=type_))
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert (made["status"], made["status_reason"]) == ("active", None)
    assert made["account"] == {"id": "acct-1", "label": "Ada"}
    assert made["last_tested_at"] is not None
    assert service.keys == [GOOD]


@pytest.mark.parametrize("type_", TYPES)
def test_service_that_refuses_stores_nothing(client, service, type_):
    answer = client.post_json("/connections", body(service.address, type_=type_, key=BAD))
    assert answer.status_code == 400
    assert problem(answer) == ("credentials", "unauthorized")
    assert answer.json()["detail"]["message"] == "Connection validation failed"
    assert BAD not in answer.content.decode()
    assert rows_stored() == 0


@pytest.mark.parametrize("type_", TYPES)
def test_service_that_is_down_leaves_it_testing_and_later_active(client, service, type_):
    service.status = 503
    made = client.post_json("/connections", body(service.address, type_=type_)).json()
    assert made["status"] == "testing"
    assert made["status_reason"]["code"] == "service_error"
    assert Connection.objects.get().next_test_at is not None
    service.status = None
    report = client.post_json(f"/connections/{made['id']}/test", {}).json()
    assert (report["valid"], report["live"]["status"]) == (True, "passed")
    assert client.get_json(f"/connections/{made['id']}").json()["status"] == "active"


@pytest.mark.parametrize("type_", TYPES)
def test_service_that_refuses_connections_leaves_it_testing(client, type_):
    made = client.post_json("/connections", body(nobody_listens(), type_=type_)).json()
    assert (made["status"], made["status_reason"]["code"]) == ("testing", "refused")


@pytest.mark.parametrize("type_", TYPES)
def test_service_that_is_slow_leaves_it_testing(client, httpserver, monkeypatch, type_):
    def slow(_request):
        time.sleep(0.5)
        return Response("{}")

    httpserver.expect_request("/me").respond_with_handler(slow)
    monkeypatch.setattr("connections.services.verification.LONGEST_CALL", 0.2)
    address = httpserver.url_for("").rstrip("/")
    made = client.post_json("/connections", body(address, type_=type_)).json()
    assert (made["status"], made["status_reason"]["code"]) == ("testing", "timeout")


@pytest.mark.parametrize("status", [429, 500, 302])
def test_required_verdict_that_nobody_gives_stores_nothing(client, service, status):
    service.status = status
    answer = client.post_json("/connections?verify=required", body(service.address))
    assert (answer.status_code, answer.json()["code"]) == (503, "unverifiable")
    assert answer["Retry-After"]
    assert rows_stored() == 0


def test_required_verdict_of_a_service_that_accepts(client, service):
    answer = client.post_json("/connections?verify=required", body(service.address))
    assert (answer.status_code, answer.json()["status"]) == (201, "active")


def test_never_calls_nobody(client, service):
    sent = body(service.address, key=BAD)
    made = client.post_json("/connections?verify=never", sent).json()
    assert (made["status"], made["last_tested_at"]) == ("active", None)
    assert service.keys == []


def test_rules_come_first_and_nothing_is_sent(client, service):
    sent = {**body(service.address), "credentials": {}}
    assert client.post_json("/connections", sent).status_code == 400
    assert service.keys == []


def test_base_url_with_nothing_there(client, httpserver):
    httpserver.expect_request("/nothing/me").respond_with_data("", status=404)
    answer = client.post_json("/connections", body(httpserver.url_for("/nothing")))
    assert answer.status_code == 400
    assert problem(answer) == ("config.base_url", "not_found_base_url")


def test_address_that_may_not_be_called_is_refused(client, settings):
    settings.EGRESS_ALLOW_CIDRS = []
    answer = client.post_json("/connections", body("http://127.0.0.1:9"))
    assert answer.status_code == 400
    assert problem(answer) == ("config.base_url", "blocked")
    assert rows_stored() == 0


def test_dry_run_asks_only_if_told(client, service):
    sent = body(service.address, key=BAD)
    values = {name: sent[name] for name in ("credentials", "config")}
    asked = "/connections/validate?integration_id=local-api"
    quiet = client.post_json(asked, values).json()
    assert (quiet["valid"], quiet["live"], service.keys) == (True, None, [])
    tried = client.post_json(f"{asked}&live=true", values).json()
    assert (tried["valid"], tried["live"]["cause"]) == (False, "unauthorized")
    assert [stage["status"] for stage in tried["stages"]] == [
        *("passed", "passed"),
        *("passed", "failed", "skipped"),
    ]
    assert rows_stored() == 0


class TestStored:
    @pytest.fixture
    def stored(self, client, service):
        return client.post_json("/connections", body(service.address)).json()

    def revealed(self, client, stored):
        return client.get_json(f"/connections/{stored['id']}/credentials").json()["credentials"]

    def test_bad_secret_leaves_the_good_one_working(self, client, stored):
        change = {"credentials": {"api_key": BAD}}
        answer = client.patch_json(f"/connections/{stored['id']}", change)
        assert (answer.status_code, problem(answer)) == (400, ("credentials", "unauthorized"))
        assert self.revealed(client, stored) == {"api_key": GOOD}
        assert client.get_json(f"/connections/{stored['id']}").json()["status"] == "active"

    def test_secret_of_another_account_is_refused(self, client, service, stored):
        service.account = "acct-2"
        change = {"credentials": {"api_key": GOOD}}
        answer = client.patch_json(f"/connections/{stored['id']}", change)
        assert (answer.status_code, problem(answer)) == (400, ("credentials", "wrong_account"))
        account = client.get_json(f"/connections/{stored['id']}").json()["account"]
        assert account == {"id": "acct-1", "label": "Ada"}

    def test_refusal_found_by_a_test_becomes_the_status(self, client, service, stored):
        service.status = 401
        report = client.post_json(f"/connections/{stored['id']}/test", {}).json()
        assert (report["valid"], report["live"]["cause"]) == (True, "unauthorized")
        row = client.get_json(f"/connections/{stored['id']}").json()
        assert (row["status"], row["status_reason"]["code"]) == ("error", "unauthorized")
        assert row["status_reason"]["hint"]

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_outage_is_no_verdict(self, client, service, stored, status):
        service.status = status
        client.post_json(f"/connections/{stored['id']}/test", {})
        assert client.get_json(f"/connections/{stored['id']}").json()["status"] == "active"

    def test_what_is_switched_off_stays_off(self, client, stored):
        client.patch_json(f"/connections/{stored['id']}", {"status": "inactive"})
        client.post_json(f"/connections/{stored['id']}/test", {})
        assert client.get_json(f"/connections/{stored['id']}").json()["status"] == "inactive"

    def test_other_account_found_by_a_test_is_an_error(self, client, service, stored):
        service.account = "acct-2"
        report = client.post_json(f"/connections/{stored['id']}/test", {}).json()
        assert [row["code"] for row in report["fields"]] == ["wrong_account"]
        row = client.get_json(f"/connections/{stored['id']}").json()
        assert (row["status"], row["account"]["id"]) == ("error", "acct-1")

    def test_working_connection_is_tried_again_in_about_a_day(self, stored):
        row = Connection.objects.get()
        assert abs(row.next_test_at - row.created_at - schedule.RETEST_EVERY).days <= 1

    def test_consent_that_was_taken_back_is_not_brought_back_by_a_test(self, client, stored):
        row = Connection.objects.get()
        row.mark_expired(code="revoked", message="Revoked", hint=None, now=row.created_at)
        row.save()
        client.post_json(f"/connections/{stored['id']}/test", {})
        shown = client.get_json(f"/connections/{stored['id']}").json()
        assert (shown["status"], shown["status_reason"]["code"]) == ("expired", "revoked")

    def test_page_that_is_missing_for_a_while_is_no_verdict(self, client, service, stored):
        service.status = 404
        for _time in range(5):
            client.post_json(f"/connections/{stored['id']}/test", {})
        assert client.get_json(f"/connections/{stored['id']}").json()["status"] == "active"
        client.post_json(f"/connections/{stored['id']}/test", {})
        shown = client.get_json(f"/connections/{stored['id']}").json()
        assert (shown["status"], shown["status_reason"]["code"]) == ("error", "not_found_base_url")
