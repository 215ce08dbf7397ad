"""Draft, published, deprecated; copies; what a save would break; history."""

from typing import Any

import pytest
from django.urls import reverse

from connections.models import Connection
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.models import Integration, IntegrationRevision
from integrations.services import load_definition
from tests.admin_site.pages import (
    INTEGRATIONS,
    AdminForm,
    change_url,
    errors_of,
    messages_of,
    send,
    staff,
)
from tests.admin_site.test_changing import connect
from tests.factories import (
    api_client,
    load_builtin,
    make_key,
    make_workspace,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def used(row) -> Integration:
    workspace = make_workspace()
    connect(workspace, label="First")
    connect(workspace, label="Second")
    return row


def page(name: str, row: Any, *rest: Any) -> str:
    return reverse(f"admin:integrations_integration_{name}", args=[row.pk, *rest])


def confirm(client: Any, url: str) -> Any:
    """Open a page that asks, and answer with what its form holds."""
    return client.post(url, AdminForm(client.get(url)).sent, follow=True)


def seen_by_api(slug: str) -> int:
    client = api_client(make_key(make_workspace()))
    return client.get_json(f"/integrations/{slug}").status_code


def number_of(method: Any, key: str) -> int:
    return list(method.fields.order_by("order", "id").values_list("key", flat=True)).index(key)


# Status.


def test_new_integration_is_a_draft_until_it_is_published():
    client, _user = staff()
    send(client, f"{INTEGRATIONS}add/", {"slug": "mine", "name": "Mine", "type": "api"})
    row = Integration.objects.get()
    assert (row.status, seen_by_api("mine")) == ("draft", 404)
    asked = client.get(page("status", row, "published")).content.decode()
    assert "It has no auth method: nobody can connect it." in asked
    confirm(client, page("status", row, "published"))
    assert Integration.objects.get().status == "draft"


def test_status_changes_by_its_pages_and_is_kept_in_the_history(row):
    client, user = staff()
    for status, seen in (("deprecated", 200), ("draft", 404), ("published", 200)):
        assert row.status != status
        confirm(client, page("status", row, status))
        row.refresh_from_db()
        assert (row.status, seen_by_api("three-ways")) == (status, seen)
    actions = list(row.revisions.values_list("action", flat=True)[:3])
    assert actions == ["published", "withdrawn", "deprecated"]
    assert row.revisions.first().made_by == user.username


def test_taking_back_what_is_used_warns(used):
    client, _user = staff()
    assert "2 connections use it." in client.get(page("status", used, "draft")).content.decode()


def test_status_pages_need_the_right_to_change(row):
    looker, _user = staff("integrations.view_integration")
    for url in (page("status", row, "draft"), page("draft", row), page("duplicate", row)):
        assert (looker.get(url).status_code, looker.post(url).status_code) == (403, 403)
    assert looker.get(page("revisions", row)).status_code == 200
    number = row.revisions.get().number
    assert looker.post(page("restore", row, number)).status_code == 403


# Copies.


def test_duplicate_is_a_draft_with_the_same_methods_and_fields(row):
    client, _user = staff()
    assert errors_of_slug(client, row, "Not A Slug")
    assert errors_of_slug(client, row, "three-ways")
    client.post(page("duplicate", row), {"slug": "fourth-way"})
    copy = Integration.objects.get(slug="fourth-way")
    assert (copy.status, copy.draft_of) == ("draft", None)
    for method in row.auth_methods.all():
        twin = copy.auth_methods.get(slug=method.slug)
        assert twin.pk != method.pk
        assert list(twin.fields.values_list("key")) == list(method.fields.values_list("key"))
    assert row.auth_methods.count() == 3


def errors_of_slug(client: Any, row: Any, slug: str) -> Any:
    return client.post(page("duplicate", row), {"slug": slug}).context["form"].errors


def test_published_draft_copy_replaces_the_definition_in_place(used):
    client, _user = staff()
    confirm(client, page("draft", used))
    copy = Integration.objects.get(draft_of=used)
    method = copy.auth_methods.get(slug="api_key")
    send(client, change_url(method), {"name": "Renamed in the draft"})
    assert used.auth_methods.get(slug="api_key").name == "API key"
    assert seen_by_api(copy.slug) == 404
    pks = set(used.auth_methods.values_list("pk", flat=True))
    asked = client.get(page("status", copy, "published")).content.decode()
    assert "+   name: Renamed in the draft" in asked
    done = confirm(client, page("status", copy, "published"))
    assert "Done: it is in use from now on." in messages_of(done)
    assert used.auth_methods.get(slug="api_key").name == "Renamed in the draft"
    assert set(used.auth_methods.values_list("pk", flat=True)) == pks
    assert not Integration.objects.filter(pk=copy.pk).exists()
    assert Integration.objects.get(pk=used.pk).status == "published"
    assert Connection.objects.filter(integration=used).count() == 2


def test_original_that_was_edited_meanwhile_is_told(row):
    client, _user = staff()
    confirm(client, page("draft", row))
    copy = Integration.objects.get(draft_of=row)
    stale = AdminForm(client.get(page("status", copy, "published"))).sent
    send(client, change_url(row), {"name": "Edited meanwhile"})
    asked = client.get(page("status", copy, "published")).content.decode()
    assert "was changed after this copy was made" in asked
    assert "- name: Edited meanwhile" in asked
    # Whoever looked before that has not seen it.
    client.post(page("status", copy, "published"), stale)
    assert Integration.objects.get(pk=row.pk).name == "Edited meanwhile"


def test_method_in_use_stays_when_a_draft_without_it_is_published(used):
    client, _user = staff()
    confirm(client, page("draft", used))
    copy = Integration.objects.get(draft_of=used)
    copy.auth_methods.get(slug="api_key").delete()
    done = confirm(client, page("status", copy, "published"))
    assert "These methods stay, because connections use them: api_key" in messages_of(done)
    assert used.auth_methods.filter(slug="api_key").exists()


def test_published_draft_of_a_catalogue_file_counts_as_an_edit_of_staff():
    load_builtin("cohere")
    row, (client, _user) = Integration.objects.get(), staff()
    confirm(client, page("draft", row))
    copy = Integration.objects.get(draft_of=row)
    send(client, change_url(copy), {"name": "Ours"})
    confirm(client, page("status", copy, "published"))
    assert load_definition(read_file(BUILT_IN / "cohere.yaml")) == "kept"
    assert Integration.objects.get().name == "Ours"


# What a save would break.


def test_save_that_breaks_connections_asks_first(used):
    client, _user = staff()
    method = used.auth_methods.get(slug="api_key")
    number = number_of(method, "api_key")
    typed = {f"fields-{number}-min_length": "500"}
    before = used.revisions.count()
    asked = send(client, change_url(method), typed)
    text = asked.content.decode()
    assert asked.status_code == 200
    assert "2 connections will stop passing." in text
    assert "min_length" in text
    assert "credentials.api_key" in text
    assert "canary-4711-key" not in text
    assert method.fields.get(key="api_key").min_length == 10
    assert used.revisions.count() == before
    # Pressing the button on that page saves it.
    done = client.post(change_url(method), AdminForm(asked).sent)
    assert done.status_code == 302
    assert method.fields.get(key="api_key").min_length == 500
    assert used.revisions.count() == before + 1


def test_yes_to_one_change_is_no_yes_to_another(used):
    client, _user = staff()
    method = used.auth_methods.get(slug="api_key")
    name = f"fields-{number_of(method, 'api_key')}-min_length"
    sent = AdminForm(send(client, change_url(method), {name: "500"})).sent
    answer = client.post(change_url(method), {**sent, name: "400"})
    assert answer.status_code == 200
    assert method.fields.get(key="api_key").min_length == 10


def test_save_that_breaks_nothing_asks_nothing(used):
    client, _user = staff()
    method = used.auth_methods.get(slug="api_key")
    name = f"fields-{number_of(method, 'api_key')}-min_length"
    answer = send(client, change_url(method), {name: "11"})
    assert answer.status_code == 302, errors_of(answer)


def test_numbers_without_names_for_those_who_may_not_see_connections(used):
    client, _user = staff(
        *(f"integrations.{verb}_{model}" for verb in ("view", "change", "add", "delete")
          for model in ("integration", "authmethod", "fieldspec"))
    )  # fmt: skip
    method = used.auth_methods.get(slug="api_key")
    name = f"fields-{number_of(method, 'api_key')}-min_length"
    text = send(client, change_url(method), {name: "500"}).content.decode()
    assert "2 connections will stop passing." in text
    assert "First" not in text


# History.


def test_each_change_keeps_the_whole_definition(row):
    client, user = staff()
    send(client, change_url(row), {"name": "Renamed"})
    rows = list(row.revisions.values_list("number", "action", "made_by"))
    assert rows == [(3, "edited", user.username), (2, "loaded", "load_catalog")]
    newest = row.revisions.first()
    assert newest.get_document()["name"] == "Renamed"
    assert list(newest.get_document())[:3] == ["slug", "name", "type"]


def test_difference_of_two_revisions_is_marked_and_escaped(row):
    client, _user = staff()
    send(client, change_url(row), {"name": "Three <b>ways</b>"})
    url = f"{page('compare', row)}?from=2&to=3"
    text = client.get(url).content.decode()
    assert "<del>- name: Three ways</del>" in text
    assert "<ins>+ name: Three &lt;b&gt;ways&lt;/b&gt;</ins>" in text
    for query in ("from=2", "from=2&to=99", "from=a&to=3", "from=²&to=3", "from=-1&to=3"):
        assert client.get(f"{page('compare', row)}?{query}").status_code == 404
    assert client.get(page("revision", row, 2)).status_code == 200


def test_restored_revision_is_a_new_one(row):
    client, _user = staff()
    send(client, change_url(row), {"name": "Renamed"})
    asked = client.get(page("restore", row, 2)).content.decode()
    assert "+ name: Three ways" in asked
    confirm(client, page("restore", row, 2))
    row.refresh_from_db()
    assert row.name == "Three ways"
    assert list(row.revisions.values_list("number", "action")[:1]) == [(4, "restored")]
    first, last = row.revisions.get(number=2), row.revisions.get(number=4)
    assert first.digest == last.digest


def test_restoring_what_breaks_connections_says_so(used):
    client, _user = staff()
    method = used.auth_methods.get(slug="api_key")
    name = f"fields-{number_of(method, 'api_key')}-min_length"
    client.post(change_url(method), AdminForm(send(client, change_url(method), {name: "99"})).sent)
    strict = used.revisions.first().number
    send(client, change_url(method), {name: "10"})
    asked = client.get(page("restore", used, strict)).content.decode()
    assert "2 connections will stop passing." in asked
    assert "Restore anyway" in asked


def test_stale_question_restores_nothing(row):
    client, _user = staff()
    send(client, change_url(row), {"name": "Renamed"})
    sent = AdminForm(client.get(page("restore", row, 2))).sent
    send(client, change_url(row), {"name": "Renamed again"})
    client.post(page("restore", row, 2), sent)
    assert Integration.objects.get().name == "Renamed again"


def test_revisions_of_the_catalogue_are_small():
    load_builtin("snowflake", "kafka", "gmail", "zendesk")
    sizes = [len(one.document) for one in IntegrationRevision.objects.all()]
    assert (len(sizes), max(sizes) < 8192) == (4, True)
