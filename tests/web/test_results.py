"""What a live test showed stands on the page that comes next: cause, remedy, account, times."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import Connection
from tests.factories import load_builtin, make_workspace
from tests.live_service import BAD, GOOD, KeyService, allow_loopback, body, nobody_listens
from tests.web.browser import PageForm, errors_of, member_of, send
from tests.web.test_connecting import ZENDESK, form_url

pytestmark = pytest.mark.django_db


class Desk:
    """A person, a service that they connect, and what its panel says."""

    def __init__(self, httpserver):
        self.service = KeyService(httpserver)
        body(self.service.address)
        self.workspace = make_workspace()
        self.client, _user = member_of(self.workspace)
        self.form = form_url(self.workspace, "local-api", "api_key")

    def connect(self, key=GOOD, address=None):
        typed = {"credentials.api_key": key, "config.base_url": address or self.service.address}
        return send(self.client, self.form, typed)

    def follow(self, answer):
        assert answer.status_code == 302
        return panel_of(self.client.get(answer["Location"]))

    def act(self, name, **sent):
        row = Connection.objects.get()
        address = reverse(name, args=[self.workspace.slug, row.public_id])
        return self.follow(self.client.post(address, sent))


def panel_of(answer):
    """The words of the panel, and whether it is announced as the answer to what was done."""
    text = answer.content.decode()
    [panel] = re.findall(r'<section[^>]*aria-labelledby="result".*?</section>', text, re.DOTALL)
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", panel)).split())
    return words, "data-focus" in panel


@pytest.fixture
def desk(httpserver, settings):
    allow_loopback(settings)
    return Desk(httpserver)


def test_connecting_says_what_was_asked_by_whom_and_for_how_long(desk):
    words, is_new = desk.follow(desk.connect())
    assert is_new
    assert words.startswith("Connected. Local accepts it It works, as Ada. Service Local")
    for part in ("Account Ada", "Last answer", " ms", "Tried again about"):
        assert part in words
    # Looked at again it is no news.
    words, is_new = panel_of(desk.client.get(f"{connection_url(desk)}"))
    assert not is_new
    assert words.startswith("Local accepts it Service Local Account Ada")


def connection_url(desk):
    row = Connection.objects.get()
    return reverse("connection", args=[desk.workspace.slug, row.public_id])


def alert_of(answer):
    """The words at the top of a refused form, and the inputs that they lead to."""
    text = answer.content.decode()
    [alert] = re.findall(r'<div[^>]*role="alert".*?</div>', text, re.DOTALL)
    assert "data-focus" in alert
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", alert)).split())
    return words, re.findall(r'href="#([^"]+)"', alert)


CAUSE = "The service does not accept the credential"
REMEDY = "Check that it was copied whole, is not expired and belongs to this service."


def test_refused_create_shows_cause_and_remedy_at_the_top_and_at_the_field(desk):
    answer = desk.connect(BAD)
    words, targets = alert_of(answer)
    assert words.startswith(
        f"Local does not accept it. Nothing was saved. Please correct this: {CAUSE}. {REMEDY}"
        " Secrets are never shown again: enter them once more. Local was asked and took "
    )
    assert targets == ["id_credentials.api_key"]
    assert errors_of(answer) == {"credentials.api_key": [f"{CAUSE}. {REMEDY}"]}
    text = answer.content.decode()
    assert text.count('aria-invalid="true"') == 1
    assert BAD not in text
    assert not Connection.objects.exists()


def test_address_that_the_service_does_not_know_is_told_at_its_field(desk):
    desk.service.status = 404
    answer = desk.connect()
    words, targets = alert_of(answer)
    assert "The service has nothing at the address that was given" in words
    assert targets == ["id_config.base_url"]
    assert list(errors_of(answer)) == ["config.base_url"]


def test_form_that_the_rules_refuse_says_nothing_of_a_service(desk):
    words, _targets = alert_of(desk.connect(key=""))
    assert words.startswith("Nothing was saved. Please correct this: Field 'API key' is required")
    assert "was asked" not in words


def test_service_that_cannot_be_asked_is_neither_accepted_nor_refused(desk):
    words, is_new = desk.follow(desk.connect(address=nobody_listens()))
    assert is_new
    assert words.startswith("Saved. Local could not be asked The service does not accept conn")
    assert "Tried again about" in words
    assert "Last answer" not in words


@pytest.mark.parametrize(
    ("status", "title", "state"),
    [
        pytest.param(None, "Local accepts it It works, as Ada.", "active", id="passed"),
        pytest.param(401, "Local does not accept it The service does not", "error", id="failed"),
        pytest.param(503, "Local could not be asked The service gave", "active", id="open"),
        pytest.param(429, "Local could not be asked The service takes", "active", id="busy"),
    ],
)
def test_test_now_tells_its_result(desk, status, title, state):
    desk.connect()
    desk.service.status = status
    words, is_new = desk.act("test-connection")
    assert is_new
    assert words.startswith(title)
    assert "Tried again about" in words
    assert Connection.objects.get().status == state


def test_other_account_is_refused_by_name_of_the_cause(desk):
    desk.connect()
    desk.service.account = "acct-2"
    words, _is_new = desk.act("test-connection")
    assert words.startswith("Local does not accept it The credential belongs to another account")


def test_switching_on_tries_it(desk):
    desk.connect()
    desk.client.post(connection_url(desk) + "/switch", {"status": "inactive"})
    words, _is_new = panel_of(desk.client.get(connection_url(desk)))
    assert words.startswith("It is switched off Nothing can use it until")
    assert "Tried again" not in words
    desk.service.status = 401
    words, is_new = desk.act("switch-connection", status="active")
    assert is_new
    assert words.startswith("It cannot be used as it is. Edit it first. Local does not accept it")
    assert Connection.objects.get().status == "inactive"
    desk.service.status = None
    words, _is_new = desk.act("switch-connection", status="active")
    assert words.startswith("Switched on. Local accepts it It works, as Ada.")


def test_edit_that_the_service_refuses_keeps_what_is_stored(desk):
    desk.connect()
    answer = send(desk.client, connection_url(desk) + "/edit", {"credentials.api_key": BAD})
    assert alert_of(answer)[0].startswith("Local does not accept it. Nothing was saved.")
    assert Connection.objects.get().credential.get_values() == {"api_key": GOOD}
    saved = send(desk.client, connection_url(desk) + "/edit", {"credentials.api_key": GOOD})
    assert desk.follow(saved)[0].startswith("Saved. Local accepts it")


def test_integration_that_cannot_be_asked_says_so(settings):
    settings.LIVE_TESTS = False
    load_builtin("zendesk")
    workspace = make_workspace()
    client, _user = member_of(workspace)
    answer = send(client, form_url(workspace), ZENDESK)
    words, is_new = panel_of(client.get(answer["Location"]))
    assert is_new
    expected = "Connected. Zendesk was not asked What is stored fits. The service itself was not"
    assert words.startswith(expected)


def test_state_that_needs_a_person_is_told_without_a_test(desk):
    desk.connect()
    row = Connection.objects.get()
    said = {"code": "gone", "message": "Its token ended.", "hint": "Enter it again."}
    row.mark_expired(**said, now=timezone.now())
    row.expires_at = timezone.now() - timedelta(days=1)
    row.save()
    desk.client.get(connection_url(desk))
    answer = desk.client.get(connection_url(desk))
    words, _is_new = panel_of(answer)
    assert words.startswith("The access to Local has ended Its token ended. Enter it again.")
    assert PageForm(answer).forms


def test_result_of_one_connection_is_not_shown_on_another(desk):
    first = desk.connect()
    second = desk.connect()
    assert not panel_of(desk.client.get(first["Location"]))[1]
    assert panel_of(desk.client.get(second["Location"]))[1]
