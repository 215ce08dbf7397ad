"""Inviting people to a workspace, and what becomes of the link."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone

from connections.access.actors import person
from connections.models import AuditEvent, Invitation, Membership
from connections.services.invitations import AlreadyMember, NotOpen, accept, invite, sign_up
from tests.canary import stored_rows
from tests.factories import make_member, make_user, make_workspace
from tests.web.browser import member_of, send, signed_in

pytestmark = pytest.mark.django_db
ADA = "ada@example.com"
PASSWORD = "correct horse battery"


@pytest.fixture
def workspace():
    return make_workspace()


def sent_by(client, workspace, email=ADA, role="member"):
    return client.post(f"/w/{workspace.slug}/settings/invitations", {"email": email, "role": role})


def link_in(text):
    return re.search(r"/invitations/[\w-]{43}", text)[0]


def link_from(workspace, email=ADA, role="member"):
    client, _user = member_of(workspace, "owner")
    return link_in(sent_by(client, workspace, email, role).content.decode())


def opened(link, client=None):
    """A browser that followed the link."""
    client = client or Client()
    assert client.get(link)["Location"] == "/invitation"
    return client


def test_somebody_new_becomes_a_member(workspace):
    client = opened(link_from(workspace, "Ada@Example.com", "admin"))
    answer = send(client, "/invitation", {"password": PASSWORD})
    assert answer["Location"] == f"/w/{workspace.slug}/connections"
    assert client.get(answer["Location"]).status_code == 200
    user = get_user_model().objects.get(username=ADA)
    assert (user.email, user.is_staff, user.check_password(PASSWORD)) == (ADA, False, True)
    assert Membership.objects.get(user=user).role == "admin"
    actions = list(AuditEvent.objects.order_by("id").values_list("action", "actor"))
    assert actions[1:] == [
        ("invitation.accepted", f"user_{user.pk}"),
        ("member.joined", f"user_{user.pk}"),
    ]
    assert Client().post("/sign-in", {"login": ADA, "password": PASSWORD}).status_code == 302


def test_somebody_signed_in_joins_as_they_are(workspace):
    link, user = link_from(workspace), make_user()
    client = opened(link, signed_in(user))
    assert user.username in client.get("/invitation").content.decode()
    assert not Membership.objects.filter(user=user).exists()
    assert client.post("/invitation")["Location"] == f"/w/{workspace.slug}/connections"
    assert Membership.objects.get(user=user).role == "member"


def test_somebody_with_an_account_signs_in_on_the_way(workspace):
    user = make_user()
    client = opened(link_from(workspace, user.email))
    text = client.get("/invitation").content.decode()
    assert "/sign-in?next=/invitation" in text
    sent = {"login": user.username, "password": "a password", "next": "/invitation"}
    assert client.post("/sign-in", sent)["Location"] == "/invitation"
    assert client.post("/invitation").status_code == 302
    assert Membership.objects.filter(user=user, workspace=workspace).exists()


def test_an_account_is_not_made_twice(workspace):
    make_user(
        "taken",
    )
    client = opened(link_from(workspace, "taken@example.com"))
    answer = send(client, "/invitation", {"password": PASSWORD})
    assert answer.status_code == 200
    assert "sign in with it" in answer.content.decode()
    assert get_user_model().objects.filter(email="taken@example.com").count() == 1
    assert Invitation.objects.get().status == "sent"


@pytest.mark.parametrize("password", ["", "short", "password1234", ADA, "x" * 4097])
def test_weak_password_is_refused(workspace, password):
    client = opened(link_from(workspace))
    answer = send(client, "/invitation", {"password": password})
    assert answer.status_code == 200
    assert answer.context["form"].errors["password"]
    assert not get_user_model().objects.filter(username=ADA).exists()


def test_the_page_says_the_same_whether_or_not_there_is_an_account(workspace):
    client, _user = member_of(workspace, "owner")
    make_user("known")
    texts = []
    for email in ("known@example.com", "nobody@example.com"):
        link = link_in(sent_by(client, workspace, email).content.decode())
        text = opened(link).get("/invitation").content.decode()
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
        texts.append(text.replace(email, "…"))
    assert texts[0] == texts[1]


# Links that do not work (any more).


def expire(row):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def withdraw(row):
    Invitation.objects.update(status="withdrawn")


def use(row):
    Invitation.objects.update(status="accepted")


def close(row):
    row.workspace.is_active = False
    row.workspace.save()


def lose_rights(row):
    Membership.objects.filter(user=row.invited_by).update(role="member")


def leave(row):
    Membership.objects.filter(user=row.invited_by).delete()


@pytest.mark.parametrize("happens", [expire, withdraw, use, close, lose_rights, leave])
def test_link_is_over(workspace, happens):
    link = link_from(workspace)
    clients = [opened(link), opened(link, signed_in(make_user()))]
    happens(Invitation.objects.get())
    for client in clients:
        for answer in (
            client.get("/invitation"),
            client.post("/invitation", {"password": PASSWORD}),
        ):
            assert answer.status_code == 410
            assert "This invitation is over" in answer.content.decode()
    assert Client().get(link).status_code == 410
    assert not get_user_model().objects.filter(username=ADA).exists()


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "%ED%A0%80", "ä" * 43, "a" * 2000])
def test_made_up_link_is_over_too(token):
    assert Client().get(f"/invitations/{token}").status_code == 410


def test_page_without_a_link_is_over():
    assert Client().get("/invitation").status_code == 410
    assert signed_in(make_user()).post("/invitation").status_code == 410


def test_link_works_once(workspace):
    link = link_from(workspace)
    send(opened(link), "/invitation", {"password": PASSWORD})
    assert Client().get(link).status_code == 410


def test_newest_link_is_the_one_that_works(workspace):
    client, _user = member_of(workspace, "owner")
    links = [link_in(sent_by(client, workspace).content.decode()) for _each in range(2)]
    assert Client().get(links[0]).status_code == 410
    assert Client().get(links[1]).status_code == 302


def test_members_keep_the_link_for_others(workspace):
    client, user = member_of(workspace, "owner")
    link = link_in(sent_by(client, workspace).content.decode())
    assert opened(link, client).post("/invitation").status_code == 302
    assert Invitation.objects.get().status == "sent"
    assert Membership.objects.get(user=user).role == "owner"


@pytest.mark.django_db(transaction=True)
def test_one_of_two_at_once_is_let_in(workspace):
    owner = make_member(workspace, role="owner").user
    row, _token = invite(actor=person(owner, workspace), email=ADA, role="member")
    people = [make_user() for _each in range(4)]

    def join(user):
        try:
            accept(invitation=row, user=user)
        except NotOpen:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(join, people)) == [False, False, False, True]
    assert Membership.objects.exclude(user=owner).count() == 1


def test_nothing_is_kept_of_a_sign_up_that_failed(workspace):
    owner = make_member(workspace, role="owner").user
    row, _token = invite(actor=person(owner, workspace), email=ADA, role="member")
    withdraw(row)
    with pytest.raises(NotOpen):
        sign_up(invitation=row, password=PASSWORD)
    assert not get_user_model().objects.filter(username=ADA).exists()


# Who may invite whom.


@pytest.mark.parametrize(
    ("who", "role", "is_sent"),
    [
        ("owner", "owner", True),
        ("owner", "viewer", True),
        ("admin", "admin", True),
        ("admin", "owner", False),
        ("member", "viewer", False),
        ("viewer", "viewer", False),
    ],
)
def test_nobody_invites_to_more_than_they_have(workspace, who, role, is_sent):
    client, user = member_of(workspace, who)
    answer = sent_by(client, workspace, role=role)
    assert Invitation.objects.exists() is is_sent
    assert answer.status_code == (200 if who in ("owner", "admin") else 403)
    if is_sent:
        event, row = AuditEvent.objects.get(), Invitation.objects.get()
        assert (event.action, event.actor) == ("invitation.created", f"user_{user.pk}")
        assert (event.subject, event.fields) == (row.public_id, ["email", "role"])


def test_an_owners_invitation_is_not_an_admins_to_replace_or_withdraw(workspace):
    owner, _user = member_of(workspace, "owner")
    link = link_in(sent_by(owner, workspace, role="owner").content.decode())
    admin, _user = member_of(workspace, "admin")
    row = Invitation.objects.get()
    sent_by(admin, workspace, role="member")
    admin.post(f"/w/{workspace.slug}/settings/invitations/{row.public_id}/withdraw")
    assert Client().get(link).status_code == 302


@pytest.mark.parametrize(
    "email", ["", "ada", "a@b", "ada@example.com\nBcc: x@y.example", "x" * 300]
)
def test_address_that_is_none_is_refused(workspace, email):
    client, _user = member_of(workspace, "owner")
    answer = sent_by(client, workspace, email)
    assert answer.context["form"].errors["email"]
    assert not Invitation.objects.exists()


def test_a_member_is_not_invited_again(workspace):
    client, _user = member_of(workspace, "owner")
    member = make_member(workspace).user
    answer = sent_by(client, workspace, member.email.upper())
    assert answer.context["form"].errors["email"] == [
        "Somebody with this address is a member already."
    ]


def test_invitations_are_listed_and_withdrawn(workspace):
    client, user = member_of(workspace, "owner")
    link = link_in(sent_by(client, workspace).content.decode())
    assert ADA in client.get(f"/w/{workspace.slug}/settings/members").content.decode()
    row = Invitation.objects.get()
    path = f"/w/{workspace.slug}/settings/invitations/{row.public_id}/withdraw"
    foreign, _user = member_of(make_workspace(), "owner")
    assert foreign.post(path).status_code == 404
    assert client.post(path).status_code == 302
    assert ADA not in client.get(f"/w/{workspace.slug}/settings/members").content.decode()
    assert Client().get(link).status_code == 410
    event = AuditEvent.objects.first()
    assert (event.action, event.actor) == ("invitation.withdrawn", f"user_{user.pk}")


def test_somebody_invites_so_often_in_a_minute(workspace):
    client, _user = member_of(workspace, "owner")
    for number in range(20):
        assert sent_by(client, workspace, f"ada-{number}@example.com").status_code == 200
    assert sent_by(client, workspace).status_code == 429
    assert Invitation.objects.count() == 20


# The link: by mail, or shown once.


def test_link_goes_by_mail_and_is_not_shown(workspace, settings):
    settings.MAIL_IS_SET_UP = True
    workspace.name = "Two\r\nlines"
    workspace.save()
    client, _user = member_of(workspace, "owner")
    answer = sent_by(client, workspace)
    assert answer["Location"] == f"/w/{workspace.slug}/settings/members"
    shown = client.get(answer["Location"]).content.decode()
    (message,) = mail.outbox
    assert link_in(message.body) not in shown
    assert (message.to, message.subject) == ([ADA], "Invitation to Two lines")
    assert settings.PUBLIC_URL + link_in(message.body) in message.body
    assert Client().get(link_in(message.body)).status_code == 302


def test_link_is_shown_where_no_mail_goes_out(workspace, settings):
    settings.MAIL_IS_SET_UP = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    client, _user = member_of(workspace, "owner")
    answer = sent_by(client, workspace)
    assert "could not be sent" in answer.content.decode()
    assert Client().get(link_in(answer.content.decode())).status_code == 302


def test_link_is_stored_nowhere(workspace):
    link = link_from(workspace)
    token = link.removeprefix("/invitations/")
    client = opened(link)
    client.get("/invitation")
    stored = "\n".join(str(value) for _place, value in stored_rows())
    assert token not in stored
    assert token not in str(dict(client.session.items()))


def test_answer_with_the_link_is_kept_by_no_cache(workspace):
    client, _user = member_of(workspace, "owner")
    assert "no-store" in sent_by(client, workspace)["Cache-Control"]


def test_person_who_is_a_member_leaves_it_open(workspace):
    owner = make_member(workspace, role="owner").user
    row, _token = invite(actor=person(owner, workspace), email=ADA, role="member")
    with pytest.raises(AlreadyMember):
        accept(invitation=row, user=owner)
    row.refresh_from_db()
    assert row.status == "sent"
