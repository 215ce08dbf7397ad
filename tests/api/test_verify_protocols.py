"""Verify before create where the check speaks a protocol of its own: mcp, s3, redis."""

import time

import pytest
from werkzeug import Response

from connections.models import Connection, Credential
from tests.checks.servers import free_port, listening
from tests.checks.test_mcp import FakeServer
from tests.checks.test_redis import FakeRedis
from tests.checks.test_s3 import SECRET, refusal, serve
from tests.factories import api_client, make_integration, make_key, make_workspace
from tests.live_service import allow_loopback

pytestmark = pytest.mark.django_db

MCP = """
slug: local-mcp
name: Local MCP
type: mcp
auth_methods:
  - id: bearer
    name: Token
    kind: bearer
    default: true
    fields: [{key: url, type: url, target: config, label: URL, schemes: [http, https]}]
    request: {base_url: '{url}'}
    test: {check: mcp}
"""
S3 = """
slug: local-s3
name: Local S3
type: storage
auth_methods:
  - id: keys
    name: Keys
    kind: aws
    default: true
    fields:
      - {key: endpoint, type: url, target: config, label: Endpoint, schemes: [http, https]}
      - {key: region, target: config, label: Region, default: eu-1, required: false}
      - {key: bucket, target: config, label: Bucket, required: false}
    request: {base_url: '{endpoint}'}
    test: {check: s3}
"""
REDIS = """
slug: local-redis
name: Local Redis
type: storage
auth_methods:
  - id: parts
    name: Password
    kind: custom
    default: true
    fields:
      - {key: host, type: hostname, target: config, label: Host}
      - {key: port, type: port, target: config, label: Port}
      - {key: tls, type: boolean, target: config, label: TLS, required: false, default: true}
      - {key: password, type: password, label: Password, required: false}
    test: {check: redis}
"""


@pytest.fixture(autouse=True)
def calls_are_allowed(settings, monkeypatch):
    allow_loopback(settings)
    monkeypatch.setattr("connections.services.verification.LONGEST_CALL", 1.0)


@pytest.fixture
def client():
    return api_client(make_key(make_workspace()))


def create(client, definition, credentials, **config):
    row = make_integration(definition)
    sent = {"integration": row.slug, "integration_type": row.type}
    return client.post_json("/connections", {**sent, "credentials": credentials, "config": config})


def said(answer):
    """`(status code, status or code of the first problem, cause)`."""
    found = answer.json()
    if answer.status_code == 201:
        return 201, found["status"], (found["status_reason"] or {}).get("code")
    assert (Connection.objects.count(), Credential.objects.count()) == (0, 0)
    return answer.status_code, "refused", found["detail"]["fields"][0]["code"]


ACTIVE, UNAUTHORIZED = (201, "active", None), (400, "refused", "unauthorized")


def slow(_request):
    time.sleep(1.2)
    return Response("{}")


@pytest.mark.parametrize(
    ("handler", "token", "expected"),
    [
        (FakeServer(), "good", ACTIVE),
        (FakeServer(), "other", UNAUTHORIZED),
        (FakeServer(statuses={"initialize": 503}), "good", (201, "testing", "service_error")),
        (slow, "good", (201, "testing", "timeout")),
    ],
    ids=["accepts", "refuses", "is down", "is slow"],
)
def test_mcp_server(client, httpserver, handler, token, expected):
    httpserver.expect_request("/mcp").respond_with_handler(handler)
    url = httpserver.url_for("/mcp")
    assert said(create(client, MCP, {"token": token}, url=url)) == expected


def down(_request):
    return refusal("SlowDown", 503)


@pytest.mark.parametrize(
    ("handler", "secret", "expected"),
    [
        (serve, SECRET, ACTIVE),
        (serve, "another-secret-key", UNAUTHORIZED),
        (down, SECRET, (201, "testing", "rate_limited")),
        (slow, SECRET, (201, "testing", "timeout")),
    ],
    ids=["accepts", "refuses", "is down", "is slow"],
)
def test_s3_storage(client, httpserver, handler, secret, expected):
    httpserver.expect_request("/acme").respond_with_handler(handler)
    httpserver.expect_request("/acme/").respond_with_handler(handler)
    keys = {"access_key_id": "AKIA", "secret_access_key": secret}
    address = httpserver.url_for("").rstrip("/")
    assert said(create(client, S3, keys, endpoint=address, bucket="acme")) == expected


def redis_at(client, port, password="s3cret"):
    config = {"host": "localhost", "port": port, "tls": False}
    return said(create(client, REDIS, {"password": password}, **config))


def test_redis_that_accepts(client):
    with listening(FakeRedis()) as port:
        assert redis_at(client, port) == ACTIVE


def test_redis_that_refuses(client):
    with listening(FakeRedis()) as port:
        assert redis_at(client, port, "other") == UNAUTHORIZED


def test_redis_that_is_down(client):
    assert redis_at(client, free_port()) == (201, "testing", "refused")


def test_redis_that_is_busy_and_later_is_not(client):
    with listening(FakeRedis(PING=b"-LOADING Redis is loading\r\n")) as port:
        assert redis_at(client, port)[:2] == (201, "testing")
    row = Connection.objects.get()
    with listening(FakeRedis()) as port:
        row.config = {**row.config, "port": port}
        row.save()
        client.post_json(f"/connections/{row.public_id}/test", {})
    row.refresh_from_db()
    assert row.status == "active"
