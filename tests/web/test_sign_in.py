import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client
from django.urls import NoReverseMatch, reverse

from connections.access.sign_in import SignInBackend
from tests.factories import make_member, make_user, make_workspace
from tests.web.browser import signed_in

pytestmark = pytest.mark.django_db


def sign_in(username, password, **more):
    sent = {"login": username, "password": password, **more}
    return Client().post("/sign-in", sent)


def test_member_signs_in_and_lands_in_the_workspace():
    workspace = make_workspace()
    user = make_member(workspace).user
    client = Client()
    sent = {"login": user.username, "password": "a password"}
    answer = client.post("/sign-in", sent, follow=True)
    assert answer.redirect_chain == [("/", 302), (f"/w/{workspace.slug}/connections", 302)]
    assert answer.status_code == 200


def test_every_refusal_reads_the_same():
    user = make_user()
    make_user("locked", is_active=False)
    answers = [
        sign_in(user.username, "wrong"),
        sign_in(user.email, "wrong"),
        sign_in("nobody", "wrong"),
        sign_in("nobody@example.com", "wrong"),
        sign_in("locked", "a password"),
        sign_in("locked@example.com", "a password"),
        sign_in(user.username, "x" * 4097),
    ]
    texts = [
        [str(one) for found in a.context["form"].errors.values() for one in found] for a in answers
    ]
    assert [answer.status_code for answer in answers] == [200] * 7
    assert texts == [texts[0]] * 7
    assert texts[0]
    assert all("sessionid" not in answer.cookies for answer in answers)


@pytest.mark.parametrize(
    "named",
    ["ada", "ada@example.com", "locked", "locked@example.com", "nobody", "nobody@example.com"],
)
def test_every_refusal_takes_one_hash(named, monkeypatch):
    make_user("ada")
    make_user("locked", is_active=False)
    hashed = []
    encode = PBKDF2PasswordHasher.encode
    monkeypatch.setattr(
        PBKDF2PasswordHasher,
        "encode",
        lambda self, password, *rest, **named: (
            hashed.append(password) or encode(self, password, *rest, **named)
        ),
    )
    sign_in(named, "wrong")
    assert hashed == ["wrong"]


def test_one_signs_in_with_the_e_mail_address():
    user = make_user()
    assert sign_in(user.email.upper(), "a password")["Location"] == "/"


def test_an_address_of_two_people_is_nobodys():
    first, second = make_user("one"), make_user("two")
    second.email = "one@example.com"
    second.save()
    assert first.email == second.email
    assert sign_in(first.email, "a password").status_code == 200
    assert sign_in("two", "a password").status_code == 302


def test_a_name_counts_before_an_address():
    owner = make_user("ada@example.com")
    other = make_user("other")
    other.email = "ada@example.com"
    other.save()
    found = SignInBackend().authenticate(None, username="ada@example.com", password="a password")
    assert found == owner


@pytest.mark.parametrize("path", ["/accounts/signup/", "/sign-up", "/account/email", "/accounts/"])
def test_nobody_signs_up_uninvited(path):
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_reset_password",
        "account_set_password",
        "account_confirm_login_code",
        "account_verify_phone",
        "mfa_signup_webauthn",
        "mfa_trust",
        "socialaccount_connections",
        "usersessions_list",
    ],
)
def test_pages_that_nobody_needs_have_no_address(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize(("length", "is_hashed"), [(4096, True), (4097, False)])
def test_overlong_password_is_refused_before_it_is_hashed(length, is_hashed, monkeypatch):
    hashed = []
    encode = PBKDF2PasswordHasher.encode
    monkeypatch.setattr(
        PBKDF2PasswordHasher,
        "encode",
        lambda self, password, *rest: hashed.append(len(password)) or encode(self, "x", *rest),
    )
    sign_in("nobody", "x" * length)
    assert bool(hashed) is is_hashed


@pytest.mark.parametrize("name", ["\0", "a\0b", "\ud800", "x" * 300])
def test_name_that_nobody_can_have_is_refused(name):
    answer = sign_in(name.encode("utf-8", "surrogatepass"), "a password")
    assert answer.status_code == 200
    assert answer.context["form"].errors


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        pytest.param("/w/x/connections", "/w/x/connections", id="local"),
        pytest.param("//evil.com", "/", id="other-host"),
        pytest.param("https://evil.com/", "/", id="absolute"),
        pytest.param("https:evil.com", "/", id="scheme-only"),
        pytest.param("/\\evil.com", "/", id="backslash"),
        pytest.param("javascript:alert(1)", "/", id="script"),
        pytest.param("", "/", id="none"),
    ],
)
def test_only_pages_of_this_site_follow_a_sign_in(wanted, target):
    user = make_user()
    answer = sign_in(user.username, "a password", next=wanted)
    assert (answer.status_code, answer["Location"]) == (302, target)


