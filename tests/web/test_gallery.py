from urllib.parse import urlencode

import pytest
from django.conf import settings

from integrations.models import Integration
from tests.factories import KEY_AND_EMAIL, load_builtin, make_integration, make_workspace
from tests.web.browser import member_of

pytestmark = pytest.mark.django_db
SLUGS = ("gmail", "zendesk", "s3", "openai", "slack")


def shown(client, workspace, query=""):
    """Slugs that the gallery links to."""
    page = client.get(f"/w/{workspace.slug}/integrations{query}")
    assert page.status_code == 200
    return {row.slug for row in page.context["page"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", set(SLUGS), id="all"),
        pytest.param("?search=gma", {"gmail"}, id="part-of-a-name"),
        pytest.param("?search=SLACK", {"slack"}, id="any-case"),
        pytest.param("?integration_type=storage", {"s3"}, id="type"),
        pytest.param("?integration_type=storage&search=gmail", set(), id="both-hold"),
        pytest.param("?integration_type=unheard-of", set(SLUGS), id="no-such-type"),
        pytest.param("?search=%00", set(SLUGS), id="nul"),
        pytest.param("?search=" + "x" * 256, set(SLUGS), id="overlong"),
        pytest.param("?search=%25", set(), id="percent-is-no-wildcard"),
        pytest.param("?page=99", set(SLUGS), id="past-the-end"),
        pytest.param("?page=-1", set(SLUGS), id="before-the-start"),
        pytest.param("?page=abc", set(SLUGS), id="no-number"),
        pytest.param("?page=" + "9" * 5000, set(SLUGS), id="digits-without-end"),
    ],
)
def test_search_and_type_narrow_the_gallery(query, expected):
    load_builtin(*SLUGS)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    assert shown(client, workspace, query) == expected


@pytest.mark.parametrize(
    ("language", "words", "expected"),
    [
        pytest.param("de", "support-tickets", {"zendesk"}, id="as-it-is-read"),
        pytest.param("de", "Support tickets", {"zendesk"}, id="original"),
        pytest.param("en", "support-tickets", set(), id="another-language"),
        pytest.param("fr", "chez nous", {"key-and-email"}, id="translations-of-its-own"),
        pytest.param("de", "100%", set(), id="percent-is-no-wildcard"),
    ],
)
def test_search_finds_what_the_reader_reads(language, words, expected):
    load_builtin("zendesk", "gmail")
    own = make_integration(KEY_AND_EMAIL)
    Integration.objects.filter(pk=own.pk).update(
        slug="key-and-email", translations={"fr": {"name": "Comme chez nous"}}
    )
    workspace = make_workspace()
    client, _user = member_of(workspace)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert shown(client, workspace, f"?{urlencode({'search': words})}") == expected


def test_what_cannot_be_searched_for_says_so_at_its_input():
    workspace = make_workspace()
    client, _user = member_of(workspace)
    page = client.get(f"/w/{workspace.slug}/integrations?search=%00&integration_type=x")
    text = page.content.decode()
    assert 'id="id_search_error"' in text
    assert 'id="id_integration_type_error"' in text


def test_drafts_disabled_ones_and_those_of_others_are_not_shown():
    load_builtin("gmail", "zendesk", "s3")
    Integration.objects.filter(slug="zendesk").update(status="draft")
    Integration.objects.filter(slug="s3").update(is_enabled=False)
    make_integration(KEY_AND_EMAIL, workspace=make_workspace())
    workspace = make_workspace()
    client, _user = member_of(workspace)
    assert shown(client, workspace) == {"gmail"}


def test_gallery_has_pages_that_keep_the_search():
    rows = [Integration(slug=f"one-{n:02}", name=f"One {n:02}", type="tool") for n in range(30)]
    Integration.objects.bulk_create(rows)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    assert len(shown(client, workspace, "?search=one")) == 24
    page = client.get(f"/w/{workspace.slug}/integrations?search=one&page=2")
    assert len(page.context["page"].object_list) == 6
    assert 'href="?search=one&amp;page=1"' in page.content.decode()


def test_stored_text_is_never_markup():
    row = Integration.objects.create(
        slug="x", name="<script>alert(1)</script>", type="tool", description="{{ 7|add:7 }} <b>"
    )
    workspace = make_workspace()
    client, _user = member_of(workspace)
    text = client.get(f"/w/{workspace.slug}/integrations").content.decode()
    assert "<script>alert" not in text
    assert "{{ 7|add:7 }} &lt;b&gt;" in text
    assert f"/integrations/{row.slug}" in text


def test_gallery_leads_to_the_form_of_the_usual_method_which_offers_the_others():
    load_builtin("zendesk", "s3")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    base = f"/w/{workspace.slug}/integrations"
    assert client.get(f"{base}/s3")["Location"] == f"{base}/s3/access_key"
    assert client.get(f"{base}/zendesk")["Location"] == f"{base}/zendesk/api_token"
    text = client.get(f"{base}/zendesk/api_token").content.decode()
    assert f'active" aria-current="page" href="{base}/zendesk/api_token"' in text
    assert f'href="{base}/zendesk/oauth2"' in text
    assert "Ways to connect" not in client.get(f"{base}/s3/access_key").content.decode()


def test_integration_without_a_method_says_so():
    Integration.objects.create(slug="x", name="X", type="tool")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    answer = client.get(f"/w/{workspace.slug}/integrations/x")
    assert "There is no way to connect it yet." in answer.content.decode()


def test_gallery_costs_the_same_however_much_it_shows(django_assert_max_num_queries):
    rows = [Integration(slug=f"one-{n:02}", name=f"One {n:02}", type="tool") for n in range(30)]
    Integration.objects.bulk_create(rows)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    with django_assert_max_num_queries(10):
        assert len(shown(client, workspace)) == 24
