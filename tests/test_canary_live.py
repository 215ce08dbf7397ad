"""A service that repeats whatever it was sent: nothing of it is heard here afterwards."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from werkzeug import Request, Response

from connections.models import Connection
from tests.admin_site.pages import staff
from tests.canary import PLAIN, heard_in, heard_in_storage
from tests.factories import api_client, make_key, make_workspace
from tests.live_service import allow_loopback, body
from tests.test_canary import Listener
from tests.web.browser import member_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def log(settings: Any) -> Iterator[Listener]:
    allow_loopback(settings)
    listener, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield listener
    root.removeHandler(listener)
    root.setLevel(level)
    # The test's own server logs what it was asked; nobody else may.
    ours = [line for line in listener.lines if '"logger": "werkzeug"' not in line]
    assert [line for line in ours if heard_in(line)] == []


def told_back(request: Request, status: int) -> Response:
    """The key in the status line's phrase, in headers, in the body and as the account's name."""
    key = request.headers["X-Key"]
    text = json.dumps({"id": key, "name": f"Account of {key}", "error": key, "scope": key})
    headers = {
        "Location": f"https://example.com/?key={key}",
        "X-OAuth-Scopes": key,
        "WWW-Authenticate": f'Bearer error="{key}"',
        "Retry-After": key,
    }
    return Response(text, f"{status} {key}", headers, content_type="application/json")


@pytest.mark.parametrize("status", [200, 201, 302, 400, 401, 403, 404, 429, 500, 503])
def test_nothing_that_a_service_repeats_is_heard(httpserver: Any, status: int) -> None:
    httpserver.expect_request("/me").respond_with_handler(lambda one: told_back(one, status))
    workspace = make_workspace()
    client = api_client(make_key(workspace))
    sent = body(httpserver.url_for("").rstrip("/"), key=PLAIN)
    values = {name: sent[name] for name in ("credentials", "config")}
    answers = [
        client.post_json("/connections", sent),
        client.post_json("/connections?verify=required", sent),
        client.post_json("/connections/validate?integration_id=local-api&live=true", values),
    ]
    made = client.post_json("/connections?verify=never", sent).json()["id"]
    answers += [
        client.post_json(f"/connections/{made}/test", {}),
        client.get_json(f"/connections/{made}"),
        client.patch_json(f"/connections/{made}", {"credentials": {"api_key": PLAIN}}),
    ]
    row = Connection.objects.order_by("-id")[0]
    member, _user = member_of(workspace)
    browser, _staff = staff()
    answers += [
        member.post(reverse("test-connection", args=[workspace.slug, row.public_id]), follow=True),
        browser.post(reverse("admin:connection-test", args=[row.pk]), follow=True),
        browser.get(reverse("admin:connections_connection_change", args=[row.pk])),
    ]
    heard = [answer.request["PATH_INFO"] for answer in answers if heard_in(answer.content)]
    assert heard == []
    assert [str(answer.headers) for answer in answers if heard_in(str(answer.headers))] == []
    assert heard_in_storage() == []
