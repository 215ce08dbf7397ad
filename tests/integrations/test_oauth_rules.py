"""What the tokens of a grant have to be before anybody is asked whether they work."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.auth_methods import AUTH_METHODS, OAuth2, all_specs
from integrations.moments import token_expiry
from integrations.requirements import build_requirements
from integrations.specs import MethodDefinition
from tests.strategies import integration_of

PAST, FUTURE = "2025-10-19T12:00:00Z", "2999-01-01T00:00:00Z"
FIRST, LAST = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EXPIRED = "says the access token has expired, and there is no refresh token"


def oauth2(**oauth: Any) -> MethodDefinition:
    specs = all_specs("oauth2", {}, (), ())
    return MethodDefinition(id="oauth2", name="OAuth", kind="oauth2", specs=specs, oauth=oauth)


def problems(method: MethodDefinition, credentials: dict[str, Any]) -> list[tuple[str, str, str]]:
    body = {"credentials": credentials}
    serializer = build_requirements(integration_of(method), method)(data=body)
    serializer.is_valid()
    return [
        (path, problem.code, problem.stage)
        for path, found in serializer.errors.items()
        for problem in found
    ]


GRANT = {"access_token": "a-token"}
REFRESHABLE = GRANT | {"refresh_token": "another"}


@pytest.mark.parametrize(
    "credentials",
    [
        GRANT,
        GRANT | {"expires_at": FUTURE},
        GRANT | {"expires_at": LAST},
        GRANT | {"expires_in": 1},
        GRANT | {"expires_in": 0, "expires_at": FUTURE},
        REFRESHABLE | {"expires_at": PAST},
        REFRESHABLE | {"expires_at": FIRST},
        REFRESHABLE | {"expires_in": 0},
        REFRESHABLE | {"token_type": "bearer", "scope": "openid email", "expires_at": PAST},
    ],
    ids=lambda credentials: " ".join(f"{name}={value}" for name, value in credentials.items()),
)
def test_grant_is_accepted(credentials: dict[str, Any]) -> None:
    assert problems(oauth2(), credentials) == []


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ({}, [("access_token", "required", "shape")]),
        (GRANT | {"access_token": {"a": 1}}, [("access_token", "invalid_text", "shape")]),
        (GRANT | {"access_token": "x" * 2**20}, [("access_token", "max_length", "shape")]),
        (GRANT | {"token_type": "MAC"}, [("token_type", "pattern", "shape")]),
        (GRANT | {"expires_at": PAST}, [("expires_at", "expired_token", "rules")]),
        (
            GRANT | {"expires_at": PAST, "refresh_token": " "},
            [("expires_at", "expired_token", "rules")],
        ),
        (GRANT | {"expires_at": PAST, "expires_in": 9}, [("expires_at", "expired_token", "rules")]),
        (GRANT | {"expires_at": FIRST}, [("expires_at", "expired_token", "rules")]),
        (GRANT | {"expires_in": 0}, [("expires_in", "expired_token", "rules")]),
        (GRANT | {"expires_in": -1}, [("expires_in", "minimum", "shape")]),
        (GRANT | {"expires_in": 10**30}, [("expires_in", "maximum", "shape")]),
        (GRANT | {"expires_in": "3600"}, [("expires_in", "invalid_integer", "shape")]),
        (GRANT | {"expires_at": "soon"}, [("expires_at", "invalid_datetime", "shape")]),
        (
            GRANT | {"expires_at": "2025-10-19T12:00:00"},
            [("expires_at", "invalid_datetime", "shape")],
        ),
        (GRANT | {"scope": 'a"b'}, [("scope", "invalid_scopes", "shape")]),
        (
            {"expires_at": PAST, "scope": 5},
            [
                ("access_token", "required", "shape"),
                ("expires_at", "expired_token", "rules"),
                ("scope", "invalid_scopes", "shape"),
            ],
        ),
    ],
)
def test_grant_is_refused(credentials: dict[str, Any], expected: list[Any]) -> None:
    assert problems(oauth2(), credentials) == [
        (f"credentials.{key}", code, stage) for key, code, stage in expected
    ]


def test_expired_token_says_what_to_do() -> None:
    found = OAuth2.check(oauth2(), GRANT | {"expires_at": PAST}, NOW)
    (problem,) = found["credentials.expires_at"]
    assert str(problem) == f"Field 'Expires At' {EXPIRED}"
    assert problem.hint == "Sign in to the service again, or send the refresh token as well."


@pytest.mark.parametrize(
    ("scope", "missing"),
    [
        (None, None),
        ([], None),
        ("read write", None),
        (["write", "read", "more"], None),
        (["read"], "write"),
        ("readwrite", "read, write"),
    ],
)
@pytest.mark.parametrize("required", [["read", "write"], "read write"])
def test_granted_scopes_cover_the_required_ones(
    scope: Any, missing: str | None, required: Any
) -> None:
    method = oauth2(required_scopes=required)
    body = {"credentials": GRANT | {"scope": scope}}
    serializer = build_requirements(integration_of(method), method)(data=body)
    assert serializer.is_valid() is (missing is None)
    if missing:
        (problem,) = serializer.errors["credentials.scope"]
        assert (str(problem), problem.code) == (f"Field 'Scope' lacks: {missing}", "missing_scope")


@pytest.mark.parametrize(
    ("values", "moment"),
    [
        ({}, None),
        ({"expires_at": "2025-10-19T12:00:00+02:00"}, datetime(2025, 10, 19, 10, tzinfo=UTC)),
        (
            {"expires_at": "2025-10-19T12:00:00.123456789Z"},
            datetime(2025, 10, 19, 12, 0, 0, 123456, UTC),
        ),
        ({"expires_in": 90}, NOW + timedelta(seconds=90)),
        ({"expires_in": 0}, NOW),
        ({"expires_in": 315_360_000}, NOW + timedelta(days=3650)),
        ({"expires_at": FIRST}, datetime.min.replace(tzinfo=UTC)),
        ({"expires_at": LAST}, datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_end_of_a_token(values: dict[str, Any], moment: datetime | None) -> None:
    assert token_expiry(values, NOW) == moment


@pytest.mark.parametrize(
    ("values", "auth_type"),
    [(GRANT, "oauth_token"), (REFRESHABLE, "oauth_token_refresh")],
)
def test_what_a_grant_is_called(values: dict[str, Any], auth_type: str) -> None:
    assert OAuth2.auth_type_of(values) == auth_type


@pytest.mark.parametrize(
    ("kind", "request_", "expected"),
    [
        ("none", {}, []),
        ("api_key", {"headers": {"X-Key": "{api_key}"}}, ["api_key"]),
        ("api_key", {"headers": {"X-Key": "{other}"}}, []),
        ("bearer", {}, ["token"]),
        ("basic", {}, ["username", "password"]),
        ("basic", {"username": "{email}/token", "password": "{api_token}"}, []),
        ("basic", {"password": ""}, ["username"]),
        ("oauth2_client_credentials", {}, ["client_id", "client_secret", "scope"]),
        ("oauth1", {}, ["consumer_key", "consumer_secret", "oauth_token", "oauth_token_secret"]),
        ("jwt", {}, ["issuer", "key_id", "private_key"]),
        ("service_account", {}, ["service_account"]),
        ("connection_string", {}, ["connection_string"]),
        ("aws", {}, ["access_key_id", "secret_access_key", "session_token"]),
        ("custom", {}, []),
    ],
)
def test_fields_that_a_kind_brings(
    kind: str, request_: dict[str, Any], expected: list[str]
) -> None:
    assert [spec.key for spec in AUTH_METHODS[kind].brought(request_)] == expected


def test_own_field_replaces_a_brought_one_in_its_place() -> None:
    (brought, *_rest) = AUTH_METHODS["oauth2"].brings
    refined = type(brought)(key="access_token", label="Token", min_length=20)
    specs = all_specs("oauth2", {}, (), (refined,))
    assert specs[0] is refined
    assert len(specs) == len(AUTH_METHODS["oauth2"].brings)
