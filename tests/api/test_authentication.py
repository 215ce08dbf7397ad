"""The key of a request: one answer for whatever is wrong, and no query for a mistyped one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import ApiKey
from connections.models.api_keys import is_well_formed, new_secret
from tests.factories import api_client, make_key, make_key_row, make_workspace

pytestmark = pytest.mark.django_db

REFUSED = {
    "detail": "Send a valid API key as 'Authorization: Bearer …' or 'X-API-Key'.",
    "code": "invalid_key",
}


def off_by_one(secret):
    return secret[:-1] + ("A" if secret[-1] != "A" else "B")


# Headers for a secret that is valid, and what makes them worthless.
WORTHLESS = [
    pytest.param(lambda key: {}, id="none"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": ""}, id="empty"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": "Bearer"}, id="scheme alone"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": "Bearer "}, id="scheme and space"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": key}, id="key alone"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Bearer {key} {key}"}, id="two keys"),
    pytest.param(
        lambda key: {"HTTP_AUTHORIZATION": f"Bearer {key},Bearer {key}"}, id="two headers"
    ),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Bearer  {key}"}, id="two spaces"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Bearer {key} "}, id="space after"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Bearer {key}\n"}, id="line break after"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Bearer\t{key}"}, id="tab"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Basic {key}"}, id="other scheme"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Token {key}"}, id="another scheme"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": "Bearer " + "x" * 65_536}, id="64 KiB"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": "Bearer ключ\xff"}, id="not ASCII"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": "Bearer " + key[:-1] + "é"}, id="é at the end"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Bearer {off_by_one(key)}"}, id="checksum"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Bearer {key.swapcase()}"}, id="other case"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Bearer {key[:-1]}"}, id="one letter short"),
    pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Bearer lnk{key[2:]}"}, id="other kind"),
    pytest.param(lambda key: {"HTTP_X_API_KEY": ""}, id="empty X-API-Key"),
    pytest.param(lambda key: {"HTTP_X_API_KEY": f"Bearer {key}"}, id="scheme in X-API-Key"),
    pytest.param(lambda key: {"HTTP_X_API_KEY": "x" * 65_536}, id="64 KiB in X-API-Key"),
    pytest.param(
        lambda key: {"HTTP_AUTHORIZATION": f"Bearer {key}", "HTTP_X_API_KEY": off_by_one(key)},
        id="both, and different",
    ),
    pytest.param(
        lambda key: {"HTTP_AUTHORIZATION": f"Bearer {key}", "HTTP_X_API_KEY": ""},
        id="both, and one empty",
    ),
    pytest.param(
        lambda key: {"HTTP_AUTHORIZATION": "Basic eDp5", "HTTP_X_API_KEY": key},
        id="another scheme beside a good key",
    ),
    pytest.param(lambda key: {"HTTP_COOKIE": f"sessionid={key}"}, id="cookie"),
    pytest.param(lambda key: {"QUERY_STRING": f"api_key={key}"}, id="query"),
]


@pytest.mark.parametrize("headers", WORTHLESS)
def test_worthless_key_costs_no_query(headers, django_assert_num_queries):
    secret = make_key(make_workspace())
    with django_assert_num_queries(0):
        answer = api_client().get_json("/connections", **headers(secret))
    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"Bearer {key}"}, id="Bearer"),
        pytest.param(lambda key: {"HTTP_AUTHORIZATION": f"bearer {key}"}, id="bearer"),
        pytest.param(lambda key: {"HTTP_X_API_KEY": key}, id="X-API-Key"),
        pytest.param(
            lambda key: {"HTTP_AUTHORIZATION": f"BEARER {key}", "HTTP_X_API_KEY": key}, id="both"
        ),
    ],
)
def test_key_is_found_in_either_header(headers):
    secret = make_key(make_workspace())
    assert api_client().get_json("/connections", **headers(secret)).status_code == 200


def revoke(key):
    key.status = "revoked"


def expire(key):
    key.expires_at = timezone.now() - timedelta(seconds=1)


def switch_off(key):
    key.workspace.is_active = False
    key.workspace.save()


def limit(key):
    key.ip_whitelist = ["192.0.2.1"]


@pytest.mark.parametrize("spoil", [revoke, expire, switch_off, limit])
def test_key_that_opens_no_more_gets_the_same_answer(spoil):
    key, secret = make_key_row(make_workspace())
    spoil(key)
    key.save()
    answer = api_client(secret).get_json("/connections")
    assert (answer.status_code, answer.json()) == (401, REFUSED)


def test_unknown_key_gets_the_same_answer(django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = api_client(new_secret()).get_json("/connections")
    assert (answer.status_code, answer.json()) == (401, REFUSED)


def test_key_of_a_deleted_workspace_gets_the_same_answer():
    workspace = make_workspace()
    secret = make_key(workspace)
    workspace.delete()
    assert api_client(secret).get_json("/connections").json() == REFUSED


def test_use_is_noted_once_a_minute():
    key, secret = make_key_row(make_workspace())

    def used():
        api_client(secret).get_json("/connections")
        return ApiKey.objects.get(pk=key.pk).last_used_at

    first = used()
    assert used() == first is not None
    ApiKey.objects.update(last_used_at=first - timedelta(seconds=61))
    assert used() > first


def test_checksum_finds_every_single_mistake():
    secret = new_secret()
    assert is_well_formed(secret)
    for place in range(len(secret)):
        wrong = "a" if secret[place] != "a" else "b"
        assert not is_well_formed(secret[:place] + wrong + secret[place + 1 :])
