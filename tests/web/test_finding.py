"""Searching as one types: gallery and list, with scripts and without."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Connection, Credential
from connections.web.categories import LABELS
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.models import Integration
from tests.factories import load_builtin, make_workspace
from tests.web.browser import member_of, send
from tests.web.test_connecting import ZENDESK, form_url
from tests.web.test_own_connections import connected

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def gallery(client, workspace, query="", **headers):
    answer = client.get(f"/w/{workspace.slug}/integrations{query}", **headers)
    assert answer.status_code == 200
    return answer


def shown(answer):
    return {card.integration.slug for card in answer.context["cards"]}


@pytest.fixture
def person():
    workspace = make_workspace()
    return (*member_of(workspace), workspace)


# The gallery


def test_script_gets_what_was_found_and_how_much(person):
    load_builtin("gmail", "zendesk", "s3")
    client, _user, workspace = person
    text = gallery(client, workspace, "?search=gmail", **HTMX).content.decode()
    assert "<html" not in text
    assert '<p id="count" hx-swap-oob="innerHTML">1 integration</p>' in text
    assert "Zendesk" not in text
    whole = gallery(client, workspace, "?search=gmail")
    assert "<html" in whole.content.decode()
    assert 'role="status" id="count">1 integration</p>' in whole.content.decode()
    assert "HX-Request" in whole["Vary"]


def test_step_back_in_the_history_gets_the_whole_page(person):
    client, _user, workspace = person
    headers = {**HTMX, "HTTP_HX_HISTORY_RESTORE_REQUEST": "true"}
    assert "<html" in gallery(client, workspace, **headers).content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("?category=email", {"gmail"}, id="one"),
        pytest.param("?category=email&integration_type=storage", set(), id="both-hold"),
        pytest.param("?category=support&search=zen", {"zendesk"}, id="with-words"),
        pytest.param("?category=unheard-of", {"gmail", "zendesk", "s3"}, id="unknown"),
    ],
)
def test_category_narrows_the_gallery(person, query, expected):
    load_builtin("gmail", "zendesk", "s3")
    client, _user, workspace = person
    assert shown(gallery(client, workspace, query)) == expected


def test_categories_are_those_of_what_can_be_connected_in_words(person):
    load_builtin("gmail", "zendesk", "s3")
    Integration.objects.filter(slug="s3").update(status="draft")
    Integration.objects.create(slug="x", name="X", type="tool", categories=["own_kind"])
    client, _user, workspace = person
    choices = gallery(client, workspace).context["search"].fields["category"].choices
    assert [(value, str(label)) for value, label in choices] == [
        ("", "All categories"),
        ("support", "Customer support"),
        ("email", "Email"),
        ("google", "Google"),
        ("own_kind", "Own kind"),
    ]


def test_every_category_of_the_catalogue_has_a_name():
    used = {one for path in BUILT_IN.glob("*.yaml") for one in read_file(path).categories}
    assert used == set(LABELS)


def test_cards_tell_how_often_oneself_is_connected(person):
    client, row, _url = connected()
    connected(row.workspace)
    send(client, form_url(row.workspace), ZENDESK)
    load_builtin("gmail")
    cards = gallery(client, row.workspace).context["cards"]
    assert {card.integration.slug: card.connected for card in cards} == {"gmail": 0, "zendesk": 2}
    assert "Connected 2 times" in gallery(client, row.workspace).content.decode()


def test_marks_of_a_whole_page_cost_one_query(django_assert_max_num_queries):
    rows = [Integration(slug=f"one-{n:03}", name=f"One {n}", type="tool") for n in range(300)]
    Integration.objects.bulk_create(rows)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    with django_assert_max_num_queries(10):
        answer = gallery(client, workspace, "?page=5")
    assert len(answer.context["cards"]) == 24
    assert "300 integrations" in answer.content.decode()


def test_deprecated_integration_is_marked(person):
    load_builtin("zendesk")
    Integration.objects.update(status="deprecated")
    client, _user, workspace = person
    assert "Deprecated" in gallery(client, workspace).content.decode()
    assert "Deprecated" in client.get(form_url(workspace)).content.decode()


@pytest.mark.parametrize(
    ("logo", "is_drawn"),
    [
        pytest.param("data:image/png;base64,iVBORw0KGgo=", True, id="data"),
        pytest.param("/static/logo.svg", True, id="own"),
        pytest.param("https://elsewhere.example/logo.png", False, id="elsewhere"),
        pytest.param("//elsewhere.example/logo.png", False, id="elsewhere-in-short"),
        pytest.param("data:text/html,<script>alert(1)</script>", False, id="no-picture"),
        pytest.param("javascript:alert(1)", False, id="script"),
        pytest.param("", False, id="none"),
    ],
)
def test_logo_is_drawn_where_the_page_may_load_it_else_letters_are(person, logo, is_drawn):
    Integration.objects.create(slug="x", name="Great tools", type="tool", logo_url=logo)
    client, _user, workspace = person
    text = gallery(client, workspace).content.decode()
    assert (f'<img src="{logo}" alt="">' in text) == is_drawn
    assert (">GT</span>" in text) != is_drawn
    assert "elsewhere.example" not in text


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Gmail", "Gm"),
        ("Amazon S3", "AS"),
        ("élan vital inc", "ÉV"),
        ("日本語", "日本"),
        ("--", "?"),
        ("X", "X"),
    ],
)
def test_letters_of_a_tile(person, name, letters):
    Integration.objects.create(slug="x", name=name, type="tool")
    client, _user, workspace = person
    text = gallery(client, workspace).content.decode()
    [(colour, found)] = re.findall(r'class="tile tile-(\d)" aria-hidden="true">([^<]*)<', text)
    assert found == letters
    assert colour in "01234567"


# The list


def labels(client, row, query="", **headers):
    answer = client.get(f"/w/{row.workspace.slug}/connections{query}", **headers)
    return [entry.connection.label for entry in answer.context["entries"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", ["Second", "Support"], id="all"),
        pytest.param("?status=error", ["Second"], id="status"),
        pytest.param("?status=active&search=zendesk", ["Support"], id="status-and-words"),
        pytest.param("?status=expired", [], id="no-such-state"),
        pytest.param("?status=nonsense", ["Second", "Support"], id="unknown-status"),
        pytest.param("?integration_type=connectors", ["Second", "Support"], id="type"),
        pytest.param("?integration_type=storage", [], id="other-type"),
        pytest.param("?search=secon", ["Second"], id="words"),
    ],
)
def test_list_is_narrowed_by_status_type_and_words(query, expected):
    client, row, _url = connected()
    send(client, form_url(row.workspace), {**ZENDESK, "label": "Second"})
    Connection.objects.filter(label="Second").update(status="error")
    assert labels(client, row, query) == expected
    assert labels(client, row, query, **HTMX) == expected


def test_list_sends_a_script_what_was_found():
    client, row, _url = connected()
    address = f"/w/{row.workspace.slug}/connections?search=nothing"
    text = client.get(address, **HTMX).content.decode()
    assert "<html" not in text
    assert '<p id="count" hx-swap-oob="innerHTML">0 connections</p>' in text
    assert "None of your connections fits." in text


@pytest.mark.parametrize(
    ("days", "due_days", "words"),
    [
        pytest.param(13, None, "Ends soon:", id="soon"),
        pytest.param(15, None, "Ends ", id="later"),
        pytest.param(-1, None, "Ended", id="over"),
        pytest.param(1, 0, "Renews itself", id="refreshed-before"),
        pytest.param(1, 1, "Ends soon:", id="only-looked-at-when-it-ends"),
    ],
)
def test_list_marks_what_ends_within_two_weeks(days, due_days, words):
    client, row, url = connected()
    ends = timezone.now() + timedelta(days=days)
    Connection.objects.update(expires_at=ends)
    if due_days is not None:
        Credential.objects.update(next_refresh_at=timezone.now() + timedelta(days=due_days))
        Connection.objects.update(expires_at=timezone.now() + timedelta(days=days, seconds=-1))
    for address in (url, f"/w/{row.workspace.slug}/connections"):
        text = client.get(address).content.decode()
        found = [one for one in ("Ends soon:", "Ended", "Renews itself") if one in text]
        assert words in text
        assert found == ([words] if words != "Ends " else [])


def test_empty_places_say_what_to_do_next(person):
    client, _user, workspace = person
    text = client.get(f"/w/{workspace.slug}/connections").content.decode()
    assert "You have no connections in this workspace yet." in text
    assert f'href="/w/{workspace.slug}/integrations"' in text
    assert "Nothing can be connected here yet" in gallery(client, workspace).content.decode()
