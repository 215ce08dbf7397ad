"""Two tabs, or many, with one link: one connection."""

import pytest

from connections.models import Connection, Credential, SecretRequest
from tests.factories import KEY_AND_EMAIL, make_integration, make_workspace
from tests.links.linking import TYPED, guest, landed, make_session
from tests.links.test_asking import PATH, asked
from tests.services.test_concurrency import at_once
from tests.web.browser import member_of

pytestmark = pytest.mark.django_db(transaction=True)

TABS = 6


@pytest.fixture
def workspace():
    make_integration(KEY_AND_EMAIL)
    return make_workspace()


def test_many_tabs_make_one_connection(workspace):
    link, session = make_session(workspace)
    form = landed(guest(), link).url
    answers = at_once(*[lambda: guest().post(form, TYPED).status_code] * TABS)
    assert sorted(answers) == [303] + [410] * (TABS - 1)
    assert Credential.objects.count() == 1
    session.refresh_from_db()
    assert session.connected == Connection.objects.get().public_id


def test_many_answers_make_one_connection(workspace):
    link = asked(workspace, member_of(workspace)[0])
    answers = at_once(*[lambda: guest().post(link, {PATH: "the secret"}).status_code] * TABS)
    assert sorted(answers) == [200] + [410] * (TABS - 1)
    assert SecretRequest.objects.get().connected == Connection.objects.get().public_id
