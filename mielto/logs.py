"""Logs: one JSON object a line, with one processor that removes what must not be written."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET_WORDS = ("authorization", "cookie", "credential", "password", "secret", "token", "api_key")
REMOVED = "[removed]"
# A part of an address that is longer than any id: the token of a link, which lets somebody in.
TOKEN = re.compile(r"(?<=/)[\w-]{40,}")


def remove_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the value of every member whose name tells of a secret, at any depth."""
    for name, value in event.items():
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = REMOVED
        elif isinstance(value, dict):
            event[name] = remove_secrets(_, __, dict(value))
    return event


def without_token(text: str) -> str:
    """An address, or a text with addresses in it, but for what opens a page."""
    return TOKEN.sub(REMOVED, text)


def without_tokens(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Frameworks log the addresses of requests, and the tokens of links stand in addresses."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = without_token(value)
    return event


def without_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep an exception's type and place, not its message: messages of libraries quote values."""
    info = event.pop("exc_info", None)
    if isinstance(info, tuple) and info[1] is not None:
        error, frames = info[1], []
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        event["exception"] = type(error).__name__
        event["frames"] = frames[-12:]
    return event


def formatter() -> logging.Formatter:
    shared = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            without_values,
            remove_secrets,
            without_tokens,
            structlog.processors.JSONRenderer(),
        ],
    )
