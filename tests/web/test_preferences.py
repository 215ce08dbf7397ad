"""The language and the theme: chosen at the foot of every page, kept in cookies, for everybody."""

import pytest
from django.test import Client
from django.utils import translation

from tests.factories import api_client, make_key, make_workspace
from tests.web.browser import PageForm, member_of

pytestmark = pytest.mark.django_db


def choose(client, **sent):
    return client.post("/preferences", {"next": "/sign-in", **sent})


def html_tag(answer):
    text = answer.content.decode()
    return text[text.index("<html") : text.index(">", text.index("<html")) + 1]


@pytest.mark.parametrize(
    ("accepted", "chosen", "language", "direction"),
    [
        ("", "", "en", "ltr"),
        ("de-AT,de;q=0.9,en;q=0.5", "", "de", "ltr"),
        ("fr", "es", "es", "ltr"),
        ("ar", "", "ar", "rtl"),
        ("tlh", "", "en", "ltr"),
        ("de", "tlh", "de", "ltr"),
    ],
    ids=["nothing", "browser", "choice-first", "right-to-left", "unknown", "no-such-choice"],
)
def test_page_speaks_the_language_of_its_reader(accepted, chosen, language, direction):
    client = Client(headers={"Accept-Language": accepted})
    if chosen:
        choose(client, language=chosen)
    answer = client.get("/sign-in")
    assert f'lang="{language}" dir="{direction}"' in html_tag(answer)
    assert answer["Content-Language"] == language
    assert ("bootstrap-5.3.8.rtl.min.css" in answer.content.decode()) is (direction == "rtl")


@pytest.mark.parametrize(
    ("chosen", "theme", "scheme"),
    [
        ("", "auto", "light dark"),
        ("light", "light", "light"),
        ("dark", "dark", "dark"),
        ("auto", "auto", "light dark"),
        ("pink", "auto", "light dark"),
    ],
)
def test_page_has_the_theme_of_its_reader(chosen, theme, scheme):
    client = Client()
    choose(client, theme=chosen)
    answer = client.get("/sign-in")
    assert f'data-bs-theme="{theme}"' in html_tag(answer)
    assert f'<meta name="color-scheme" content="{scheme}">' in answer.content.decode()


def test_choices_are_shown_and_can_be_taken_back():
    client = Client(headers={"Accept-Language": "fr"})
    choose(client, language="de", theme="dark")
    page = client.get("/sign-in").content.decode()
    assert '<option value="de" lang="de" selected>Deutsch</option>' in page
    assert '<option value="dark" selected>Dunkel</option>' in page
    choose(client, language="", theme="auto")
    assert 'lang="fr" dir="ltr" data-bs-theme="auto"' in html_tag(client.get("/sign-in"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cookies_are_for_the_server_only(scheme, settings):
    settings.HTTPS = scheme == "https"
    cookies = choose(Client(), language="de", theme="dark").cookies
    assert sorted(cookies) == ["language", "theme"]
    for cookie in cookies.values():
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"
        assert bool(cookie["secure"]) is settings.HTTPS


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/w/one/connections?page=2", "/w/one/connections?page=2"),
        ("https://testserver/sign-in", "https://testserver/sign-in"),
        ("//evil.example", "/"),
        ("https://evil.example/sign-in", "/"),
        ("https:evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_way_back_is_a_page_of_this_site(wanted, place):
    answer = choose(Client(), next=wanted, language="de")
    assert (answer.status_code, answer["Location"]) == (302, place)


def test_choosing_takes_a_post_with_the_token_of_the_form():
    assert Client().get("/preferences").status_code == 405
    client = Client(enforce_csrf_checks=True)
    assert choose(client, language="de").status_code == 403
    page = client.get("/sign-in").content.decode()
    start = page.index('name="csrfmiddlewaretoken" value="') + 34
    token = page[start : page.index('"', start)]
    assert choose(client, language="de", csrfmiddlewaretoken=token).status_code == 302
    assert 'lang="de"' in html_tag(client.get("/sign-in"))


@pytest.mark.parametrize("url", ["/nothing-here", "/oauth/result/nothing"])
def test_error_page_keeps_language_and_theme_without_a_query(url, django_assert_num_queries):
    client = Client()
    choose(client, language="ar", theme="dark")
    with django_assert_num_queries(0):
        answer = client.get(url)
    assert answer.status_code == 404
    assert 'lang="ar" dir="rtl" data-bs-theme="dark"' in html_tag(answer)
    assert "غير موجود" in answer.content.decode()


def test_program_gets_one_wording_whatever_was_served_before():
    workspace = make_workspace()
    browser, _user = member_of(workspace)
    browser.cookies["language"] = "de"
    assert "Ihre Verbindungen" in browser.get(f"/w/{workspace.slug}/connections").content.decode()
    client = api_client(make_key(workspace), HTTP_ACCEPT_LANGUAGE="de")
    answer = client.get("/api/v1/connections/conn_nothing")
    assert answer.json()["detail"] == "Connection not found"
    assert "Content-Language" not in answer.headers
    assert translation.get_language() is None


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/sign-in?next=/w/one/connections%3Fpage%3D2", True),
        ("/sign-in?page=2&search=ä%26b", True),
        ("/sign-in?next=//evil.example", False),
    ],
    ids=["way-onward", "search", "foreign"],
)
def test_choosing_a_language_leads_back_to_the_same_page(asked, kept):
    client = Client()
    form = PageForm(client.get(asked)).foot
    answer = client.post("/preferences", {name: found[0] for name, found in form.items()})
    back = client.get(answer["Location"]).wsgi_request.GET.dict()
    assert back == (client.get(asked).wsgi_request.GET.dict() if kept else {})


def test_host_that_is_not_ours_gets_its_error_page():
    answer = Client(headers={"Host": "evil.example"}).get("/sign-in?next=//evil.example")
    assert answer.status_code == 400
    assert 'data-bs-theme="auto"' in html_tag(answer)


def test_address_below_the_api_that_nobody_has_is_refused_in_one_wording():
    client = Client(headers={"Accept-Language": "de"})
    client.get("/sign-in")
    answer = client.get("/api/nothing")
    assert answer.json() == {"detail": "Not found", "code": "not_found"}
    assert "Content-Language" not in client.get("/api/schema").headers
