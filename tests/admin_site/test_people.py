"""Users and groups: nobody gives away more than they have, and nobody becomes a superuser."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User

from connections.roles import make_roles
from tests.admin_site.pages import AdminForm, change_url, staff
from tests.admin_site.test_roles import member_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> tuple[Any, Any]:
    make_roles()
    return member_of("Administrator")


def sent_by(client: Any, url: str, **typed: Any) -> Any:
    """What the page holds, with what somebody adds to it by hand."""
    form = AdminForm(client.get(url)).sent
    return client.post(url, {**form, "_save": "Save", **typed})


def test_administrator_makes_a_colleague_with_a_role(administrator):
    client, _user = administrator
    role, other = Group.objects.get(name="Operator"), make_user("otto")
    answer = sent_by(client, change_url(other), groups=[role.pk], is_staff="on")
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    other.refresh_from_db()
    assert (list(other.groups.all()), other.is_staff, other.is_superuser) == ([role], True, False)


@pytest.mark.parametrize("whom", ["self", "other"])
def test_nobody_makes_a_superuser(administrator, whom):
    client, user = administrator
    target = user if whom == "self" else make_user("otto")
    page = client.get(change_url(target)).content.decode()
    assert 'name="is_superuser"' not in page
    sent_by(client, change_url(target), is_superuser="on")
    assert not User.objects.filter(is_superuser=True).exists()


def test_new_user_is_no_superuser(administrator):
    client, _user = administrator
    typed = {"username": "newcomer", "password1": "ri7Kkp20Qz", "password2": "ri7Kkp20Qz"}
    sent_by(client, "/admin/auth/user/add/", **typed, is_superuser="on", is_staff="on")
    made = User.objects.get(username="newcomer")
    assert (made.is_superuser, made.is_staff) == (False, False)


@pytest.mark.parametrize("where", ["change", "password", "delete"])
def test_superuser_is_out_of_reach(administrator, where):
    client, _user = administrator
    root = make_user("root", is_staff=True, is_superuser=True)
    before = root.password
    url = change_url(root).replace("/change/", f"/{where}/")
    typed = {"password1": "ri7Kkp20Qz", "password2": "ri7Kkp20Qz", "post": "yes", "username": "x"}
    assert client.post(url, typed).status_code == 403
    root.refresh_from_db()
    assert (root.username, root.password) == ("root", before)


def test_superuser_is_not_deleted_among_many(administrator):
    client, _user = administrator
    root = make_user("root", is_superuser=True)
    sent = {"action": "delete_selected", "_selected_action": [root.pk], "post": "yes"}
    client.post("/admin/auth/user/", sent)
    assert User.objects.filter(pk=root.pk).exists()


def test_permission_that_one_lacks_is_not_given(administrator):
    client, user = administrator
    beyond = Permission.objects.get(codename="delete_session")
    answer = sent_by(client, change_url(user), user_permissions=[beyond.pk])
    assert "user_permissions" in answer.context["adminform"].form.errors
    group = Group.objects.create(name="ours")
    answer = sent_by(client, change_url(group), permissions=[beyond.pk])
    assert "permissions" in answer.context["adminform"].form.errors
    assert not User.objects.get(pk=user.pk).has_perm("sessions.delete_session")


def test_group_that_holds_more_is_neither_given_nor_changed(administrator):
    client, user = administrator
    above = Group.objects.create(name="above")
    above.permissions.add(Permission.objects.get(codename="delete_session"))
    answer = sent_by(client, change_url(user), groups=[above.pk])
    assert "groups" in answer.context["adminform"].form.errors
    assert client.post(change_url(above), {"name": "mine"}).status_code == 403
    assert not User.objects.get(pk=user.pk).groups.filter(pk=above.pk).exists()


def test_user_who_may_more_is_out_of_reach(administrator):
    client, _user = administrator
    other = make_user("other", is_staff=True)
    other.user_permissions.add(Permission.objects.get(codename="delete_session"))
    url = change_url(other).replace("/change/", "/password/")
    typed = {"password1": "ri7Kkp20Qz", "password2": "ri7Kkp20Qz"}
    assert client.post(url, typed).status_code == 403


def test_superuser_makes_superusers():
    client, _user = staff()
    other = make_user("other")
    assert sent_by(client, change_url(other), is_superuser="on").status_code == 302
    assert User.objects.get(pk=other.pk).is_superuser


def test_no_digest_of_a_password_is_shown(administrator):
    client, _user = administrator
    other = make_user("other")
    digest = other.password.rpartition("$")[2]
    for url in (change_url(other), "/admin/auth/user/"):
        assert digest not in client.get(url).content.decode()
    viewer, _person = member_of("Viewer")
    assert digest not in viewer.get(change_url(other)).content.decode()
