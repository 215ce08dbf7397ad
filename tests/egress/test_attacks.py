"""Attacks against servers on this machine that count who came: nobody.

Each is tried again with one guard switched off, and then gets through. So it is the guard that
stops it, and not a name that does not resolve or a server that does not listen.
"""

import pytest

from connections.egress import EgressError, Request, policy, send, urls
from tests.egress.servers import answering, listening

LOOPBACK = "127.0.0.1"
PUBLIC = "93.184.215.14"

# (how the URL spells the host, what a resolver says of it)
TO_THIS_MACHINE = {
    "address": (LOOPBACK, None),
    "address with a dot": (f"{LOOPBACK}.", None),
    "full-width digits": ("\uff11\uff12\uff17.0.0.1", None),
    "circled digits": ("\u2460\u2461\u2466.0.0.1", None),
    "ideographic dots": ("127\u30020\u30020\u30021", None),
    "another loopback address": ("127.8.8.8", None),
    "name": ("service.example", [[LOOPBACK]]),
    "name in capitals": ("SERVICE.example", [[LOOPBACK]]),
    "name with a dot": ("service.example.", [[LOOPBACK]]),
    "single label": ("service", [[LOOPBACK]]),
    "wildcard DNS": ("127.0.0.1.nip.example", [[LOOPBACK]]),
    "mixed, private first": ("service.example", [[LOOPBACK, PUBLIC]]),
    "private among a hundred": ("service.example", [[LOOPBACK, *[PUBLIC] * 99]]),
}
SPELLINGS = ["0x7f.1", "0x7f000001", "2130706433", "017700000001", "127.1", "0177.0.0.1"]


@pytest.fixture
def anything_by_http(settings):
    """Plain http to every host of this module, so that only the addresses are in the way."""
    names = ("service", "service.example", "127.0.0.1.nip.example")
    settings.EGRESS_ALLOW_HTTP_HOSTS = [LOOPBACK, "127.8.8.8", "::1", *names, *SPELLINGS]


@pytest.fixture
def every_address_passes(monkeypatch):
    monkeypatch.setattr(policy, "check_address", lambda _: None)


@pytest.fixture
def every_spelling_passes(monkeypatch):
    monkeypatch.setattr(urls, "normal_host", str)


def attack(resolver, name):
    spelled, said = TO_THIS_MACHINE[name]
    if said:
        resolver[spelled.lower().removesuffix(".")] = said
    return spelled


@pytest.mark.parametrize("name", TO_THIS_MACHINE)
def test_nobody_reaches_this_machine(anything_by_http, resolver, name):
    host = attack(resolver, name)
    with listening(answering(), address="0.0.0.0") as service:
        assert cause_of(service.url(host=host)) == "blocked"
        assert service.hits == 0


@pytest.mark.parametrize("name", TO_THIS_MACHINE)
def test_without_the_guard_everybody_does(anything_by_http, resolver, every_address_passes, name):
    host = attack(resolver, name)
    with listening(answering(), address="0.0.0.0") as service:
        assert cause_of(service.url(host=host)) is None
        assert service.hits == 1


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_numbers_are_not_interpreted(anything_by_http, resolver, spelling):
    resolver[spelling] = [[LOOPBACK]]
    with listening(answering()) as service:
        assert cause_of(service.url(host=spelling)) == "bad_url"
        assert service.hits == 0


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_and_if_they_were_their_address_would_be_checked(
    anything_by_http, resolver, every_spelling_passes, spelling
):
    resolver[spelling] = [[LOOPBACK]]
    with listening(answering()) as service:
        assert cause_of(service.url(host=spelling)) == "blocked"
        assert service.hits == 0


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_without_both_guards_numbers_get_through(
    anything_by_http, resolver, every_spelling_passes, every_address_passes, spelling
):
    resolver[spelling] = [[LOOPBACK]]
    with listening(answering()) as service:
        assert cause_of(service.url(host=spelling)) is None
        assert service.hits == 1


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1"])
def test_other_numbers_of_this_machine_are_no_way_in(anything_by_http, resolver, address):
    """`tests/conftest.py` lets no test connect to these, so they are not tried without a guard."""
    resolver["service.example"] = [[address]]
    with listening(answering(), address="0.0.0.0") as service:
        assert cause_of(service.url(host="service.example")) == "blocked"
        assert service.hits == 0


def test_rebinding_leads_to_the_checked_address_or_nowhere(settings, resolver):
    """The first answer may be connected to, the second may not; both lie behind the same port."""
    settings.EGRESS_ALLOW_CIDRS = ["127.0.0.2"]
    settings.EGRESS_ALLOW_HTTP_HOSTS = ["service.example"]
    resolver["service.example"] = [["127.0.0.2"], [LOOPBACK]]
    with (
        listening(answering(b"allowed"), address="127.0.0.2") as allowed,
        listening(answering(b"private"), port=allowed.port) as private,
    ):
        url = allowed.url(host="service.example")
        assert [cause_of(url), cause_of(url)] == [None, "blocked"]
        assert (allowed.hits, private.hits) == (1, 0)


def test_the_loopback_of_ipv6_is_this_machine_too(anything_by_http, monkeypatch):
    try:
        with listening(answering(), address="::1") as service:
            url = service.url(host="[::1]")
            assert cause_of(url) == "blocked"
            assert service.hits == 0
            monkeypatch.setattr(policy, "check_address", lambda _: None)
            assert cause_of(url) is None
            assert service.hits == 1
    except OSError:
        pytest.skip("this machine has no IPv6")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "https://127.0.0.1:{port}/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1%25eth0]/",
        "https://[fec0::1]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://0/",
        "https://0.0.0.0/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.100.100.200/",
        "https://192.0.0.192/",
        "https://168.63.129.16/",
        "https://[fd00:ec2::254]/",
        "https://metadata.google.internal/",
        "https://user:password@127.0.0.1/",
        "https://example.com\\@127.0.0.1/",
        "https://127.0.0.1#@example.com/",
        "https://127.0.0.1?@example.com/",
        "gopher://127.0.0.1:{port}/_GET",
        "ftp://127.0.0.1:{port}/",
        "unix:/var/run/docker.sock",
    ],
)
def test_nothing_leaves_as_it_is_installed(url):
    """Without a single setting."""
    with listening(answering()) as service:
        assert cause_of(url.format(port=service.port)) in ("bad_url", "blocked")
        assert service.hits == 0


def test_both_refusals_say_that_trying_again_is_no_use():
    assert all(EgressError(cause).is_ours for cause in ("bad_url", "blocked"))
    assert not any(EgressError(cause).is_ours for cause in ("dns", "timeout", "tls", "busy"))


def cause_of(url):
    try:
        send(Request(url=url), seconds=2)
    except EgressError as error:
        return error.cause
    return None
