"""The live tests of the built-in catalogue: everyone has one, and none believes a refusal."""

import json
from typing import Any

import pytest

from connections.checks import run_check
from connections.egress.messages import Answer, EgressError, Request, Send
from connections.oauth.obtain import obtains_token
from integrations.specs import MethodDefinition
from tests.integrations.examples import METHODS, example_values

# Methods that no call could try without harm, or that speak what is not spoken here.
WITHOUT_TEST = {
    "azure-blob.connection_string": "signs in a way of its own",
    "azure-blob.account_key": "signs in a way of its own",
    "custom.key_values": "nobody knows what the values are for",
    "custom.json": "nobody knows what the value is for",
    "custom.text": "nobody knows what the value is for",
    "exa.api_key": "every call costs money",
    "kafka.cluster": "a protocol of its own",
    "mongodb.connection_string": "a protocol of its own",
    "mongodb.parts": "a protocol of its own",
    "mysql.password": "a protocol of its own",
    "mysql.connection_string": "a protocol of its own",
    "sftp.server": "a protocol of its own",
    "smtp.server": "a protocol of its own",
    "snowflake.key_pair": "signs in a way of its own",
    "snowflake.password": "a protocol of its own",
    "webhook.signed": "every call is a delivery",
    "webhook.address": "every call is a delivery",
    "webhook.token": "every call is a delivery",
}
# What is sent to be read: a POST that changes nothing.
POSTED = {
    "dropbox.oauth2",
    "linear.oauth2",
    "linear.api_key",
    "monday.oauth2",
    "monday.api_token",
    "slack.oauth2",
    "slack.user_oauth2",
    "slack.bot_token",
    "snowflake.access_token",
    "snowflake.oauth2",
}
# Services that answer 200 to strangers: only the account in the answer tells.
WELCOMING = ("linear", "monday", "slack", "zendesk")
# What a service says to a wrong credential, where it is not only 401.
REFUSALS = {
    "brave-search.api_key": [422],
    "cloudflare.api_token": [400],
    "cloudflare.oauth2": [400],
    "cloudflare.account_token": [400],
    "cloudflare.global_api_key": [400, 403],
    "datadog.api_and_application_key": [403],
    "datadog.api_key": [403],
    "dropbox.oauth2": [400],
    "figma.oauth2": [403],
    "figma.token": [403],
    "google-gemini.api_key": [400],
    "salesforce.oauth2": [403],
    "serper.api_key": [403],
}
# Those whose test is a request that the definition declares.
DECLARED = {
    name: method for name, method in METHODS.items() if method.test and "check" not in method.test
}


def service(*, status: int, document: Any = None, seen: list[Request] | None = None) -> Send:
    """A service that answers every call the same."""

    def send(request: Request) -> Answer:
        if seen is not None:
            seen.append(request)
        headers = {"content-type": "application/json"}
        return Answer(status=status, headers=headers, body=json.dumps(document).encode())

    return send


def tried(method: MethodDefinition, send: Send) -> tuple[str, str]:
    """`(status, cause)` of the live test with values that the fields accept."""
    token = "obtained" if obtains_token(method) else None
    outcome = run_check(method, example_values(method), token=token, send=send)
    return outcome.status, outcome.cause


def welcome(method: MethodDefinition) -> dict[str, Any]:
    """What the service answers where it knows the account."""
    document: dict[str, Any] = {}
    for path in filter(None, (method.test.get("account_id"), method.test.get("account_label"))):
        *parents, last = path.split(".")
        inside = document
        for parent in parents:
            inside = inside.setdefault(parent, {})
        inside[last] = "Ann"
    return document


def statuses(method: MethodDefinition, name: str) -> list[int]:
    return method.test.get(name) or []


def test_every_method_has_a_test_or_a_reason_to_have_none() -> None:
    assert {name for name, method in METHODS.items() if not method.test} == set(WITHOUT_TEST)


def test_only_reading_posts() -> None:
    posting = {name for name, method in DECLARED.items() if method.test.get("method") == "POST"}
    assert posting == POSTED
    assert {method.test.get("method") for method in DECLARED.values()} <= {"GET", "POST"}