def test_wanted_page_travels_through_the_form():
    page = Client().get("/w/x/connections")
    assert page["Location"] == "/sign-in?next=/w/x/connections"
    assert 'name="next" value="/w/x/connections"' in Client().get(page["Location"]).content.decode()


def test_foreign_next_is_not_even_drawn():
    assert "evil" not in Client().get("/sign-in?next=//evil.com").content.decode()


def test_signing_out_takes_a_post_and_ends_the_session():
    client = signed_in(make_user())
    assert client.get("/sign-out").status_code == 405
    assert client.get("/").status_code == 200
    assert client.post("/sign-out")["Location"] == "/sign-in"
    assert client.get("/")["Location"].startswith("/sign-in")


def test_home_lists_several_workspaces_and_names_none_of_strangers():
    user, stranger = make_user(), make_member(make_workspace())
    shown = [make_member(make_workspace(), user).workspace for _each in range(2)]
    closed = make_member(make_workspace(is_active=False), user).workspace
    text = signed_in(user).get("/").content.decode()
    assert all(f"/w/{workspace.slug}/connections" in text for workspace in shown)
    assert stranger.workspace.slug not in text
    assert f"/w/{closed.slug}/" not in text


def test_home_without_a_workspace_says_what_to_do():
    assert "Ask whoever runs this site" in signed_in(make_user()).get("/").content.decode()


# The admin's door is the same door.


def test_admin_sends_to_the_sign_in_and_back():
    page = Client().get("/admin/connections/apikey/")
    assert page["Location"] == "/admin/login/?next=/admin/connections/apikey/"
    there = Client().get(page["Location"])
    assert there["Location"] == "/sign-in?next=%2Fadmin%2Fconnections%2Fapikey%2F"


@pytest.mark.parametrize("wanted", ["//evil.com", "https://evil.com/", "/\\evil.com", ""])
def test_admin_sends_nowhere_else(wanted):
    there = Client().get("/admin/login/", {"next": wanted})
    assert there["Location"] == "/sign-in?next=%2Fadmin%2F"
    staff = signed_in(make_user(is_staff=True))
    assert staff.get("/admin/login/", {"next": wanted})["Location"] == "/admin/"


def test_who_is_no_staff_is_told_so_at_the_admins_door():
    assert signed_in(make_user()).get("/admin/login/?next=/admin/").status_code == 403


@pytest.mark.parametrize("path", ["/admin/password_change/", "/admin/password_change/done/"])
def test_staff_change_their_password_where_everybody_does(path):
    staff = make_user(is_staff=True)
    client, before = signed_in(staff), staff.password
    typed = {"old_password": "x", "new_password1": "y" * 9000, "new_password2": "y" * 9000}
    for answer in (client.get(path), client.post(path, typed)):
        assert (answer.status_code, answer["Location"]) == (302, "/account/password")
    staff.refresh_from_db()
    assert staff.password == before


@pytest.mark.parametrize("path", ["/account/security", "/account/password", "/account/sessions"])
def test_pages_about_oneself_need_a_sign_in(path):
    assert Client().get(path)["Location"] == f"/sign-in?next={path}"
    assert signed_in(make_user()).get(path).status_code == 200
