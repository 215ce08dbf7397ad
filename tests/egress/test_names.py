"""From names to addresses: every answer counts, and nobody asks twice."""

import threading
import time

import pytest

from connections.egress import (
    EgressError,
    Request,
    checked_addresses,
    limits,
    names,
    open_connection,
    send,
)
from connections.egress.names import addresses_of
from tests.egress.servers import answering, listening

PUBLIC, PRIVATE = "93.184.215.14", "127.0.0.1"


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ([PRIVATE], "blocked"),
        ([PUBLIC, PRIVATE], "blocked"),
        ([PRIVATE, PUBLIC], "blocked"),
        ([PUBLIC, "2606:4700::1111", "10.0.0.1"], "blocked"),
        ([PUBLIC, "::1"], "blocked"),
        ([PUBLIC, "fe80::1%eth0"], "blocked"),
        ([PUBLIC, "169.254.169.254"], "blocked"),
        ([PUBLIC, "no address"], "blocked"),
        ([f"93.184.215.{last}" for last in range(100)] + [PRIVATE], "blocked"),
        ([], "dns"),
    ],
    ids=repr,
)
def test_one_bad_answer_spoils_all(resolver, answer, cause):
    resolver["service.example"] = [answer]
    assert cause_of(addresses_of, "service.example", seconds=5) == cause


def test_a_hundred_good_answers_are_all_checked(resolver, monkeypatch):
    answer = [f"93.184.215.{last}" for last in range(100)]
    resolver["service.example"] = [answer]
    checked = []
    monkeypatch.setattr(names.policy, "check_address", checked.append)
    assert addresses_of("service.example", seconds=5) == answer
    assert checked == answer


@pytest.mark.parametrize("name", ["metadata.google.internal", "metadata.goog", "metadata"])
def test_names_of_metadata_services_are_not_even_asked_for(resolver, settings, name):
    settings.EGRESS_ALLOW_CIDRS = ["0.0.0.0/0"]
    resolver[name] = [[PUBLIC]]
    assert cause_of(addresses_of, name, seconds=5) == "blocked"
    assert cause_of(send, Request(url=f"https://{name.upper()}./computeMetadata/v1/")) == "blocked"


@pytest.mark.parametrize("error", [OSError, UnicodeError, TimeoutError])
def test_a_resolver_that_fails_leads_nowhere(monkeypatch, error):
    def resolve(host):
        raise error("service.example")

    complaints = []
    monkeypatch.setattr(threading, "excepthook", complaints.append)
    monkeypatch.setattr(names, "resolve", resolve)
    assert cause_of(addresses_of, "service.example", seconds=5) == "dns"
    assert complaints == []


