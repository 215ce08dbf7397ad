"""What goes over the line compressed, and what must not."""

import gzip

import pytest
from django.test import Client

from connections.models import Connection
from tests.factories import KEY_AND_EMAIL, api_client, make_integration, make_key, make_workspace

GZIP = {"HTTP_ACCEPT_ENCODING": "gzip, br"}
BOOTSTRAP = "/static/vendor/bootstrap/bootstrap-5.3.8.min.css"


def whole(answer) -> bytes:
    return b"".join(answer) if answer.streaming else answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sign-in", BOOTSTRAP])
def test_pages_and_their_files_are_compressed_for_who_can_read_it(path):
    plain = whole(Client().get(path))
    answer = Client().get(path, **GZIP)
    packed = whole(answer)
    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    assert len(packed) < 0.7 * len(plain)
    assert path == "/sign-in" or gzip.decompress(packed) == plain


@pytest.mark.django_db
def test_same_page_has_another_length_each_time():
    page = Client()
    lengths = {len(page.get("/sign-in", **GZIP).content) for _time in range(12)}
    assert len(lengths) > 3


@pytest.mark.django_db
def test_handed_out_secrets_are_not_compressed():
    make_integration(KEY_AND_EMAIL)
    workspace = make_workspace()
    client = api_client(make_key(workspace), **GZIP)
    values = {"api_key": "k" * 300, "email": "ann@example.com"}
    sent = {"integration": "key-and-email", "integration_type": "api", "credentials": values}
    made = client.post_json("/connections", sent)
    assert made.status_code == 201, made.content
    assert Connection.objects.count() == 1
    answer = client.get_json(f"/connections/{made.json()['id']}/credentials")
    assert answer.json()["credentials"]["api_key"] == "k" * 300
    assert "Content-Encoding" not in answer
