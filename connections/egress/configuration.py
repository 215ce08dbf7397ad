"""What is wrong with the operator's lists: a wrong entry opens nothing, and should be noticed."""

from collections.abc import Iterator

from django.conf import settings

from connections.egress.messages import EgressError
from connections.egress.policy import is_network
from connections.egress.sockets import tls_context
from connections.egress.urls import normal_host


def configuration_problems() -> list[str]:
    """One line for each wrong entry of the EGRESS_… settings, for a system check."""
    return [*_wrong_networks(), *_wrong_hosts(), *_wrong_ports(), *_wrong_authorities()]


def _wrong_networks() -> Iterator[str]:
    for text in settings.EGRESS_ALLOW_CIDRS:
        if not is_network(text):
            yield f"EGRESS_ALLOW_CIDRS: {text!r} is no network, such as 10.0.0.0/8."


def _wrong_hosts() -> Iterator[str]:
    for text in settings.EGRESS_ALLOW_HTTP_HOSTS:
        try:
            is_right = normal_host(f"[{text}]" if ":" in text else text) == text.lower()
        except EgressError:
            is_right = False
        if not is_right:
            yield f"EGRESS_ALLOW_HTTP_HOSTS: {text!r} is no host, such as intranet.example."


def _wrong_ports() -> Iterator[str]:
    for port in settings.EGRESS_ALLOW_PORTS:
        if not 1 <= port <= 65535:
            yield f"EGRESS_ALLOW_PORTS: {port} is no port from 1 to 65535."


def _wrong_authorities() -> Iterator[str]:
    try:
        tls_context(settings.EGRESS_CA_FILE)
    except OSError:
        yield f"EGRESS_CA_FILE: {settings.EGRESS_CA_FILE!r} holds no certificates in PEM."
