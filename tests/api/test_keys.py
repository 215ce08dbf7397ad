"""API keys: made, shown once, rotated, limited, revoked; and never stronger than their maker."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import ApiKey, AuditEvent
from tests.api.bodies import codes
from tests.factories import api_client, make_key, make_key_row, make_workspace

pytestmark = pytest.mark.django_db

BODY = {"label": "Robot", "permissions": ["read"]}


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def client(workspace):
    return api_client(make_key(workspace))


def is_let_in(secret, **headers):
    answer = api_client(secret).get_json("/connections", **headers)
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


def test_secret_is_shown_once(workspace):
    maker, secret = make_key_row(workspace)
    client = api_client(secret)
    answer = client.post_json("/api-keys", BODY)
    created = answer.json()
    shown = created.pop("key")
    row = ApiKey.objects.get(label="Robot")
    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/api-keys/{row.public_id}")
    read = client.get_json(f"/api-keys/{row.public_id}").json()
    assert read == created
    assert read in client.get_json("/api-keys").json()["api_keys"]
    assert shown not in client.get_json("/api-keys").content.decode()
    assert shown not in str(ApiKey.objects.values())
    assert is_let_in(shown)
    assert created.pop("created_at")
    assert created.pop("updated_at")
    assert created == {
        "id": row.public_id,
        "workspace_id": workspace.public_id,
        "label": "Robot",
        "starts_with": shown[:9],
        "permissions": ["read"],
        "status": "active",
        "expires_at": None,
        "ip_whitelist": [],
        "last_used_at": None,
        "created_by": maker.public_id,
    }


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"label": None}, {"label": "required"}),
        ({"label": "x" * 256}, {"label": "max_length"}),
        ({"permissions": None}, {"permissions": "required"}),
        ({"permissions": []}, {"permissions": "required"}),
        ({"permissions": ["fly"]}, {"permissions": "invalid_choice"}),
        ({"permissions": "read"}, {"permissions": "invalid_choice"}),
        ({"permissions": ["read", "read"]}, {"permissions": "duplicate"}),
        ({"expires_at": "tomorrow"}, {"expires_at": "invalid_datetime"}),
        ({"ip_whitelist": ["10.0.0.0/33"]}, {"ip_whitelist": "invalid_ip"}),
        ({"ip_whitelist": ["localhost"]}, {"ip_whitelist": "invalid_ip"}),
        ({"ip_whitelist": "10.0.0.1"}, {"ip_whitelist": "invalid_list"}),
        ({"status": "asleep"}, {"status": "invalid_choice"}),
        ({"digest": "x"}, {"digest": "unknown"}),
    ],
)
def test_refused_member(client, members, expected):
    assert codes(client.post_json("/api-keys", {**BODY, **members})) == expected
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("maker", "asked", "missing"),
    [
        (["manage"], ["read", "write", "manage"], None),
        (["manage"], ["reveal"], "reveal"),
        (["manage"], ["read", "reveal"], "reveal"),
        (["manage", "reveal"], ["reveal", "manage"], None),
    ],
)
def test_key_gives_only_what_it_has(workspace, maker, asked, missing):
    client = api_client(make_key(workspace, *maker))
    for method, path in (("POST", "/api-keys"), ("PUT", None)):
        target, _secret = make_key_row(workspace, "read")
        path = path or f"/api-keys/{target.public_id}"
        answer = client.call(method, path, {"label": "New", "permissions": asked})
        if missing is None:
            assert answer.status_code in (200, 201)
        else:
            assert (answer.status_code, answer.json()) == (
                403,
                {
                    "detail": f"A key cannot give what it does not have: {missing}.",
                    "code": "missing_permission",
                },
            )
            assert ApiKey.objects.get(pk=target.pk).permissions == ["read"]


def test_key_does_not_get_the_secret_of_a_stronger_one(workspace):
    client = api_client(make_key(workspace, "manage"))
    stronger, secret = make_key_row(workspace, "manage", "reveal")
    answer = client.post_json(f"/api-keys/{stronger.public_id}/rotate", {})
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_permission")
    assert is_let_in(make_key(workspace, "read"))
    assert ApiKey.objects.get(pk=stronger.pk).digest == stronger.digest
    assert api_client(secret).get_json("/api-keys").status_code == 200


def test_rotation_with_an_overlap(client, workspace):
    key, old = make_key_row(workspace, "read")
    answer = client.post_json(f"/api-keys/{key.public_id}/rotate", {"overlap_seconds": 60})
    new = answer.json()["key"]
    assert (answer.status_code, answer.json()["starts_with"]) == (200, new[:9])
    assert (is_let_in(old), is_let_in(new)) == (True, True)
    now = timezone.now()
    ApiKey.objects.filter(pk=key.pk).update(old_valid_until=now - timedelta(seconds=1))
    assert (is_let_in(old), is_let_in(new)) == (False, True)


@pytest.mark.parametrize("body", [None, {}, {"overlap_seconds": 0}, {"overlap_seconds": None}])
def test_rotation_without_an_overlap(client, workspace, body):
    key, old = make_key_row(workspace, "read")
    new = client.call("POST", f"/api-keys/{key.public_id}/rotate", body).json()["key"]
    assert (is_let_in(old), is_let_in(new)) == (False, True)


def test_second_rotation_ends_the_first_overlap(client, workspace):
    key, first = make_key_row(workspace, "read")
    path = f"/api-keys/{key.public_id}/rotate"
    second = client.post_json(path, {"overlap_seconds": 60}).json()["key"]
    third = client.post_json(path, {"overlap_seconds": 60}).json()["key"]
    assert [is_let_in(one) for one in (first, second, third)] == [False, True, True]


@pytest.mark.parametrize("overlap", [-1, 604_801, "60", 1.5, True])
def test_odd_overlap_is_refused(client, workspace, overlap):
    key, old = make_key_row(workspace, "read")
    path = f"/api-keys/{key.public_id}/rotate"
    assert list(codes(client.post_json(path, {"overlap_seconds": overlap}))) == ["overlap_seconds"]
    assert is_let_in(old)


def test_change_meanwhile_does_not_undo_a_rotation(client, workspace, monkeypatch):
    from connections.api import keys as views

    key, old = make_key_row(workspace, "read")
    change_api_key = views.change_api_key

    def rotate_first(**arguments):
        rotated.append(client.post_json(f"/api-keys/{key.public_id}/rotate", {}).json()["key"])
        return change_api_key(**arguments)

    rotated = []
    monkeypatch.setattr(views, "change_api_key", rotate_first)
    answer = client.put_json(f"/api-keys/{key.public_id}", {"label": "New"})
    assert (answer.status_code, answer.json()["label"]) == (200, "New")
    assert (is_let_in(old), is_let_in(rotated[0])) == (False, True)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"label": "New"}, {"label": "New"}),
        ({"permissions": ["read", "write"]}, {"permissions": ["read", "write"]}),
        ({"ip_whitelist": ["::1", "10.0.0.0/8"]}, {"ip_whitelist": ["::1", "10.0.0.0/8"]}),
        ({"ip_whitelist": None}, {"ip_whitelist": []}),
        ({"status": "revoked"}, {"status": "revoked"}),
        ({"status": None}, {}),
        (
            {"expires_at": "2999-01-01T00:00:00+02:00"},
            {"expires_at": "2998-12-31T22:00:00.000000Z"},
        ),
        ({"expires_at": None}, {"expires_at": None}),
    ],
)
def test_columns_change_one_by_one(client, workspace, body, expected):
    key, _secret = make_key_row(
        workspace,
        "read",
        ip_whitelist=["192.0.2.1"],
        expires_at=timezone.now() + timedelta(hours=1),
    )
    path = f"/api-keys/{key.public_id}"
    before = client.get_json(path).json()
    answer = client.put_json(path, body)
    assert answer.status_code == 200
    after = client.get_json(path).json()
    assert answer.json() == after
    assert {**after, "updated_at": None} == {**before, **expected, "updated_at": None}


def test_revoked_key_is_refused_on_the_next_request(client, workspace):
    key, secret = make_key_row(workspace)
    assert is_let_in(secret)
    client.put_json(f"/api-keys/{key.public_id}", {"status": "revoked"})
    assert not is_let_in(secret)
    client.put_json(f"/api-keys/{key.public_id}", {"status": "active"})
    assert is_let_in(secret)


def test_deleted_key_is_refused_on_the_next_request(client, workspace):
    key, secret = make_key_row(workspace)
    assert client.call("DELETE", f"/api-keys/{key.public_id}").status_code == 204
    assert not is_let_in(secret)
    assert client.get_json(f"/api-keys/{key.public_id}").status_code == 404


def test_expired_key_is_refused(workspace):
    key, secret = make_key_row(workspace, expires_at=timezone.now() + timedelta(minutes=1))
    assert is_let_in(secret)
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())
    assert not is_let_in(secret)


def test_key_of_a_workspace_that_is_switched_off_is_refused(workspace):
    secret = make_key(workspace)
    workspace.is_active = False
    workspace.save()
    assert not is_let_in(secret)


ADDRESSES = [
    # proxies that are trusted, who connects, what is forwarded, whether 192.0.2.7 is believed
    pytest.param([], "192.0.2.7", None, True, id="itself"),
    pytest.param([], "192.0.2.8", None, False, id="another"),
    pytest.param([], "192.0.2.8", "192.0.2.7", False, id="forwarded by nobody we trust"),
    pytest.param([], "192.0.2.7", "198.51.100.1", True, id="no proxy is trusted"),
    pytest.param(["10.0.0.1"], "10.0.0.1", "192.0.2.7", True, id="forwarded by a proxy"),
    pytest.param(["10.0.0.0/8"], "10.9.9.9", "192.0.2.7", True, id="by a proxy of a network"),
    pytest.param(["10.0.0.1"], "10.0.0.2", "192.0.2.7", False, id="by another"),
    pytest.param(["10.0.0.1"], "10.0.0.1", "192.0.2.7, 192.0.2.8", False, id="made-up first hop"),
    pytest.param(
        ["10.0.0.0/8"], "10.0.0.1", "192.0.2.8, 192.0.2.7, 10.0.0.2", True, id="two proxies"
    ),
    pytest.param(["10.0.0.1"], "10.0.0.1", None, False, id="the proxy itself"),
    pytest.param(["10.0.0.1"], "10.0.0.1", "", False, id="nothing forwarded"),
    pytest.param(["10.0.0.1"], "10.0.0.1", "nonsense", False, id="nonsense forwarded"),
    pytest.param(["10.0.0.1"], "10.0.0.1", "192.0.2.7, nonsense", False, id="nonsense last"),
    pytest.param(["10.0.0.1"], "", "192.0.2.7", False, id="no address"),
]


@pytest.mark.parametrize(("proxies", "address", "forwarded", "is_believed"), ADDRESSES)
def test_allowed_addresses(workspace, settings, proxies, address, forwarded, is_believed):
    settings.TRUSTED_PROXIES = proxies
    secret = make_key(workspace, ip_whitelist=["192.0.2.7", "2001:db8::/32"])
    headers = {"REMOTE_ADDR": address}
    if forwarded is not None:
        headers["HTTP_X_FORWARDED_FOR"] = forwarded
    assert is_let_in(secret, **headers) is is_believed


def test_allowed_network_of_ipv6(workspace):
    secret = make_key(workspace, ip_whitelist=["192.0.2.7", "2001:db8::/32"])
    assert is_let_in(secret, REMOTE_ADDR="2001:db8::1")
    assert not is_let_in(secret, REMOTE_ADDR="2001:db9::1")


def test_every_change_is_in_the_audit_log(client):
    created = client.post_json("/api-keys", BODY).json()
    path = f"/api-keys/{created['id']}"
    client.put_json(path, {"label": "New", "expires_at": None})
    rotated = client.post_json(f"{path}/rotate", {}).json()
    client.call("DELETE", path)
    events = AuditEvent.objects.filter(subject=created["id"]).order_by("id")
    assert [(one.action, one.fields) for one in events] == [
        ("api_key.created", ["label", "permissions"]),
        ("api_key.changed", ["expires_at", "label"]),
        ("api_key.rotated", []),
        ("api_key.deleted", []),
    ]
    stored = str(AuditEvent.objects.values())
    assert created["key"] not in stored
    assert rotated["key"] not in stored
