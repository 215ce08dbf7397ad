"""What holds for every test: no socket leaves this machine.

An audit hook sees each connection and look-up of Python, whatever library asks for it, and no test
can undo it. A name that is handed to a socket is resolved before the hook hears of it, so those
methods check first. libpq is C and not seen; it talks to the database of DATABASE_URL only.
"""

import functools
import os
import socket
import sys
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from hypothesis import settings
from whitenoise.middleware import WhiteNoiseMiddleware

SENDS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
INTERNET = {socket.AF_INET, socket.AF_INET6}
OWN_NAMES = {"localhost", socket.gethostname(), urlsplit(os.environ["DATABASE_URL"]).hostname}


def pytest_configure() -> None:
    # The same examples on every run: a red build is red for everybody who looks.
    settings.register_profile("steady", derandomize=True, database=None)
    settings.load_profile("steady")
    # Half a second for each sign-in is meant for whoever tries many passwords.
    PBKDF2PasswordHasher.iterations = 1_000
    # Each test's client makes middleware of its own, which would look for every static file again.
    WhiteNoiseMiddleware.add_files_from_finders = found_once(
        WhiteNoiseMiddleware.add_files_from_finders
    )
    sys.addaudithook(refuse_the_network)
    for method in (socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto):
        setattr(socket.socket, method.__name__, check_first(method))


def found_once(find: Callable[[Any], None]) -> Callable[[Any], None]:
    known: dict[str, Any] = {}

    def add(server: Any) -> None:
        if not known:
            find(server)
            known.update(server.files)
        server.files.update(known)

    return add


def check_first(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def checked(sender: socket.socket, *arguments: Any) -> Any:
        refuse_the_network("socket.connect", (sender, arguments[-1]))
        return method(sender, *arguments)

    return checked


def refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event in SENDS:
        sender, address = arguments[:2]
        # A datagram on a connected socket has no address: its connection was checked.
        if sender.family in INTERNET and address and not is_loopback(as_text(address[0])):
            refuse(event, address[0])
    elif event in LOOKUPS:
        host = as_text(arguments[0])
        # The look-up of a literal address asks nobody.
        if host not in OWN_NAMES and not is_address(host):
            refuse(event, host)


def refuse(event: str, host: object) -> None:
    # Not an OSError: code that survives a broken network must not survive this.
    raise RuntimeError(f"Tests may not leave this machine: {event} to {host!r}.")


def as_text(host: str | bytes | None) -> str:
    return os.fsdecode(host or "localhost")


def is_loopback(host: str) -> bool:
    return host in OWN_NAMES or (is_address(host) and ip_address(host).is_loopback)


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@pytest.fixture(autouse=True)
def connections_go_first(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test that commits, Django empties the tables in any order, which triggers refuse."""
    marker = request.node.get_closest_marker("django_db")
    is_asked_for = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not is_asked_for and not (marker and marker.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    apps.get_model("connections", "Connection").objects.all().delete()