@pytest.mark.parametrize("name", DECLARED)
def test_statuses_are_known_and_do_not_contradict_each_other(name: str) -> None:
    method = DECLARED[name]
    passing, refusing = statuses(method, "expect"), statuses(method, "unauthorized")
    assert all(isinstance(status, int) and 200 <= status < 500 for status in passing + refusing)
    assert not set(passing) & {401, 429, *refusing}
    assert not {401, 429} & set(refusing)


def test_service_that_welcomes_strangers_is_asked_who_it_is() -> None:
    asked = {name: method for name, method in DECLARED.items() if name.startswith(WELCOMING)}
    assert len(asked) == 9
    assert all(method.test.get("account_id") for method in asked.values())


def test_refusals_that_are_not_401_are_known_by_name() -> None:
    declared = {name: statuses(DECLARED[name], "unauthorized") for name in REFUSALS}
    assert declared == REFUSALS


@pytest.mark.parametrize("name", DECLARED)
def test_welcome_passes_with_the_account_that_was_named(name: str) -> None:
    method, seen = DECLARED[name], list[Request]()
    status = next(iter(statuses(method, "expect")), 200)
    outcome = run_check(
        method,
        example_values(method),
        token="obtained" if obtains_token(method) else None,
        send=service(status=status, document=welcome(method), seen=seen),
    )
    assert (outcome.status, len(seen)) == ("passed", 1)
    assert outcome.account_id == ("Ann" if method.test.get("account_id") else "")
    assert outcome.account_label == ("Ann" if method.test.get("account_label") else "")


@pytest.mark.parametrize(
    "name", [name for name, method in DECLARED.items() if obtains_token(method)]
)
def test_obtained_token_is_sent_once_and_the_secrets_it_came_from_never(name: str) -> None:
    method, seen = DECLARED[name], list[Request]()
    values = example_values(method)
    run_check(method, values, token="obtained", send=service(status=200, seen=seen))
    sent = [value for _name, value in seen[0].headers] + [seen[0].url, seen[0].body.decode()]
    assert [value.removeprefix("Bearer ") for value in sent].count("obtained") == 1
    secrets = [str(values[spec.target][spec.key]) for spec in method.specs if spec.secure]
    assert not [secret for secret in secrets if any(secret in value for value in sent)]


def test_only_these_tests_call_another_host_than_the_service_s() -> None:
    elsewhere = {
        name: method.test["url"] for name, method in METHODS.items() if "url" in method.test
    }
    profile = "https://www.googleapis.com/oauth2/v3/userinfo"
    names = ("google-sheets.oauth2", "google-sheets.service_account")
    assert elsewhere == dict.fromkeys(names, profile)


@pytest.mark.parametrize("name", DECLARED)
def test_refused_credential_fails(name: str) -> None:
    method = DECLARED[name]
    for status in (401, *statuses(method, "unauthorized")):
        assert tried(method, service(status=status)) == ("failed", "unauthorized")


@pytest.mark.parametrize(
    "name", [name for name, method in DECLARED.items() if method.test.get("account_id")]
)
def test_answer_without_an_account_is_a_refusal(name: str) -> None:
    """Slack, Zendesk and everything that speaks GraphQL answer 200 to strangers."""
    method = DECLARED[name]
    said = [{"message": "Not authenticated"}]
    anonymous = {"ok": False, "user": {"id": None}, "data": None, "errors": said}
    assert tried(method, service(status=200, document=anonymous)) == ("failed", "unauthorized")


@pytest.mark.parametrize("name", DECLARED)
def test_trouble_of_the_service_says_nothing_about_the_credential(name: str) -> None:
    method = DECLARED[name]
    assert tried(method, service(status=503)) == ("unverifiable", "service_error")
    assert tried(method, service(status=429)) == ("unverifiable", "rate_limited")

    def silent(request: Request) -> Answer:
        raise EgressError("timeout")

    assert tried(method, silent) == ("unverifiable", "timeout")
