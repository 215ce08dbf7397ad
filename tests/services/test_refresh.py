"""One refresh and what becomes of it: tokens, states, the audit log, the next attempt."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from connections.access.actors import Actor
from connections.models import AuditEvent, Connection, Credential, OAuthClient
from connections.models.leases import REFRESH
from connections.services.clients import wake_waiting
from connections.services.locks import Overtaken
from connections.services.refresh import RefreshFailed, fresh_credential, take_refresh
from connections.services.revocation import CannotRevoke, revoke_grant
from tests.factories import api_client, make_actor, make_key, make_workspace
from tests.jobs.grants import (
    OPEN_DOOR,
    age,
    make_client,
    make_grant,
    make_granting,
    make_machine,
    stored,
)
from tests.jobs.provider import running_provider
from tests.services.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(settings):
    for name, value in OPEN_DOOR.items():
        setattr(settings, name, value)
    with running_provider() as running:
        make_granting(running.url)
        yield running


def fresh(row, **options):
    actor = Actor(name="somebody", workspace=row.workspace)
    return fresh_credential(row, actor=actor, **options)


def events(row):
    found = AuditEvent.objects.filter(subject=row.public_id).order_by("id")
    return [event.action for event in found if event.action != "connection.created"]


def seconds_until(moment):
    return (moment - datetime.now(UTC)).total_seconds()


def answer(status, body=None, **headers):
    return status, body if body is not None else {}, headers


def test_token_that_is_about_to_end_is_refreshed_and_everything_says_so(provider):
    row = age(make_grant(ends_in=10))
    credential = fresh(row)
    values = credential.get_values()
    assert values["access_token"] == "access-family-1"
    assert values["refresh_token"] == "family.1"
    assert credential.auth_type == "oauth_token_refresh_rotation"
    assert 3590 < seconds_until(credential.expires_at) <= 3600
    assert 3600 - 450 - 10 < seconds_until(credential.next_refresh_at) <= 3600 - 300
    assert (credential.refresh_lease, credential.refresh_attempts) == (None, 0)
    assert credential.updated_at > row.created_at
    assert row.expires_at == stored(row).expires_at == credential.expires_at
    assert (row.status, events(row)) == ("active", ["connection.refreshed"])
    named = AuditEvent.objects.get(action="connection.refreshed")
    assert named.actor == "somebody"
    assert named.fields == [
        "credentials.access_token",
        "credentials.expires_at",
        "credentials.refresh_token",
    ]
    assert [call["grant_type"] for call in provider.calls] == ["refresh_token"]
    assert provider.calls[0]["client_secret"] == "a client's secret"


@pytest.mark.parametrize(
    ("ends_in", "lived", "within", "calls"),
    [
        pytest.param(3600, 0, None, 0, id="fresh"),
        pytest.param(70, 3600, None, 0, id="more-than-a-minute-left"),
        pytest.param(50, 3600, None, 1, id="less-than-a-minute-left"),
        pytest.param(50, 60, None, 0, id="short-life-more-than-a-tenth-left"),
        pytest.param(5, 60, None, 1, id="short-life-less-than-a-tenth-left"),
        pytest.param(70, 3600, 300, 1, id="asked-for-more"),
        pytest.param(50, 3600, 0, 0, id="asked-for-less"),
        pytest.param(-5, 3600, 0, 1, id="over"),
    ],
)
def test_when_a_read_refreshes(provider, ends_in, lived, within, calls):
    row = age(make_grant(ends_in=ends_in), lived)
    fresh(row, within=None if within is None else timedelta(seconds=within))
    assert len(provider.calls) == calls


def test_read_of_a_good_token_costs_no_query(provider, django_assert_num_queries):
    row = make_grant(ends_in=3600)
    actor = make_actor(row.workspace)
    fresh_credential(row, actor=actor)
    with django_assert_num_queries(0):
        fresh_credential(row, actor=actor)


def test_force_refreshes_what_is_good(provider):
    row = make_grant(ends_in=3600)
    assert fresh(row, force=True).get_values()["access_token"] == "access-family-1"


def test_token_without_an_end_is_left_alone(provider):
    fresh(make_grant(expires_at=None))
    assert provider.calls == []


def test_old_refresh_token_stays_where_none_comes_back(provider):
    provider.rotates = False
    credential = fresh(age(make_grant()))
    assert credential.get_values()["refresh_token"] == "family.0"
    assert credential.auth_type == "oauth_token_refresh"


def test_changed_scopes_are_stored_and_told(provider):
    provider.scripted = [answer(200, {"access_token": "new", "expires_in": 60, "scope": "read"})]
    row = age(make_grant(scope=["read", "write"]))
    assert fresh(row).get_values()["scope"] == ["read"]
    assert events(row) == ["connection.refreshed", "connection.scopes_changed"]


def test_answer_without_an_end_takes_the_old_one_away(provider):
    provider.scripted = [answer(200, {"access_token": "new"})]
    row = age(make_grant())
    credential = fresh(row)
    assert "expires_at" not in credential.get_values()
    assert (credential.expires_at, credential.next_refresh_at, row.expires_at) == (None,) * 3


def test_expired_connection_comes_back_and_all_that_share_the_credential(provider):
    row = make_grant(ends_in=-5)
    other = share(row)
    assert row.status == "testing"
    fresh(row)
    assert [stored(one).status for one in (row, other)] == ["active", "active"]
    assert stored(other).expires_at == stored(row).expires_at > datetime.now(UTC)


def share(row):
    other = stored(row)
    other.pk = other.id = None
    other = Connection(
        **{
            f.attname: getattr(other, f.attname)
            for f in Connection._meta.fields
            if f.attname != "id"
        }
    )
    other.save(force_insert=True)
    return other


def test_switched_off_stays_switched_off_and_a_read_calls_nobody(provider):
    row = age(make_grant())
    row.mark_switched_off()
    row.save()
    fresh(row)
    assert provider.calls == []
    fresh(row, force=True)
    assert stored(row).status == "inactive"


def test_grant_that_is_gone_expires_once_and_is_never_tried_again(provider):
    row = age(make_grant())
    other = share(row)
    provider.revoked.add("family")
    for _read in range(3):
        with pytest.raises(RefreshFailed, match="invalid_grant"):
            fresh(stored(row))
    assert len(provider.calls) == 1
    for one in (row, other):
        one = stored(one)
        assert (one.status, one.status_reason["code"]) == ("expired", "invalid_grant")
        assert "Connect again" in one.status_reason["hint"]
        assert events(one) == ["connection.expired"]
    credential = stored(row).credential
    assert (credential.next_refresh_at, credential.refresh_lease) == (None, None)
    # A person may insist, and is told the same; nothing happens twice.
    with pytest.raises(RefreshFailed, match="invalid_grant"):
        fresh(stored(row), force=True)
    assert events(row) == ["connection.expired"]


def test_refused_token_that_was_replaced_meanwhile_is_tried_again_with_the_new_one(provider):
    """Somebody sent another grant while the old one was on its way, and refused."""
    row = age(make_grant())
    provider.revoked.add("family")

    def replace():
        other = stored(row).credential
        other.set_values({**other.get_values(), "refresh_token": "second.0"})
        other.save(update_fields=["sealed_values"])

    provider.meanwhile = replace
    assert fresh(row).get_values()["refresh_token"] == "second.1"
    assert stored(row).status == "active"


@pytest.mark.parametrize(
    ("scripted", "cause"),
    [
        pytest.param(answer(503), "unavailable", id="503"),
        pytest.param(answer(429), "rate_limited", id="429"),
        pytest.param(answer(200, b"<html>"), "bad_answer", id="html"),
    ],
)
def test_outage_changes_no_state_and_is_tried_again_later(provider, scripted, cause):
    provider.scripted = [scripted]
    row = make_grant(ends_in=-5)
    before = row.status
    with pytest.raises(RefreshFailed, match=cause):
        fresh(row)
    credential = stored(row).credential
    assert (stored(row).status, events(row)) == (before, [])
    assert credential.refresh_attempts == 1
    assert 14 < seconds_until(credential.next_refresh_at) < 91
    # Readers do not hammer on a service that is down.
    with pytest.raises(RefreshFailed, match="unavailable") as failed:
        fresh(stored(row))
    assert 0 < failed.value.retry_after < 91
    assert len(provider.calls) == 1
    assert fresh(stored(row), force=True).get_values()["refresh_token"] == "family.1"


def test_outage_keeps_nobody_from_a_token_that_is_still_good(provider):
    provider.scripted = [answer(503)]
    row = age(make_grant(ends_in=30))
    for _read in range(2):
        assert fresh(stored(row)).get_values()["access_token"] == "access-family"
    assert len(provider.calls) == 1


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        pytest.param("1000000000", 3590, 3601, id="absurd"),
        pytest.param("-5", 14, 91, id="past"),
        pytest.param("600", 590, 601, id="ten-minutes"),
    ],
)
def test_wait_that_the_service_asks_for_is_kept_within_an_hour(provider, asked, least, most):
    provider.scripted = [answer(429, **{"Retry-After": asked})]
    row = make_grant(ends_in=-5)
    with pytest.raises(RefreshFailed):
        fresh(row)
    assert least < seconds_until(stored(row).credential.next_refresh_at) < most


def test_wrong_client_is_an_error_that_staff_can_repair(provider):
    provider.scripted = [answer(401, {"error": "invalid_client"})]
    row = make_grant(ends_in=-5)
    with pytest.raises(RefreshFailed, match="invalid_client"):
        fresh(row)
    row = stored(row)
    assert (row.status, row.status_reason["code"]) == ("error", "invalid_client")
    assert seconds_until(row.credential.next_refresh_at) > 3600
    with pytest.raises(RefreshFailed, match="invalid_client"):
        fresh(stored(row))
    assert len(provider.calls) == 1
    fresh(stored(row), force=True)
    assert stored(row).status == "active"
    assert events(row) == ["connection.broke", "connection.refreshed"]


def test_without_a_client_a_token_lives_until_its_end(provider):
    row = age(make_grant(ends_in=30))
    OAuthClient.objects.all().delete()
    assert fresh(stored(row)).get_values()["access_token"] == "access-family"
    row = stored(row)
    assert (row.status, events(row), provider.calls) == ("active", [], [])
    assert row.credential.next_refresh_at == row.credential.expires_at


def test_without_a_client_a_token_that_is_over_is_expired_until_there_is_one(provider):
    row = make_grant(ends_in=-5, client=False)
    for _read in range(2):
        with pytest.raises(RefreshFailed, match="no_client"):
            fresh(stored(row))
    assert (stored(row).status, stored(row).status_reason["code"]) == ("expired", "no_client")
    make_client(row.workspace)
    fresh(stored(row))
    assert stored(row).status == "active"


def test_new_client_wakes_the_tokens_that_waited_for_one(provider):
    over = make_grant(ends_in=-5, client=False)
    elsewhere = make_grant(ends_in=-5, client=False)
    dead = make_grant(over.workspace, ends_in=-5, client=False)
    dead.mark_expired(code="revoked", message="", hint=None, now=datetime.now(UTC))
    dead.save()
    Credential.objects.exclude(pk=over.credential_id).update(next_refresh_at=None)
    with pytest.raises(RefreshFailed, match="no_client"):
        fresh(over)
    assert seconds_until(stored(over).credential.next_refresh_at) > 3600
    client = make_client(over.workspace)
    assert wake_waiting(client) == 1
    credential = stored(over).credential
    assert credential.next_refresh_at == credential.expires_at
    assert stored(elsewhere).credential.next_refresh_at is None
    client.is_shared = True
    assert wake_waiting(client) == 1
    assert stored(elsewhere).credential.next_refresh_at is not None
    assert stored(dead).credential.next_refresh_at is None


def test_client_of_another_workspace_is_used_only_if_it_is_for_everybody(provider):
    row = make_grant(ends_in=-5, client=False)
    client = make_client(make_workspace())
    with pytest.raises(RefreshFailed, match="no_client"):
        fresh(row)
    client.is_shared = True
    client.save()
    fresh(stored(row))
    assert provider.calls[0]["client_id"] == "client"


def test_client_of_a_declared_method_is_not_shown_to_a_discovered_server(provider):
    row = make_grant(ends_in=-5)
    row.credential.endpoints = {"issuer": provider.url, "token_url": f"{provider.url}/token"}
    row.credential.save()
    with pytest.raises(RefreshFailed, match="no_client"):
        fresh(stored(row))
    assert provider.calls == []


def test_token_that_is_over_without_a_refresh_token_expires(provider):
    row = make_grant(ends_in=-5, refresh_token=None)
    with pytest.raises(RefreshFailed, match="token_expired"):
        fresh(row)
    assert stored(row).status == "expired"


def test_method_that_obtains_tokens_keeps_one_beside_its_values(provider):
    row = make_machine()
    first = fresh(row).get_token()
    assert first == {"access_token": "access-own-1-0", "token_type": "Bearer"}
    assert fresh(stored(row)).get_token() == first
    assert len(provider.calls) == 1
    credential = stored(row).credential
    assert credential.get_values() == {
        "client_id": "machine",
        "client_secret": "a machine's secret",
    }
    assert (credential.expires_at, stored(row).expires_at) == (None, None)
    assert credential.next_refresh_at is None


def test_refused_values_of_its_own_are_an_error(provider):
    provider.scripted = [answer(401, {"error": "invalid_client"})]
    row = make_machine()
    with pytest.raises(RefreshFailed, match="unauthorized"):
        fresh(row)
    assert (stored(row).status, stored(row).status_reason["code"]) == ("error", "unauthorized")


# Leases


def test_reader_whose_token_is_good_enough_waits_for_nobody(provider):
    row = age(make_grant(ends_in=30))
    assert take_refresh(stored(row).credential)
    assert fresh(stored(row)).get_values()["access_token"] == "access-family"
    assert provider.calls == []


def test_lease_is_taken_once_and_again_when_it_is_over(provider, settings):
    row = make_grant()
    settings.WORK_LEASE_SECONDS = 0.2
    first, second = stored(row).credential, stored(row).credential
    assert take_refresh(first) is not None
    assert take_refresh(second) is None
    assert take_refresh(stored(row).credential) is None
    later = stored(row)
    later.credential.refresh_lease_until = datetime.now(UTC) - timedelta(seconds=1)
    later.credential.save(update_fields=[REFRESH.until])
    assert take_refresh(stored(row).credential) is not None


def test_holder_gives_up_before_its_lease_is_over(provider, settings):
    """Its refresh token must not be on its way when the next takes over."""
    settings.WORK_LEASE_SECONDS = 1
    provider.latency = 3
    row = make_grant(ends_in=-5)
    began = datetime.now(UTC)
    with pytest.raises(RefreshFailed, match="unavailable"):
        fresh(row)
    assert datetime.now(UTC) - began < timedelta(seconds=1)


def test_dead_holder_is_followed_when_its_lease_is_over(provider, settings):
    settings.WORK_LEASE_SECONDS = 1
    row = make_grant(ends_in=-5)
    assert take_refresh(stored(row).credential)
    assert fresh(stored(row)).get_values()["refresh_token"] == "family.1"


def test_change_that_read_before_the_refresh_is_overtaken_and_new_tokens_survive(provider):
    from connections.services.connections import Changes, change_connection

    row = age(make_grant())
    early = stored(row)

    def change(connection):
        changes = Changes(columns={"label": "Other"})
        return change_connection(
            actor=make_actor(row.workspace), connection=connection, changes=changes
        )

    fresh(row)
    with pytest.raises(Overtaken):
        change(early)
    change(stored(row))
    row = stored(row)
    assert (row.label, row.credential.get_values()["refresh_token"]) == ("Other", "family.1")
    assert seconds_until(row.expires_at) > 3000


def test_values_that_were_replaced_during_the_call_stay(provider):
    row = age(make_grant())

    def replace():
        other = stored(row).credential
        other.set_values({"access_token": "theirs", "refresh_token": "theirs.0"})
        other.refresh_lease = other.refresh_lease_until = None
        other.expires_at = datetime.now(UTC) + timedelta(hours=1)
        other.updated_at = datetime.now(UTC)
        other.save()

    provider.meanwhile = replace
    assert fresh(row).get_values() == {"access_token": "theirs", "refresh_token": "theirs.0"}


def test_successor_of_a_stored_refresh_token_is_kept_though_the_lease_is_lost(provider):
    """Otherwise the grant is lost: the old refresh token is spent."""
    row = age(make_grant())

    def replace():
        other = stored(row).credential
        other.set_values({**other.get_values(), "scope": ["read"]})
        other.refresh_lease = other.refresh_lease_until = None
        other.updated_at = datetime.now(UTC)
        other.save()

    provider.meanwhile = replace
    values = fresh(row).get_values()
    assert (values["refresh_token"], values["scope"]) == ("family.1", ["read"])


@pytest.mark.parametrize(
    ("credentials", "is_kept"),
    [({"scope": ["read"]}, True), ({"refresh_token": "second.0"}, False)],
    ids=["same token", "another token"],
)
def test_change_during_a_call_leaves_the_lease_to_the_token_that_is_used(
    provider, credentials, is_kept
):
    """Without it the same refresh token would be used twice, which looks like theft."""
    row = age(make_grant())
    secret, leases = make_key(row.workspace), []

    def change():
        body, path = {"credentials": credentials}, f"/connections/{row.public_id}"
        assert api_client(secret).patch_json(path, body).status_code == 200
        leases.append(stored(row).credential.refresh_lease is not None)

    provider.meanwhile = change
    fresh(row)
    assert leases == [is_kept]
    assert provider.revoked == set()


def test_deleted_during_the_call(provider):
    row = age(make_grant())

    def delete():
        Connection.objects.all().delete()
        Credential.objects.all().delete()

    provider.meanwhile = delete
    with pytest.raises(Overtaken):
        fresh(row)
    assert AuditEvent.objects.filter(action="connection.refreshed").count() == 0


def test_failures_name_no_value(provider, caplog):
    provider.scripted = [answer(400, {"error": "invalid_grant", "error_description": "family.0"})]
    row = make_grant(ends_in=-5)
    with pytest.raises(RefreshFailed) as failed:
        fresh(row)
    said = repr(failed.value) + caplog.text + str(stored(row).status_reason)
    assert "family" not in said
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__


# Revoking


def test_revoked_grant_is_expired_for_all_and_not_tried_again(provider):
    row = make_grant(ends_in=3600)
    other = share(row)
    revoke_grant(row, actor=make_actor(row.workspace))
    assert [(call["path"], call["token"]) for call in provider.calls] == [("/revoke", "family.0")]
    for one in (row, other):
        one = stored(one)
        assert (one.status, one.status_reason["code"]) == ("expired", "revoked")
        assert events(one) == ["connection.expired"]
    credential = stored(row).credential
    assert (credential.next_refresh_at, credential.refresh_lease) == (None, None)
    revoke_grant(stored(row), actor=make_actor(row.workspace))
    assert len(provider.calls) == 1


@pytest.mark.parametrize(
    ("status", "cause"), [pytest.param(503, "unavailable", id="503"), (403, "rejected")]
)
def test_service_that_does_not_revoke_changes_nothing(provider, status, cause):
    provider.scripted = [answer(status)]
    row = make_grant(ends_in=3600)
    with pytest.raises(CannotRevoke, match=cause) as failed:
        revoke_grant(row, actor=make_actor(row.workspace))
    assert failed.value.message
    row = stored(row)
    assert (row.status, row.credential.refresh_lease, events(row)) == ("active", None, [])


def test_what_cannot_be_revoked_says_so(provider):
    row = make_machine()
    with pytest.raises(CannotRevoke, match="unsupported"):
        revoke_grant(row, actor=make_actor(row.workspace))
    row = make_grant()
    OAuthClient.objects.all().delete()
    with pytest.raises(CannotRevoke, match="no_client") as failed:
        revoke_grant(stored(row), actor=make_actor(row.workspace))
    assert "No OAuth client" in failed.value.message
    assert provider.calls == []


# All at once


def test_racing_refreshes_and_changes_never_lose_a_grant(provider):
    """The service spends a refresh token at each use: one that is written back late is the end."""
    provider.latency = 0.01
    row = make_grant(ends_in=3600, scope=["read"])
    secret = make_key(row.workspace)
    codes = []

    def refresh_often():
        for _turn in range(12):
            with contextlib.suppress(Overtaken):
                fresh(stored(row), force=True)

    def change(body):
        for turn in range(25):
            path = f"/connections/{row.public_id}"
            codes.append(api_client(secret).patch_json(path, body(turn)).status_code)

    at_once(
        refresh_often,
        refresh_often,
        lambda: change(lambda turn: {"label": f"label {turn}"}),
        lambda: change(lambda turn: {"credentials": {"scope": ["read", f"s{turn}"]}}),
    )
    assert set(codes) <= {200, 409}
    assert codes.count(200) > 5
    assert provider.revoked == set()
    family, _dot, generation = stored(row).credential.get_values()["refresh_token"].partition(".")
    assert (family, int(generation)) == ("family", provider.generations["family"])
    fresh(stored(row), force=True)
    assert stored(row).status == "active"
