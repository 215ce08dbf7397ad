"""The table of addresses, with what lies just outside of every block."""

from ipaddress import ip_address, ip_network

import pytest

from connections.egress import policy

EVERYTHING = ["0.0.0.0/0", "::/0"]

# Blocks that nothing may be sent to, with the neighbours that are no part of any block.
# (block, whether the address before is free, whether the one after is)
BLOCKS = [
    ("0.0.0.0/8", None, True),
    ("10.0.0.0/8", True, True),
    ("100.64.0.0/10", True, True),
    ("127.0.0.0/8", True, True),
    ("168.63.129.16/32", True, True),
    ("169.254.0.0/16", True, True),
    ("172.16.0.0/12", True, True),
    ("192.0.0.0/24", True, True),
    ("192.0.2.0/24", True, True),
    ("192.31.196.0/24", True, True),
    ("192.52.193.0/24", True, True),
    ("192.88.99.0/24", True, True),
    ("192.168.0.0/16", True, True),
    ("192.175.48.0/24", True, True),
    ("198.18.0.0/15", True, True),
    ("198.51.100.0/24", True, True),
    ("203.0.113.0/24", True, True),
    ("224.0.0.0/4", True, False),
    ("240.0.0.0/4", False, None),
    ("255.255.255.255/32", False, None),
    ("::/3", None, True),
    ("2001::/23", True, True),
    ("2001:db8::/32", True, True),
    ("2002::/16", True, True),
    ("2620:4f:8000::/48", True, True),
    ("3fff::/20", True, True),
    ("4000::/2", True, False),
    ("8000::/1", False, None),
]


def edges():
    for block, is_free_before, is_free_after in BLOCKS:
        network = ip_network(block)
        first, last = network[0], network[-1]
        yield pytest.param(str(first), False, id=f"first-of-{block}")
        yield pytest.param(str(last), False, id=f"last-of-{block}")
        if is_free_before is not None:
            yield pytest.param(str(first - 1), is_free_before, id=f"before-{block}")
        if is_free_after is not None:
            yield pytest.param(str(last + 1), is_free_after, id=f"after-{block}")


@pytest.mark.parametrize(("address", "is_free"), list(edges()))
def test_the_edges_of_every_block(address, is_free):
    assert policy.may_connect_to(address) is is_free


def test_every_forbidden_block_has_its_edges_tested():
    tested = {block for block, *_ in BLOCKS}
    forbidden = {str(network) for network in (*policy.FORBIDDEN_IPV4, *policy.FORBIDDEN_IPV6)}
    assert forbidden - tested == set()


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "140.82.121.4",
        "192.0.1.1",
        "2606:4700:4700::1111",
        "2a00:1450:4001:80f::200e",
        "2001:4860:4860::8888",
    ],
)
def test_public_services_are_reached(address):
    assert policy.may_connect_to(address)


@pytest.mark.parametrize(
    "address",
    [
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700:4700::1111%1",
        "fec0::1",
        "fc00::1",
        "fd12:3456:789a::1",
        "ff02::1",
        "100::1",
        "5f00::1",
        "",
        "localhost",
        "127.1",
        "1.1.1.01",
    ],
)
def test_what_is_no_public_address_is_refused(address):
    assert not policy.may_connect_to(address)


NEVER = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "169.254.0.23",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "fe80::a9fe:a9fe",
    "0.0.0.0",
    "::",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "224.0.0.1",
    "255.255.255.255",
    "ff02::1",
]


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize("listed", ["everything", "itself"])
def test_metadata_stays_closed_whatever_is_listed(settings, address, listed):
    settings.EGRESS_ALLOW_CIDRS = EVERYTHING if listed == "everything" else [address]
    assert not policy.may_connect_to(address)


@pytest.mark.parametrize(
    ("listed", "address", "is_free"),
    [
        (["10.0.0.0/8"], "10.0.0.1", True),
        (["10.0.0.0/8"], "11.0.0.1", True),
        (["10.0.0.0/8"], "192.168.0.1", False),
        (["10.1.2.3"], "10.1.2.3", True),
        (["10.1.2.3"], "10.1.2.4", False),
        (["127.0.0.0/8"], "127.0.0.1", True),
        (["127.0.0.0/8"], "::1", False),
        (["::1"], "::1", True),
        (["fd12::/16"], "fd12::1", True),
        (["100.64.0.0/10"], "100.64.0.1", True),
        (["100.64.0.0/10"], "100.100.100.200", False),
        (["fd00::/8"], "fd00:ec2::254", False),
        (EVERYTHING, "192.168.0.1", True),
    ],
)
def test_operators_open_private_networks(settings, listed, address, is_free):
    settings.EGRESS_ALLOW_CIDRS = listed
    assert policy.may_connect_to(address) is is_free


@pytest.mark.parametrize("entry", ["10.0.0.1/8", "10.0.0.0/33", "ten", "", "*"])
def test_an_entry_that_is_no_network_opens_nothing(settings, entry):
    settings.EGRESS_ALLOW_CIDRS = [entry, "192.168.0.0/16"]
    assert not policy.is_network(entry)
    assert not policy.may_connect_to("10.0.0.1")
    assert policy.may_connect_to("192.168.0.1")


def test_names_of_metadata_services_have_addresses_that_stay_closed_too():
    """The names are a second fence: the first is the addresses, which are numbers."""
    assert all(not policy.may_connect_to(address) for address in NEVER)
    assert {"metadata.google.internal", "metadata.goog"} <= policy.NEVER_NAMES


@pytest.mark.parametrize("network", policy.NEVER, ids=str)
def test_never_means_every_address_of_the_block(settings, network):
    settings.EGRESS_ALLOW_CIDRS = EVERYTHING
    for address in (network[0], network[-1]):
        assert not policy.may_connect_to(str(ip_address(address)))
