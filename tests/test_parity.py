"""One contract, three doors: the same input gets the same verdict in the same words.

Some 2,400 inputs go to the API over HTTP and to the form classes of the pages and of the admin.
The pages themselves are tested beside their rooms, the JSON Schema in tests/integrations.
"""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connections.admin.forms import ConnectionAdminForm
from connections.web.forms import ConnectionPageForm
from integrations.catalogue import current_catalogue
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from tests.doors import Input, as_input, through_api, through_form
from tests.factories import (
    api_client,
    load_builtin,
    make_actor,
    make_integration,
    make_key,
    make_user,
    make_workspace,
)
from tests.strategies import inputs, integration_of, methods
from tests.test_databases import on_postgres

pytestmark = pytest.mark.django_db

SLUGS = sorted(path.stem for path in BUILT_IN.glob("*.yaml"))
LABELS = st.sampled_from(["", "Mine", "x" * 256, "ünïcode 🙂", " padded", "tab\there"])


class House:
    """A workspace with its three doors."""

    def __init__(self) -> None:
        self.workspace = make_workspace()
        self.client = api_client(make_key(self.workspace))
        self.actor = make_actor(self.workspace, make_user())

    def compare(self, slug: str, method_id: str, given: Input) -> bool:
        """Whether the input was accepted; fails where two doors differ."""
        integration = current_catalogue().get(slug, self.workspace.id)
        method = integration.method(method_id)
        api = through_api(self.client, integration, method_id, given.sent)
        for base in FORM_BASES:
            form = through_form(base, integration, method, self.actor, given.typed)
            assert form == api, (base, given)
        return api.is_accepted


FORM_BASES = [ConnectionPageForm, ConnectionAdminForm]


def every(count: int) -> Any:
    checks = list(HealthCheck)
    return settings(max_examples=count, deadline=None, suppress_health_check=checks)


# 91 integrations with 171 methods: a dozen inputs each come to about 2,000. Once is enough, on the
# database that refuses more; definitions drawn at random are compared on both.
@on_postgres
@pytest.mark.parametrize("slug", SLUGS)
def test_the_catalogue_gets_one_verdict_at_every_door(slug: str) -> None:
    load_builtin(slug)
    definition = read_file(BUILT_IN / f"{slug}.yaml")
    house = House()

    @every(12)
    @given(data=st.data())
    def compare(data: Any) -> None:
        for method in definition.methods:
            body = data.draw(inputs(method))
            house.compare(slug, method.id, as_input(method, body, data.draw(LABELS)))

    compare()


def test_definitions_drawn_at_random_get_one_verdict_at_every_door() -> None:
    house, numbers, accepted = House(), itertools.count(), 0

    @every(120)
    @given(data=st.data())
    def compare(data: Any) -> None:
        nonlocal accepted
        method, slug = data.draw(methods()), f"drawn-{next(numbers)}"
        make_integration(replace(integration_of(method), slug=slug))
        for _repeat in range(4):
            body = as_input(method, data.draw(inputs(method)), data.draw(LABELS))
            accepted += house.compare(slug, method.id, body)

    compare()
    # Verdicts that are all refusals would show little.
    assert accepted > 20
