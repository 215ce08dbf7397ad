"""PostgreSQL: sign in at a checked address with TLS, and ask for `SELECT 1`.

libpq connects by itself, so it is given the numbers that the door checked, and the name only for
TLS. It is driven step by step (postgresql.org/docs/current/libpq-connect.html, PQconnectPoll): one
deadline for everything, and where it failed tells more surely why than its messages do.
"""

import selectors
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings
from psycopg import OperationalError, ProgrammingError, pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq.abc import PGconn as Connection

from connections.checks.attempts import Attempt
from connections.checks.outcomes import Cause, Outcome, because, passed
from connections.checks.pem_files import pem_files
from connections.egress import EgressError, checked_addresses
from integrations.templates import UnfilledTemplate, UnfitValue

# Where Debian and Alpine, Fedora, and others keep the authorities that they trust.
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
SECONDS = 8.0
ADDRESSES_TRIED = 3
MOST_READS = 20
DEFAULT_PORT = "5432"
# Of a connection string. The others name files, services and addresses of this machine.
ALLOWED = {"user", "password", "dbname", "sslmode", "options", "channel_binding", "sslnegotiation"}
# What libpq would otherwise take from this machine's environment and home folder.
OURS = {
    "application_name": "mielto-connections",
    "gssencmode": "disable",
    "passfile": "/nonexistent",
    "require_auth": "none,password,md5,scram-sha-256",
    "target_session_attrs": "any",
}
# libpq keeps the code of a refusal to itself while it connects: words of the server's message, in
# this order. In another language than English the step at which it failed has to do.
WORDS: tuple[tuple[str, Cause], ...] = (
    ("pg_hba.conf", "forbidden_scope"),
    ("permission denied", "forbidden_scope"),
    ("too many", "rate_limited"),
    ("connection slots", "rate_limited"),
    ('database "', "not_found_base_url"),
    ("the database system is", "service_error"),
    ("role", "unauthorized"),
)
PERMISSION_DENIED = b"42501"

Parameters = dict[str, str]


class Ended(Exception):
    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause = cause


def check(attempt: Attempt) -> Outcome:
    try:
        given = _given(attempt)
        with pem_files(_pem_texts(attempt, given["sslmode"])) as files:
            _try(_parameters(given, files), deadline=time.monotonic() + SECONDS)
    except Ended as ended:
        return because(ended.cause)
    except OperationalError:
        # The connection broke between two steps; the message may quote what the server said.
        return because("refused")
    return passed()


def _given(attempt: Attempt) -> Parameters:
    """What the connection says, with TLS unless it says otherwise. Raises UnfilledTemplate."""
    given = _from_string(attempt) if attempt.text("connection_string") else _from_parts(attempt)
    return {"sslmode": "require", **_own_only(given)}


def _pem_texts(attempt: Attempt, sslmode: str) -> dict[str, str]:
    texts = {name: attempt.text(name) for name in ("sslrootcert", "sslcert", "sslkey")}
    if sslmode.startswith("verify-") and not texts["sslrootcert"]:
        texts["sslrootcert"] = authorities()
    return texts


def authorities() -> str:
    """The machine's certificate authorities and the operator's own.

    libpq of the binary packages does not find them: `sslrootcert=system` is a folder of its own.
    """
    system = [path for path in map(Path, BUNDLES) if path.is_file()][:1]
    own = [Path(settings.EGRESS_CA_FILE)] if settings.EGRESS_CA_FILE else []
    try:
        return "\n".join(path.read_text(encoding="utf-8") for path in (*system, *own))
    except OSError:
        raise Ended("tls") from None


def _parameters(given: Parameters, files: Mapping[str, str]) -> Parameters:
    """Everything that libpq is told, addresses included. Raises EgressError, UnfilledTemplate."""
    places = _places(given.get("host", ""), given.get("port") or DEFAULT_PORT)
    names, addresses, ports = map(",".join, zip(*places, strict=True))
    return {
        **given,
        **files,
        **OURS,
        # Whoever signs in with a password shows no certificate of this machine's.
        "sslcertmode": "allow" if "sslcert" in files else "disable",
        **{"host": names, "hostaddr": addresses, "port": ports},
    }


