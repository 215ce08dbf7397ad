"""Which addresses may be connected to.

An explicit table, not `ip_address(…).is_global`: that one depends on the Python version and lets
addresses through that lead into the machine's own network. Sources: the IANA special-purpose
address registries for IPv4 and IPv6 (RFC 6890 and its updates) and the clouds' own documents for
what answers inside a machine.

An operator can open networks with EGRESS_ALLOW_CIDRS. What hands out a machine's own credentials,
and every spelling of IPv6 that carries an IPv4 address, stays closed even then.
"""

from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.conf import settings

from connections.egress.messages import EgressError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORBIDDEN_IPV4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network; 0.0.0.0 reaches the machine itself
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a carrier's customers
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's platform; public by its number
        "169.254.0.0/16",  # link-local
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast address
    )
)
# Only what is handed out as global unicast can be public at all, …
GLOBAL_IPV6 = IPv6Network("2000::/3")
# … without these parts of it.
FORBIDDEN_IPV6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID, …
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
NEVER: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.100.100.200/32",  # Alibaba Cloud's metadata
        "168.63.129.16/32",  # Azure's platform
        "169.254.0.0/16",  # metadata of AWS, Google Cloud, Azure, Oracle, …; credentials of tasks
        "192.0.0.192/32",  # Oracle Cloud's metadata
        "224.0.0.0/4",
        "255.255.255.255/32",
        "::/128",
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64 inside one network
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fd00:ec2::/32",  # metadata, DNS and credentials inside AWS
        "fd20:ce::254/128",  # Google Cloud's metadata
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local, deprecated
        "ff00::/8",  # multicast
    )
)
# They have addresses of the table above. A resolver that answers otherwise changes nothing.
NEVER_NAMES = frozenset(
    {
        "instance-data",
        "instance-data.ec2.internal",
        "metadata",
        "metadata.azure.internal",
        "metadata.goog",
        "metadata.google.internal",
        "metadata.platformequinix.com",
        "metadata.tencentyun.com",
    }
)


def check_name(host: str) -> None:
    """Raises EgressError("blocked") for a name in lower case that stands for a metadata service."""
    if host in NEVER_NAMES:
        raise EgressError("blocked")


def check_address(text: str) -> None:
    """Raises EgressError("blocked") unless this address may be connected to."""
    if not may_connect_to(text):
        raise EgressError("blocked")


def may_connect_to(text: str) -> bool:
    """Whether an address, as `ipaddress` writes it, is public or opened by the operator."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    # A zone names an interface of this machine.
    if "%" in text or _is_in(address, NEVER):
        return False
    return _is_public(address) or _is_in(address, opened_networks())


def opened_networks() -> tuple[Network, ...]:
    """What EGRESS_ALLOW_CIDRS says, without the entries that are no networks: they open nothing."""
    return _networks(tuple(settings.EGRESS_ALLOW_CIDRS))


def is_network(text: str) -> bool:
    """Whether an entry of EGRESS_ALLOW_CIDRS can be read."""
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=16)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts if is_network(text))


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not _is_in(address, FORBIDDEN_IPV4)
    return address in GLOBAL_IPV6 and not _is_in(address, FORBIDDEN_IPV6)


def _is_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