def test_a_resolver_that_is_broken_leads_nowhere_at_once(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    monkeypatch.setattr(names, "resolve", lambda _: 1 / 0)
    started = time.monotonic()
    assert cause_of(addresses_of, "service.example", seconds=5) == "dns"
    assert time.monotonic() - started < 1


def test_a_slow_resolver_is_not_waited_for(monkeypatch):
    told_to_stop = threading.Event()

    def resolve(host):
        told_to_stop.wait(10)
        return [PUBLIC]

    monkeypatch.setattr(names, "resolve", resolve)
    monkeypatch.setattr(limits, "RESOLVE_SECONDS", 0.1)
    started = time.monotonic()
    assert cause_of(send, Request(url="https://service.example/")) == "dns"
    assert time.monotonic() - started < 1
    told_to_stop.set()


def test_the_system_is_asked(opened):
    opened.EGRESS_ALLOW_CIDRS = ["127.0.0.0/8", "::1"]
    found = addresses_of("localhost", seconds=5)
    assert PRIVATE in found
    assert len(found) == len(set(found))


def test_the_second_answer_for_a_name_is_never_used(resolver):
    """Rebinding: public while it is checked, private when it is connected to."""
    asked = [[PUBLIC], [PRIVATE]]
    resolver["service.example"] = asked
    assert addresses_of("service.example", seconds=5) == [PUBLIC]
    assert asked == [[PRIVATE]]


def test_a_name_that_turns_private_between_two_calls_is_refused_at_the_second(resolver, opened):
    with listening(answering()) as service:
        resolver["service.example"] = [["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"]]
        url = service.url(host="service.example")
        assert send(Request(url=url)).status == 200
        assert send(Request(url=url)).status == 200
        assert cause_of(send, Request(url=url)) == "blocked"
        assert service.hits == 2


def test_only_the_checked_address_is_connected_to(resolver, opened):
    """The name has no other address on this machine, so a second look-up would fail loudly."""
    with listening(answering()) as service:
        resolver["service.example"] = [["127.0.0.1"]]
        assert send(Request(url=service.url(host="service.example"))).body == b"hello"
        assert f"Host: service.example:{service.port}".encode() in service.heard[0]


def test_the_next_address_is_tried_when_nobody_listens_at_the_first(resolver, opened):
    with listening(answering()) as service:
        resolver["service.example"] = [["127.0.0.9", "127.0.0.8", "127.0.0.1"]]
        assert send(Request(url=service.url(host="service.example"))).status == 200


def test_few_addresses_are_tried(resolver, opened, monkeypatch):
    with listening(answering()) as service:
        monkeypatch.setattr(limits, "ADDRESSES_TRIED", 2)
        resolver["service.example"] = [["127.0.0.9", "127.0.0.8", "127.0.0.1"]]
        assert cause_of(send, Request(url=service.url(host="service.example"))) == "refused"
        assert service.hits == 0


@pytest.mark.parametrize(
    ("host", "port", "cause"),
    [
        ("127.0.0.1", 5432, "blocked"),
        ("::1", 5432, "blocked"),
        ("[::1]", 5432, "blocked"),
        ("::ffff:127.0.0.1", 5432, "blocked"),
        ("localhost", 5432, "blocked"),
        ("metadata.google.internal", 5432, "blocked"),
        ("169.254.169.254", 443, "blocked"),
        ("0x7f.1", 5432, "bad_url"),
        ("2130706433", 5432, "bad_url"),
        ("fe80::1%eth0", 5432, "bad_url"),
        ("/var/run/postgresql", 5432, "bad_url"),
        ("", 5432, "bad_url"),
        ("a b", 5432, "bad_url"),
        ("db.example@127.0.0.1", 5432, "bad_url"),
        (PUBLIC, 0, "bad_url"),
        (PUBLIC, -1, "bad_url"),
        (PUBLIC, 22, "bad_url"),
        (PUBLIC, 25, "bad_url"),
        (PUBLIC, 1023, "bad_url"),
        (PUBLIC, 65536, "bad_url"),
    ],
)
@pytest.mark.parametrize("connect", [checked_addresses, open_connection])
def test_other_protocols_pass_the_same_policy(connect, host, port, cause):
    assert cause_of(connect, host, port) == cause


@pytest.mark.parametrize("port", [443, 1024, 5432, 6379, 65535])
def test_databases_listen_on_high_ports(port):
    assert checked_addresses(PUBLIC, port) == [PUBLIC]


def test_low_ports_are_listed(settings):
    settings.EGRESS_ALLOW_PORTS = [636, 0]
    assert checked_addresses("2606:4700::1111", 636) == ["2606:4700::1111"]
    assert cause_of(checked_addresses, PUBLIC, 0) == "bad_url"


def test_a_connection_is_opened_to_the_checked_address(opened, resolver):
    with listening(answering()) as service:
        resolver["service.example"] = [["127.0.0.1"], ["10.0.0.1"]]
        with open_connection("service.example", service.port, seconds=2) as connected:
            assert connected.getpeername() == ("127.0.0.1", service.port)
            assert connected.gettimeout() == 2
            connected.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert connected.recv(4) == b"HTTP"
        assert cause_of(open_connection, "service.example", service.port) == "blocked"
        assert service.hits == 1


def cause_of(function, *arguments, **options):
    with pytest.raises(EgressError) as caught:
        function(*arguments, **options)
    return caught.value.cause