def _own_only(given: Parameters) -> Parameters:
    """Every name and password said, be it blank: libpq takes others from PGUSER, PGPASSWORD …"""
    user = given.get("user", "postgres")
    return {"user": user, "password": "", "dbname": user, "options": "", **given}


def _from_parts(attempt: Attempt) -> Parameters:
    if not attempt.text("host"):
        raise UnfilledTemplate("host")
    names = {"database": "dbname", "username": "user"}
    keys = ("host", "port", "database", "username", "password", "sslmode")
    found = {names.get(key, key): attempt.text(key) for key in keys}
    return {name: text for name, text in found.items() if text}


def _from_string(attempt: Attempt) -> Parameters:
    try:
        found = conninfo_to_dict(attempt.text("connection_string"))
    except ProgrammingError:
        # Its message quotes what was given.
        raise UnfitValue("connection_string") from None
    allowed = {*ALLOWED, "host", "port"}
    return {name: str(text) for name, text in found.items() if name in allowed and text}


def _places(hosts: str, ports: str) -> list[tuple[str, str, str]]:
    """`(name, address, port)` of every host that is named; one port, or one for each."""
    names, numbers = hosts.split(","), ports.split(",")
    if len(numbers) == 1:
        numbers *= len(names)
    if len(numbers) != len(names) or len(names) > ADDRESSES_TRIED:
        raise UnfitValue("host")
    return [place for pair in zip(names, numbers, strict=True) for place in _addresses(*pair)]


def _addresses(host: str, port: str) -> Iterator[tuple[str, str, str]]:
    # A path would be a socket of this machine.
    if not host or host.startswith(("/", "@")) or not (port.isascii() and port.isdecimal()):
        raise UnfitValue("host")
    for address in checked_addresses(host, int(port))[:ADDRESSES_TRIED]:
        yield host, address, port


def _try(parameters: Parameters, *, deadline: float) -> None:
    """Raises Ended, or EgressError "timeout"."""
    connection = pq.PGconn.connect_start(make_conninfo("", **parameters).encode())
    try:
        _sign_in(connection, deadline)
        _ask(connection, deadline)
    finally:
        connection.finish()


def _sign_in(connection: Connection, deadline: float) -> None:
    event, stage, step = selectors.EVENT_WRITE, pq.ConnStatus.STARTED, pq.PollingStatus.WRITING
    while connection.status != pq.ConnStatus.BAD:
        _wait(connection, event, deadline)
        stage = pq.ConnStatus(connection.status)
        step = pq.PollingStatus(connection.connect_poll())
        if step == pq.PollingStatus.OK:
            return
        reads = step == pq.PollingStatus.READING
        event = selectors.EVENT_READ if reads else selectors.EVENT_WRITE
    raise Ended(_cause(connection, stage))


def _wait(connection: Connection, event: int, deadline: float) -> None:
    left = deadline - time.monotonic()
    with selectors.DefaultSelector() as selector:
        # Anew each time: the next address has another socket.
        selector.register(connection.socket, event)
        if left <= 0 or not selector.select(left):
            raise EgressError("timeout")


def _cause(connection: Connection, stage: pq.ConnStatus) -> Cause:
    """Why signing in failed, by the step that it failed at."""
    if stage in (pq.ConnStatus.STARTED, pq.ConnStatus.NEEDED):
        return "refused"
    if stage == pq.ConnStatus.SSL_STARTUP:
        return "tls"
    said = connection.error_message.decode(errors="replace")
    refused = connection.needs_password or connection.used_password
    otherwise: Cause = "unauthorized" if refused else "service_error"
    return next((cause for word, cause in WORDS if word in said), otherwise)


def _ask(connection: Connection, deadline: float) -> None:
    connection.send_query(b"SELECT 1")
    for _read in range(MOST_READS):
        if not connection.is_busy():
            break
        _wait(connection, selectors.EVENT_READ, deadline)
        connection.consume_input()
    result = None if connection.is_busy() else connection.get_result()
    if result is None or result.status != pq.ExecStatus.TUPLES_OK:
        denied = result and result.error_field(pq.DiagnosticField.SQLSTATE) == PERMISSION_DENIED
        raise Ended("forbidden_scope" if denied else "service_error")
