"""Who belongs to a workspace, and who may say so."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from connections.access.actors import person
from connections.models import AuditEvent, Membership, Workspace
from connections.services.members import LastOwner, NotYours, change_role, remove_member
from tests.factories import make_member, make_user, make_workspace
from tests.web.browser import member_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return make_workspace()


def page(workspace, rest="members"):
    return f"/w/{workspace.slug}/settings/{rest}"


def said(answer):
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("role", ["owner", "admin", "member", "viewer"])
def test_every_member_sees_who_belongs(workspace, role):
    client, user = member_of(workspace, role)
    other = make_member(workspace).user
    stranger = make_member(make_workspace()).user
    text = client.get(page(workspace)).content.decode()
    assert user.username in text
    assert other.username in text
    assert stranger.username not in text
    assert (other.email in text) is (role in ("owner", "admin"))
    assert ("Invite somebody" in text) is (role in ("owner", "admin"))


def test_strangers_find_nothing(workspace):
    client, _user = member_of(make_workspace(), "owner")
    member = make_member(workspace)
    paths = [
        page(workspace),
        f"/w/{workspace.slug}/settings",
        page(workspace, f"members/{member.pk}/role"),
        page(workspace, f"members/{member.pk}/remove"),
    ]
    for path in paths:
        assert client.get(path).status_code in (404, 405)
        assert client.post(path, {"role": "owner"}).status_code in (404, 405)
    assert Client().get(paths[0])["Location"].startswith("/sign-in?next=")
    member.refresh_from_db()
    assert (member.role, workspace.name) == ("member", Workspace.objects.get(pk=workspace.pk).name)


def test_a_member_of_another_workspace_cannot_be_named(workspace):
    client, _user = member_of(workspace, "owner")
    foreign = make_member(make_workspace())
    assert (
        client.post(page(workspace, f"members/{foreign.pk}/role"), {"role": "viewer"}).status_code
        == 404
    )
    assert client.post(page(workspace, f"members/{foreign.pk}/remove")).status_code == 404
    assert client.get(page(workspace, f"members/{10**30}/remove")).status_code == 404
    foreign.refresh_from_db()
    assert foreign.role == "member"


# (who, whose role, to which) -> done
CHANGES = [
    ("owner", "member", "owner", True),
    ("owner", "owner", "viewer", True),
    ("owner", "admin", "member", True),
    ("admin", "member", "admin", True),
    ("admin", "viewer", "member", True),
    ("admin", "admin", "viewer", True),
    ("admin", "member", "owner", False),
    ("admin", "owner", "member", False),
    ("member", "viewer", "member", False),
    ("viewer", "viewer", "owner", False),
]


@pytest.mark.parametrize(("who", "whose", "role", "is_done"), CHANGES)
def test_roles_are_given_by_who_has_them(workspace, who, whose, role, is_done):
    make_member(workspace, role="owner")
    client, user = member_of(workspace, who)
    member = make_member(workspace, role=whose)
    answer = client.post(page(workspace, f"members/{member.pk}/role"), {"role": role}, follow=True)
    member.refresh_from_db()
    assert member.role == (role if is_done else whose)
    if is_done:
        event = AuditEvent.objects.get()
        assert (event.action, event.actor, event.subject, event.fields) == (
            "member.role_changed",
            f"user_{user.pk}",
            f"user_{member.user_id}",
            ["role"],
        )
    else:
        assert not AuditEvent.objects.exists()
        assert answer.status_code == 403 or said(answer) == ["Only an owner can do that."]


@pytest.mark.parametrize("role", ["", "boss", "OWNER"])
def test_a_role_that_is_none_is_refused(workspace, role):
    client, _user = member_of(workspace, "owner")
    member = make_member(workspace)
    path = page(workspace, f"members/{member.pk}/role")
    assert client.post(path, {"role": role}).status_code == 404


@pytest.mark.parametrize(
    ("who", "whose", "is_done"),
    [
        ("owner", "owner", True),
        ("owner", "viewer", True),
        ("admin", "admin", True),
        ("admin", "owner", False),
        ("member", "viewer", False),
    ],
)
def test_members_are_removed_by_who_could_have_made_them(workspace, who, whose, is_done):
    make_member(workspace, role="owner")
    client, _user = member_of(workspace, who)
    member = make_member(workspace, role=whose)
    path = page(workspace, f"members/{member.pk}/remove")
    assert client.get(path).status_code == 200
    client.post(path)
    assert Membership.objects.filter(pk=member.pk).exists() is not is_done
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["member.removed"] * is_done


def test_who_was_removed_is_out_at_once(workspace):
    owner, _user = member_of(workspace, "owner")
    client, user = member_of(workspace)
    member = Membership.objects.get(user=user)
    assert client.get(page(workspace)).status_code == 200
    owner.post(page(workspace, f"members/{member.pk}/remove"))
    assert client.get(page(workspace)).status_code == 404


@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_everybody_may_leave(workspace, role):
    client, user = member_of(workspace, role)
    member = Membership.objects.get(user=user)
    assert client.post(page(workspace, f"members/{member.pk}/remove"))["Location"] == "/"
    assert not Membership.objects.exists()
    assert AuditEvent.objects.get().action == "member.left"


def test_the_last_owner_stays(workspace):
    client, user = member_of(workspace, "owner")
    make_member(workspace, make_user(is_active=False), role="owner")
    member = Membership.objects.get(user=user)
    tried = [
        client.post(page(workspace, f"members/{member.pk}/remove"), follow=True),
        client.post(page(workspace, f"members/{member.pk}/role"), {"role": "admin"}, follow=True),
    ]
    for answer in tried:
        assert said(answer) == ["A workspace keeps an owner. Make somebody else an owner first."]
    member.refresh_from_db()
    assert member.role == "owner"
    assert not AuditEvent.objects.exists()


def test_rights_are_those_of_now(workspace):
    """A page that was opened as an owner does not make one."""
    make_member(workspace, role="owner")
    was_owner, other = make_member(workspace, role="owner"), make_member(workspace)
    actor = person(was_owner.user, workspace)
    Membership.objects.filter(pk=was_owner.pk).update(role="member")
    with pytest.raises(NotYours):
        change_role(actor=actor, member_id=other.pk, role="owner")
    with pytest.raises(NotYours):
        remove_member(actor=actor, member_id=other.pk)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one(workspace):
    owners = [make_member(workspace, role="owner") for _each in range(2)]

    def leave(member):
        try:
            remove_member(actor=person(member.user, workspace), member_id=member.pk)
        except LastOwner:
            return "stays"
        finally:
            connections.close_all()
        return "left"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, owners)) == ["left", "stays"]
    assert Membership.objects.filter(role="owner").count() == 1


# Name and addresses.


def test_owner_changes_name_and_addresses(workspace):
    client, user = member_of(workspace, "owner")
    typed = {
        "name": "Ours",
        "return_urls": "https://app.example.com/back\nhttps://b.example.com/",
        "embed_origins": "https://app.example.com\n",
    }
    assert client.post(f"/w/{workspace.slug}/settings", typed).status_code == 302
    workspace.refresh_from_db()
    assert workspace.name == "Ours"
    assert workspace.return_urls == ["https://app.example.com/back", "https://b.example.com/"]
    assert workspace.embed_origins == ["https://app.example.com"]
    event = AuditEvent.objects.get()
    assert (event.action, event.actor) == ("workspace.changed", f"user_{user.pk}")
    assert event.fields == ["embed_origins", "name", "return_urls"]


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "", "return_urls": ""},
        {"name": "Ours", "return_urls": "http://example.com/"},
        {"name": "Ours", "return_urls": "javascript:alert(1)"},
        {"name": "Ours", "return_urls": "\n".join(f"https://e.example.com/{n}" for n in range(51))},
        {"name": "Ours", "embed_origins": "https://*.example.com"},
    ],
)
def test_wrong_settings_are_refused(workspace, typed):
    name = workspace.name
    client, _user = member_of(workspace, "admin")
    answer = client.post(f"/w/{workspace.slug}/settings", typed)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert f">{name}</a>" in answer.content.decode()
    workspace.refresh_from_db()
    assert (workspace.name, workspace.return_urls) == (name, [])


def test_slug_and_activity_are_not_theirs_to_change(workspace):
    client, _user = member_of(workspace, "owner")
    client.post(f"/w/{workspace.slug}/settings", {"name": "x", "slug": "taken", "is_active": ""})
    slug = workspace.slug
    workspace.refresh_from_db()
    assert (workspace.slug, workspace.is_active, workspace.name) == (slug, True, "x")


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_settings_are_for_who_manages(workspace, role):
    client, _user = member_of(workspace, role)
    assert client.get(f"/w/{workspace.slug}/settings").status_code == 403
    assert client.post(f"/w/{workspace.slug}/settings", {"name": "x"}).status_code == 403


def test_signed_in_people_without_a_workspace_find_none():
    assert signed_in(make_user()).get("/w/nowhere/settings").status_code == 404
