"""Reading a URL that something may be sent to: strictly, and into one spelling.

Two readers that take one URL for two hosts are how a guard is passed. So whatever is ambiguous is
refused, and only what was read here is connected to (RFC 3986, without the leniencies of browsers).
"""

import re
import unicodedata
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from urllib.parse import quote

import idna
from django.conf import settings

from connections.egress import limits
from connections.egress.messages import EgressError

DEFAULT_PORTS = {"https": 443, "http": 80}

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<place>[^/?#]+)(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?:#.*)?",
    re.IGNORECASE | re.DOTALL,
)
_PLACE = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]@]+)(?::(?P<port>[1-9][0-9]{0,4}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# What `inet_aton` and browsers would read as a number: 127.1, 0x7f000001, 0177.0.0.1.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRINTABLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a call goes. `host` is in lower case and ASCII; an IPv6 address has no brackets."""

    scheme: str
    host: str
    port: int
    path_and_query: str = field(default="/", repr=False)

    @property
    def authority(self) -> str:
        """As the `Host` header has it (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_usual = self.port == DEFAULT_PORTS[self.scheme]
        return host if is_usual else f"{host}:{self.port}"


def parse(url: str) -> Target:
    """Read an absolute URL, of which the fragment is left out.

    Raises EgressError("bad_url"): not http(s), a host or port that settings do not allow, user
    info, a control character, space or backslash, more than 2,048 characters.
    """
    if len(url) > limits.URL_CHARACTERS or any(map(_is_unfit, url)):
        raise EgressError("bad_url")
    parts = _URL.fullmatch(url)
    place = _PLACE.fullmatch(parts["place"]) if parts else None
    if not (parts and place):
        raise EgressError("bad_url")
    scheme = parts["scheme"].lower()
    host = normal_host(place["host"])
    port = int(place["port"] or DEFAULT_PORTS[scheme])
    if not may_be_called(scheme, host, port):
        raise EgressError("bad_url")
    path = (parts["path"] or "/") + (parts["query"] or "")
    return Target(
        scheme=scheme, host=host, port=port, path_and_query=quote(path, safe=_PRINTABLE_ASCII)
    )


def may_be_called(scheme: str, host: str, port: int) -> bool:
    """Plain http only where the operator says so, on any port; https on 443 and listed ports."""
    if not 1 <= port <= 65535:
        return False
    if scheme == "https":
        return port == 443 or port in settings.EGRESS_ALLOW_PORTS
    return host in {listed.lower() for listed in settings.EGRESS_ALLOW_HTTP_HOSTS}


def normal_host(text: str) -> str:
    """A name or an address in its one spelling. Raises EgressError("bad_url")."""
    if text.startswith("["):
        return _ipv6(text[1:-1])
    host = _ascii(text).lower().removesuffix(".")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(host)
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise EgressError("bad_url")
    return host


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_unfit(character: str) -> bool:
    """Controls, invisible and private characters (C…), spaces and line ends (Z…)."""
    return character == "\\" or unicodedata.category(character)[0] in "CZ"


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    try:
        # UTS 46 makes digits of full-width digits and dots of ideographic ones: checked after it.
        return idna.encode(text, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise EgressError("bad_url") from None


def _ipv4(host: str) -> str:
    """Four decimal numbers; the other spellings of an address are refused, not interpreted."""
    if not is_address(host):
        raise EgressError("bad_url")
    return host


def _ipv6(text: str) -> str:
    try:
        address = IPv6Address(text)
    except ValueError:
        raise EgressError("bad_url") from None
    if address.scope_id:
        raise EgressError("bad_url")
    return str(address)
