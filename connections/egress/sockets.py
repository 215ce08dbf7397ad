"""Connecting to checked addresses, and TLS over what was connected."""

import socket
import ssl
from functools import lru_cache

from django.conf import settings

from connections.egress import limits
from connections.egress.deadline import Deadline
from connections.egress.messages import Cause, EgressError


def connect(addresses: list[str], port: int, *, deadline: Deadline) -> socket.socket:
    """A socket to the first address that takes the connection; each gets its share of the time.

    Addresses are numbers that were checked: nothing is resolved here. Raises EgressError
    "refused" or "timeout", of the last one that was tried.
    """
    tried = addresses[: limits.ADDRESSES_TRIED]
    failure = EgressError("dns")
    for position, address in enumerate(tried):
        try:
            return _connect(address, port, seconds=deadline.left() / (len(tried) - position))
        except EgressError as error:
            failure = error
    raise failure


def _connect(address: str, port: int, *, seconds: float) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connecting = socket.socket(family, socket.SOCK_STREAM)
    try:
        connecting.settimeout(seconds)
        connecting.connect((address, port))
        connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        connecting.close()
        raise EgressError("timeout" if isinstance(error, TimeoutError) else "refused") from None
    return connecting


def secure(plain: socket.socket, host: str, *, deadline: Deadline) -> ssl.SSLSocket:
    """TLS with whoever holds a certificate for `host`; the plain socket must not be used after.

    Raises EgressError: "tls" for a certificate or version that is not good enough, "refused" if
    the connection breaks, "timeout".
    """
    cause: Cause
    try:
        context = tls_context(settings.EGRESS_CA_FILE)
        plain.settimeout(deadline.left())
        return context.wrap_socket(plain, server_hostname=host)
    except TimeoutError:
        cause = "timeout"
    except ConnectionError:
        cause = "refused"
    except (OSError, ValueError):
        cause = "tls"
    plain.close()
    raise EgressError(cause)


@lru_cache(maxsize=4)
def tls_context(ca_file: str) -> ssl.SSLContext:
    """The system's authorities and those of a PEM file; TLS 1.2 or later. Raises OSError.

    Built once: reading the authorities takes 20 ms. Not `ssl.create_default_context()`, which
    would write session keys to wherever SSLKEYLOGFILE points.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context
