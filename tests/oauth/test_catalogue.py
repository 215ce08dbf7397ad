"""Every method of the built-in catalogue that this room carries out can be carried out."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from connections.egress import Answer, Request
from connections.oauth.authorization import authorization_url
from connections.oauth.clients import CLIENT_AUTHENTICATIONS
from connections.oauth.obtain import GRANTS, grant_of, obtain_token, obtains_token
from connections.oauth.provider import URLS, check_url, provider_for
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.specs import MethodDefinition, Spec
from tests.oauth.cases import CLIENT, GRANT, NOW, rsa_pem

BACK = "https://here.example/oauth/callback"
SAMPLES: dict[str, Any] = {
    "uuid": "7f0e8d5c-1b1a-4a53-9a0e-0a2b3c4d5e6f",
    "url": "https://host.example",
    "hostname": "host.example",
    "subdomain": "acme",
    "email": "ann@a.example",
    "scopes": [],
    "integer": 7,
    "pem": rsa_pem(),
    "service_account": {
        "type": "service_account",
        "client_email": "robot@p.iam.gserviceaccount.com",
        "private_key": rsa_pem(),
    },
}


def built_in() -> Iterator[tuple[str, MethodDefinition]]:
    for path in sorted(BUILT_IN.glob("*.yaml")):
        for method in read_file(path).methods:
            yield f"{path.stem}.{method.id}", method


METHODS = dict(built_in())
ASKING = {name: found for name, found in METHODS.items() if found.kind == "oauth2"}
OBTAINING = {name: found for name, found in METHODS.items() if obtains_token(found)}


def sample(spec: Spec) -> Any:
    """A value that the field accepts: its own example where it has one."""
    if spec.type in ("pem", "service_account"):
        return SAMPLES[spec.type]
    for found in (spec.const, spec.default, *spec.examples[:1]):
        if found is not None:
            return found
    return spec.options[0][0] if spec.options else SAMPLES.get(spec.type, "sample")


def sample_values(method: MethodDefinition) -> dict[str, dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {"credentials": {}, "config": {}}
    for spec in method.specs:
        values[spec.target][spec.key] = sample(spec)
    return values


def test_catalogue_has_methods_of_both_sorts() -> None:
    assert len(ASKING) >= 30
    assert len(OBTAINING) >= 12


@pytest.mark.parametrize("method", ASKING.values(), ids=ASKING.keys())
def test_browser_is_sent_to_the_service(method: MethodDefinition) -> None:
    if not method.oauth.get("authorization_url"):
        pytest.skip("its addresses are found by discovery")
    provider = provider_for(method, sample_values(method))
    scopes = provider.default_scopes

    url = authorization_url(
        provider,
        CLIENT,
        redirect_uri=BACK,
        state="s",
        scopes=scopes,
        code_challenge="c" * 43 if provider.pkce else None,
    )

    sent = dict(parse_qsl(urlsplit(url).query))
    assert check_url(url).startswith("https://")
    assert (sent["client_id"], sent["redirect_uri"], sent["state"]) == ("an-id", BACK, "s")
    assert sent.get(provider.scope_param, "") == provider.scope_separator.join(scopes)
    assert provider.client_auth in CLIENT_AUTHENTICATIONS
    addresses = filter(None, (getattr(provider, name) for name in URLS))
    assert all(check_url(address).startswith("https://") for address in addresses)


@pytest.mark.parametrize("method", OBTAINING.values(), ids=OBTAINING.keys())
def test_token_is_obtained_where_the_definition_says(method: MethodDefinition) -> None:
    heard: list[Request] = []

    def send(request: Request) -> Answer:
        heard.append(request)
        body = json.dumps(GRANT).encode()
        return Answer(status=200, headers={"content-type": "application/json"}, body=body)

    values = sample_values(method)
    found = obtain_token(method, values, send=send, now=NOW)

    assert found.access_token
    if grant_of(method) == "assertion":
        assert heard == []
        return
    (request,) = heard
    assert grant_of(method) in GRANTS
    assert request.url == provider_for(method, values).token_url
    assert check_url(request.url).startswith("https://")
