"""What a test of a connection puts down reads the same, whoever asked for it in what language."""

import pytest
from django.utils import translation

from connections.access.actors import Actor
from connections.models import Connection
from connections.services.retests import run_live_test
from integrations.models import FieldSpec
from integrations.services import mark_changed
from tests.factories import api_client, load_builtin, make_key, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def outdated():
    """A connection that lacks what its integration asks for by now."""
    load_builtin("zendesk")
    workspace = make_workspace()
    body = {
        "integration": "zendesk",
        "integration_type": "connectors",
        "auth_method_id": "api_token",
        "label": "Ours",
        "config": {"subdomain": "acme"},
        "credentials": {"email": "agent@example.com", "api_token": "a" * 40},
    }
    made = api_client(make_key(workspace)).post_json("/connections?verify=never", body)
    assert made.status_code == 201
    row = Connection.objects.with_parts().get()
    row.credential.workspace = row.workspace
    method = row.auth_method
    FieldSpec.objects.create(auth_method=method, key="region", target="config", label="Region")
    mark_changed(row.integration_id)
    return row


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("de", ["Feld „Region“ ist erforderlich."]),
        ("es", ["El campo «Region» es obligatorio."]),
        (None, ["Field 'Region' is required."]),
    ],
)
def test_reason_is_stored_for_programs_and_told_to_the_reader(outdated, language, told):
    with translation.override(language):
        tested = run_live_test(
            actor=Actor(name="test", workspace=outdated.workspace), connection=outdated
        )
        assert [one.replace("Región", "Region") for one in tested.sentences()] == told
    outdated.refresh_from_db()
    since = outdated.status_reason.pop("since")
    assert since
    assert outdated.status_reason == {
        "code": "required",
        "message": "Field 'Region' is required.",
        "hint": "Edit the connection: what the integration asks for is not what is stored.",
    }
