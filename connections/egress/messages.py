"""What goes out and what comes back: plain values, and typed reasons why nothing came back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Cause = Literal[
    "bad_url",  # not a call that may be made: scheme, port, user info, method, control characters
    "blocked",  # an address that nothing may be sent to
    "dns",  # the name has no address, or the resolver failed
    "refused",  # nobody listens there, or the connection broke
    "timeout",
    "tls",
    "bad_answer",  # not HTTP, or an encoding that does not decode
    "too_large",
    "busy",  # too many calls at once of the same caller
]


class EgressError(Exception):
    """Nothing usable came back. `cause` says why; its text never holds a URL, header or body."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause = cause

    @property
    def is_ours(self) -> bool:
        """Whether it was refused before anything was sent: trying again cannot help."""
        return self.cause in ("bad_url", "blocked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call. `headers` are pairs in order; `Host`, lengths and encodings are set by the door."""

    url: str = field(repr=False)
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`headers` have lower-case names and no cookies, repeated ones are joined by ", "; `body` is
    decoded and at most 1 MiB.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """Raises ValueError for anything but one JSON text in UTF-8."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except RecursionError:
            raise ValueError("nested too deep") from None


# How rooms that speak a protocol are given the door: `functools.partial(send, caller=…)`.
Send = Callable[[Request], Answer]
