"""One HTTP/1.1 call over one new connection.

The connection part of httpcore2 is used alone, over a stream that is connected here: so there is no
pool that resolves names, no redirect, cookie, `.netrc` or proxy of the environment that would have
to be switched off, and no connection that one caller leaves for another.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping

import httpcore2

from connections.egress import limits
from connections.egress.bodies import read_body
from connections.egress.deadline import Deadline
from connections.egress.messages import Answer, EgressError, Request
from connections.egress.names import addresses_of
from connections.egress.sockets import connect, secure
from connections.egress.stream import LimitedStream
from connections.egress.urls import Target

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"})
USER_AGENT = "mielto-connections"
# What the door itself says, or what only concerns one connection (RFC 9110, section 7.6.1).
OWN_HEADERS = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "accept-encoding", "connection"),
        *("keep-alive", "te", "trailer", "upgrade", "expect", "proxy-connection"),
        *("proxy-authorization", "cookie2"),
    }
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNFIT_IN_VALUE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

# At level DEBUG the library writes headers into the log, tokens and cookies among them.
logging.getLogger("httpcore2").setLevel(logging.WARNING)


def call(request: Request, target: Target, *, deadline: Deadline) -> Answer:
    """Send it and read the whole answer, whatever its status. Raises EgressError."""
    prepared = _prepared(request, target)
    stream = _open(target, deadline=deadline)
    connection = httpcore2.HTTP11Connection(origin=prepared.url.origin, stream=stream)
    try:
        response = connection.handle_request(prepared)
        stream.may_receive = limits.WIRE_BYTES
        return _answer(response)
    except httpcore2.LocalProtocolError:
        raise EgressError("bad_url") from None
    except httpcore2.RemoteProtocolError:
        raise EgressError("bad_answer") from None
    finally:
        connection.close()


def _open(target: Target, *, deadline: Deadline) -> LimitedStream:
    addresses = addresses_of(target.host, seconds=deadline.left())
    connecting = deadline.within(limits.CONNECT_SECONDS)
    connected = connect(addresses, target.port, deadline=connecting)
    if target.scheme == "https":
        connected = secure(connected, target.host, deadline=connecting)
    return LimitedStream(connected, deadline=deadline)


def _prepared(request: Request, target: Target) -> httpcore2.Request:
    if request.method not in METHODS:
        raise EgressError("bad_url")
    url = httpcore2.URL(
        scheme=target.scheme.encode(),
        host=target.host.encode(),
        port=target.port,
        target=target.path_and_query.encode(),
    )
    headers = list(_headers(request, target))
    return httpcore2.Request(request.method, url, headers=headers, content=request.body)


def _headers(request: Request, target: Target) -> Iterator[tuple[bytes, bytes]]:
    yield b"Host", target.authority.encode()
    yield b"Connection", b"close"
    yield b"Accept-Encoding", b"gzip"
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        yield b"Content-Length", str(len(request.body)).encode()
    if not any(name.lower() == "user-agent" for name, _ in request.headers):
        yield b"User-Agent", USER_AGENT.encode()
    for name, value in request.headers:
        if not _HEADER_NAME.fullmatch(name) or _UNFIT_IN_VALUE.search(value):
            raise EgressError("bad_url")
        if name.lower() not in OWN_HEADERS:
            yield name.encode(), value.strip().encode()


def _answer(response: httpcore2.Response) -> Answer:
    headers = _by_name(response.headers)
    encoding = headers.get("content-encoding", "")
    body = read_body(response.iter_stream(), encoding=encoding, at_most=limits.BODY_BYTES)
    return Answer(status=response.status, headers=headers, body=body)


def _by_name(pairs: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Repeated ones joined by a comma (RFC 9110, section 5.3); cookies are nobody's business."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name != "set-cookie":
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
