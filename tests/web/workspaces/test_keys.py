"""API keys, made by owners and administrators without staff rights."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import ApiKey, AuditEvent
from tests.factories import api_client, make_key_row, make_workspace
from tests.web.browser import PageForm, errors_of, member_of, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return make_workspace()


def keys(workspace, rest=""):
    return f"/w/{workspace.slug}/settings/keys{rest}"


def secret_on(page):
    return re.search(r"mk_[0-9A-Za-z]{36}", page.content.decode())[0]


def works(secret):
    return api_client(secret).get_json("/connections").status_code == 200


def test_owner_makes_a_key_and_sees_its_secret_once(workspace):
    client, user = member_of(workspace, "owner")
    typed = {"label": "Deploy", "permissions": ["read", "reveal"], "ip_whitelist": "127.0.0.1"}
    page = send(client, keys(workspace, "/new"), typed)
    secret = secret_on(page)
    assert page["Cache-Control"] == "no-store"
    assert works(secret)
    row = ApiKey.objects.get()
    assert (row.label, row.permissions, row.created_by) == (
        "Deploy",
        ["read", "reveal"],
        f"user_{user.pk}",
    )
    event = AuditEvent.objects.get()
    assert (event.action, event.actor) == ("api_key.created", f"user_{user.pk}")
    for path in ("", f"/{row.public_id}", f"/{row.public_id}/rotate"):
        assert secret not in client.get(keys(workspace, path)).content.decode()
    assert secret not in str(dict(client.session.items()))


def test_list_tells_what_a_key_may_and_when_it_was_used(workspace):
    client, _user = member_of(workspace, "admin")
    make_key_row(workspace, "read", label="<Mine>", last_used_at=timezone.now())
    make_key_row(make_workspace(), label="Foreign")
    text = client.get(keys(workspace)).content.decode()
    assert "&lt;Mine&gt;" in text
    assert "Read" in text
    assert "last used" in text
    assert "does not expire" in text
    assert "Foreign" not in text


@pytest.mark.parametrize("role", ["member", "viewer"])
@pytest.mark.parametrize(
    "rest", ["", "/new", "/{id}", "/{id}/rotate", "/{id}/switch", "/{id}/delete"]
)
def test_keys_are_for_who_manages(workspace, role, rest):
    row, secret = make_key_row(workspace)
    client, _user = member_of(workspace, role)
    path = keys(workspace, rest.format(id=row.public_id))
    for answer in (client.get(path), client.post(path, {"status": "revoked", "label": "x"})):
        assert answer.status_code in (403, 405)
    assert works(secret)


@pytest.mark.parametrize("rest", ["/{id}", "/{id}/rotate", "/{id}/switch", "/{id}/delete"])
def test_keys_of_other_workspaces_do_not_exist(workspace, rest):
    row, secret = make_key_row(make_workspace())
    client, _user = member_of(workspace, "owner")
    path = keys(workspace, rest.format(id=row.public_id))
    assert client.get(path).status_code in (404, 405)
    assert client.post(path, {"status": "revoked", "overlap": 0}).status_code == 404
    assert works(secret)


WRONG = [
    {"label": ""},
    {"label": "x" * 256},
    {"label": "a\x01b"},
    {"permissions": []},
    {"permissions": ["boss"]},
    {"expires_at": "tomorrow"},
    {"ip_whitelist": "not an address"},
]


@pytest.mark.parametrize("typed", WRONG, ids=str)
def test_verdict_and_words_are_the_apis(workspace, typed):
    client, _user = member_of(workspace, "owner")
    whole = {"label": "Deploy", "permissions": ["read"], "expires_at": "", "ip_whitelist": ""}
    answer = client.post(keys(workspace, "/new"), {**whole, **typed})
    assert answer.status_code == 200
    body = {name: value for name, value in {**whole, **typed}.items() if value}
    if "ip_whitelist" in body:
        body["ip_whitelist"] = [body["ip_whitelist"]]
    if not typed.get("label", "x"):
        body["label"] = ""
    _row, secret = make_key_row(workspace)
    said = api_client(secret).post_json("/api-keys", body)
    assert said.status_code == 400
    refused = said.json()["detail"]["fields"]
    (name,) = typed
    expected = [problem["message"] for problem in refused if problem["field"].startswith(name)]
    assert errors_of(answer)[name] == expected
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "permissions", "is_made"),
    [
        ("owner", ["reveal"], True),
        ("owner", ["manage", "reveal"], True),
        ("admin", ["manage"], True),
        ("admin", ["read", "write"], True),
        ("admin", ["reveal"], False),
        ("admin", ["read", "reveal"], False),
    ],
)
def test_nobody_gives_more_than_they_may(workspace, role, permissions, is_made):
    client, _user = member_of(workspace, role)
    answer = send(client, keys(workspace, "/new"), {"label": "x", "permissions": permissions})
    assert ApiKey.objects.exists() is is_made
    if not is_made:
        assert errors_of(answer)["permissions"] == ["Only an owner can give: Reveal secrets."]


def test_administrators_cannot_come_by_a_secret_of_a_key_that_reveals(workspace):
    row, secret = make_key_row(workspace, "read", "reveal")
    client, _user = member_of(workspace, "admin")
    rotated = send(client, keys(workspace, f"/{row.public_id}/rotate"), {"overlap": "0"})
    assert "Only an owner can give" in rotated.content.decode()
    typed = {"label": "Mine", "permissions": ["read", "reveal"]}
    changed = client.post(keys(workspace, f"/{row.public_id}"), typed)
    assert errors_of(changed)["permissions"]
    assert works(secret)
    switch = keys(workspace, f"/{row.public_id}/switch")
    client.post(switch, {"status": "revoked"})
    assert not works(secret)
    client.post(switch, {"status": "active"})
    assert not works(secret)


def test_key_is_changed(workspace):
    row, _secret = make_key_row(
        workspace, "read", "write", expires_at=timezone.now() + timedelta(1)
    )
    client, user = member_of(workspace, "admin")
    path = keys(workspace, f"/{row.public_id}")
    drawn = PageForm(client.get(path)).sent
    assert (drawn["label"], drawn["permissions"]) == (["Test key"], ["read", "write"])
    assert send(client, path, {"label": "New name"}).status_code == 302
    changed = ApiKey.objects.get()
    assert (changed.label, changed.permissions, changed.digest) == (
        "New name",
        ["read", "write"],
        row.digest,
    )
    assert changed.expires_at == row.expires_at
    event = AuditEvent.objects.get()
    assert (event.action, event.actor) == ("api_key.changed", f"user_{user.pk}")


@pytest.mark.parametrize(("overlap", "old_works"), [("0", False), ("3600", True)])
def test_key_is_rotated(workspace, overlap, old_works):
    row, old = make_key_row(workspace, "read")
    client, _user = member_of(workspace, "admin")
    page = send(client, keys(workspace, f"/{row.public_id}/rotate"), {"overlap": overlap})
    assert works(secret_on(page))
    assert works(old) is old_works
    assert page["Cache-Control"] == "no-store"
    assert AuditEvent.objects.get().action == "api_key.rotated"


@pytest.mark.parametrize("overlap", ["", "-1", "999999999", "x"])
def test_overlap_that_is_not_offered_is_refused(workspace, overlap):
    row, old = make_key_row(workspace, "read")
    client, _user = member_of(workspace, "owner")
    answer = send(client, keys(workspace, f"/{row.public_id}/rotate"), {"overlap": overlap})
    assert answer.context["form"].errors
    assert works(old)


def test_key_is_revoked_and_works_again(workspace):
    row, secret = make_key_row(workspace, "read")
    client, _user = member_of(workspace, "admin")
    path = keys(workspace, f"/{row.public_id}/switch")
    assert client.get(path).status_code == 405
    for status, is_on in (("revoked", False), ("active", True)):
        assert client.post(path, {"status": status}).status_code == 302
        assert works(secret) is is_on
    assert client.post(path, {"status": "other"}).status_code == 404


def test_key_is_deleted_after_a_question(workspace):
    row, secret = make_key_row(workspace, "read")
    client, user = member_of(workspace, "owner")
    path = keys(workspace, f"/{row.public_id}/delete")
    assert "Delete Test key?" in client.get(path).content.decode()
    assert works(secret)
    assert client.post(path)["Location"] == keys(workspace)
    assert not ApiKey.objects.exists()
    event = AuditEvent.objects.get()
    assert (event.action, event.actor) == ("api_key.deleted", f"user_{user.pk}")
