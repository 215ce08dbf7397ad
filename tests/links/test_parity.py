"""The form behind a link is the fourth door: the same input, the same verdict in the same words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections.links.forms import Preset, link_form
from connections.web.forms import ConnectionPageForm
from integrations.catalogue import current_catalogue
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.problems import as_rows
from tests.doors import _assert_shown, _row, as_input, through_api
from tests.factories import load_builtin
from tests.strategies import inputs
from tests.test_parity import LABELS, House, every

pytestmark = pytest.mark.django_db


def through_link(house: House, integration: Any, method: Any, typed: Any) -> Any:
    form_class = link_form(
        ConnectionPageForm,
        preset=Preset(),
        integration=integration,
        method=method,
        actor=house.actor,
    )
    form = form_class(typed, {})
    is_accepted = form.is_valid()
    rows = as_rows(form.serializer.problems) if not form.serializer.is_valid() else []
    _assert_shown(form, rows)
    return is_accepted, [_row(row) for row in rows]


@pytest.mark.parametrize("slug", ["gmail", "postgres", "s3", "slack", "zendesk"])
def test_one_verdict_at_the_link_and_at_the_api(slug: str) -> None:
    load_builtin(slug)
    definition = read_file(BUILT_IN / f"{slug}.yaml")
    house = House()
    integration = current_catalogue().get(slug, house.workspace.id)

    @every(10)
    @given(data=st.data())
    def compare(data: Any) -> None:
        for method in definition.methods:
            said = as_input(method, data.draw(inputs(method)), data.draw(LABELS))
            api = through_api(house.client, integration, method.id, said.sent)
            stored = integration.method(method.id)
            assert through_link(house, integration, stored, said.typed) == tuple(api)

    compare()
