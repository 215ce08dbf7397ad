"""Whom a call believes to be who they say: certificates and versions, and no way down from them."""

import datetime
import os
import ssl

import pytest
import trustme

from connections.egress import EgressError, Request, open_connection, send, sockets
from tests.egress.servers import answering, hanging_up, holding_its_tongue, listening, saying

HOST = "service.example"
# Old versions are deprecated; that is what is tested.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion.:DeprecationWarning")

OLD = "DEFAULT:@SECLEVEL=0"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture
def trusting(settings, resolver, ca_file):
    """An operator who lists an authority, a network and, by `calling`, a port."""
    settings.EGRESS_ALLOW_CIDRS = ["127.0.0.0/8"]
    settings.EGRESS_CA_FILE = ca_file
    resolver[HOST] = [["127.0.0.1"]]
    return settings


def server_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def calling(service, settings, *, host=HOST, seconds=5.0):
    """The cause of the failure, or the body."""
    settings.EGRESS_ALLOW_PORTS = [service.port]
    try:
        return send(Request(url=service.url(host=host, scheme="https")), seconds=seconds).body
    except EgressError as error:
        return error.cause


def test_a_good_certificate_is_believed(trusting, authority):
    with listening(answering(), tls=server_context(authority.issue_cert(HOST))) as service:
        assert calling(service, trusting) == b"hello"


def test_a_certificate_for_an_address_is_believed(trusting, authority):
    with listening(answering(), tls=server_context(authority.issue_cert("127.0.0.1"))) as service:
        assert calling(service, trusting, host="127.0.0.1") == b"hello"


def test_the_name_is_told_to_the_server_not_the_address(trusting, authority):
    told = []
    context = server_context(authority.issue_cert(HOST))
    context.sni_callback = lambda _socket, name, _context: told.append(name)
    with listening(answering(), tls=context) as service:
        assert calling(service, trusting) == b"hello"
        assert f"Host: {HOST}:{service.port}\r\n".encode() in service.heard[0]
    assert told == [HOST]


def expired(authority):
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    return authority.issue_cert(HOST, not_after=yesterday)


BAD_CERTIFICATES = {
    "expired": expired,
    "for another name": lambda authority: authority.issue_cert("other.example"),
    "for its address only": lambda authority: authority.issue_cert("127.0.0.1"),
    "for a name below": lambda authority: authority.issue_cert(f"*.{HOST}"),
    "of an unknown authority": lambda _: trustme.CA().issue_cert(HOST),
}


@pytest.mark.parametrize("name", BAD_CERTIFICATES)
def test_a_bad_certificate_hears_nothing(trusting, authority, name):
    context = server_context(BAD_CERTIFICATES[name](authority))
    with listening(answering(), tls=context) as service:
        assert calling(service, trusting) == "tls"
        assert service.heard == []


@pytest.mark.parametrize("name", BAD_CERTIFICATES)
def test_without_the_guard_a_bad_certificate_is_told_everything(
    trusting, authority, monkeypatch, name
):
    monkeypatch.setattr(sockets, "tls_context", lambda _: believing_anything())
    context = server_context(BAD_CERTIFICATES[name](authority))
    with listening(answering(), tls=context) as service:
        assert calling(service, trusting) == b"hello"
        assert len(service.heard) == 1


def believing_anything():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers(OLD)
    return context


def test_a_self_signed_certificate_hears_nothing(trusting, tmp_path):
    """The authority's own certificate, which nobody vouches for."""
    authority = trustme.CA()
    chain = tmp_path / "self.pem"
    authority.private_key_pem.write_to_path(chain)
    authority.cert_pem.write_to_path(chain, append=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    with listening(answering(), tls=context) as service:
        assert calling(service, trusting) == "tls"
        assert service.heard == []


def test_an_authority_that_is_not_listed_is_not_believed(trusting, authority):
    trusting.EGRESS_CA_FILE = ""
    with listening(answering(), tls=server_context(authority.issue_cert(HOST))) as service:
        assert calling(service, trusting) == "tls"
        assert service.heard == []


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_an_authority_file_that_cannot_be_read_stops_calls(trusting, authority, tmp_path, content):
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_text(content)
    trusting.EGRESS_CA_FILE = str(path)
    with listening(answering(), tls=server_context(authority.issue_cert(HOST))) as service:
        assert calling(service, trusting) == "tls"
        assert service.heard == []


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_old_versions_are_not_spoken(trusting, authority, monkeypatch, version):
    context = server_context(authority.issue_cert(HOST))
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    context.set_ciphers(OLD)
    with listening(answering(), tls=context) as service:
        assert calling(service, trusting) == "tls"
        assert service.heard == []
        monkeypatch.setattr(sockets, "tls_context", lambda _: believing_anything())
        assert calling(service, trusting) == b"hello"


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_newer_versions_are_spoken(trusting, authority, version):
    context = server_context(authority.issue_cert(HOST))
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    with listening(answering(), tls=context) as service:
        assert calling(service, trusting) == b"hello"


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_a_server_that_demands_a_certificate_of_ours_gets_none(trusting, authority, version):
    context = server_context(authority.issue_cert(HOST))
    context.maximum_version = ssl.TLSVersion[version]
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    with listening(answering(), tls=context) as service:
        assert calling(service, trusting) == "tls"
        assert service.heard == []


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        (answering(), "tls"),
        (saying(os.urandom(300)), "tls"),
        (hanging_up, "tls"),
        (holding_its_tongue, "timeout"),
    ],
    ids=["plain http", "noise", "hanging up", "silence"],
)
def test_a_server_that_speaks_no_tls_is_not_spoken_to_plainly(trusting, script, cause):
    def after_the_hello(talking):
        talking.recv(65536)
        script(talking)

    with listening(after_the_hello, reads=False) as service:
        assert calling(service, trusting, seconds=0.5) == cause
        assert service.hits == 1


def test_session_keys_are_written_nowhere(trusting, authority, monkeypatch, tmp_path):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    sockets.tls_context.cache_clear()
    with listening(answering(), tls=server_context(authority.issue_cert(HOST))) as service:
        assert calling(service, trusting) == b"hello"
    assert not (tmp_path / "keys").exists()


def test_the_authorities_are_read_once():
    assert sockets.tls_context("") is sockets.tls_context("")
    assert sockets.tls_context("").cert_store_stats()["x509_ca"] > 0


def test_other_protocols_have_the_same_tls(trusting, authority):
    context = server_context(authority.issue_cert(HOST))
    with (
        listening(saying(b"+PONG\r\n"), tls=context) as service,
        open_connection(HOST, service.port, tls=True) as connected,
    ):
        connected.sendall(b"PING\r\n\r\n")
        assert connected.recv(100) == b"+PONG\r\n"


def test_other_protocols_believe_no_bad_certificate(trusting, authority):
    context = server_context(expired(authority))
    with listening(answering(), tls=context) as service, pytest.raises(EgressError) as caught:
        open_connection(HOST, service.port, tls=True)
    assert caught.value.cause == "tls"
    assert service.heard == []
