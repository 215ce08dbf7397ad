import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client

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
        sign_in("nobody", "wrong"),
        sign_in("locked", "a password"),
        sign_in(user.username, "x" * 4097),
    ]
    texts = [
        [str(one) for found in a.context["form"].errors.values() for one in found] for a in answers
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert texts == [texts[0]] * 4
    assert all("sessionid" not in answer.cookies for answer in answers)


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
