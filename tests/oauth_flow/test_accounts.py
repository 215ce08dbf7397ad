"""Whose connection it is: by the live test that names accounts, else by the id token."""

import pytest

from connections.oauth.tokens import TokenAnswer
from connections.services.checked import Checked
from connections.services.oauth_flows.oauth2 import _account
from connections.services.verification import problems_of
from integrations.specs import IntegrationDefinition, MethodDefinition

INTEGRATION = IntegrationDefinition(slug="one", name="One", type="api")


def method_with(test):
    return MethodDefinition(id="oauth2", name="OAuth", kind="oauth2", test=test)


@pytest.mark.parametrize(
    ("claims", "test", "account"),
    [
        ({"sub": "s-1", "email": "ada@example.com"}, {}, ("s-1", "ada@example.com")),
        ({"sub": "s-1"}, {"path": "/me"}, ("s-1", "s-1")),
        ({"sub": "s-1"}, {"path": "/me", "account_id": "id"}, ("", "")),
        ({"sub": 5}, {}, ("", "")),
        ({}, {}, ("", "")),
    ],
)
def test_account_of_an_id_token(claims, test, account):
    token = TokenAnswer(access_token="a", id_claims=claims)
    assert _account(method_with(test), token) == account


@pytest.mark.parametrize(("stored", "codes"), [("", []), ("s-1", []), ("s-2", ["wrong_account"])])
def test_account_has_to_be_the_one_of_the_connection(stored, codes):
    checked = Checked(
        integration=INTEGRATION,
        method=method_with({}),
        credentials={},
        config={},
        account=("s-1", "Ada"),
    )
    found = problems_of(checked, None, stored)
    assert [problem.code for problems in found.values() for problem in problems] == codes
