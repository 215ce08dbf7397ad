"""Addresses that a workspace trusts: where browsers go afterwards, and who may embed its links."""

from urllib.parse import SplitResult, urlsplit

LOCAL_HOSTS = {"localhost", "127.0.0.1"}
DEFAULT_PORTS = {"https": 443, "http": 80}
LONGEST_ADDRESS, LONGEST_ORIGIN = 2000, 255
MOST_ADDRESSES = 50


def is_return_address(url: str) -> bool:
    """https, or http to this machine; a host, and nothing that browsers read in two ways."""
    return len(url) <= LONGEST_ADDRESS and _safe_parts(url) is not None


def is_origin(text: str) -> bool:
    """An origin as a browser writes it: scheme, host in lower case, a port that is no default.

    A policy header and a script compare it letter by letter, so nothing else is one.
    """
    parts = _safe_parts(text)
    if parts is None or len(text) > LONGEST_ORIGIN:
        return False
    host, port = parts.hostname or "", parts.port
    if set("*;,'[]") & set(text) or port in (0, DEFAULT_PORTS[parts.scheme]):
        return False
    return text == f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _safe_parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    is_plain = url.isascii() and url.isprintable() and not set("\\#<>\"' ") & set(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS)
    return parts if is_plain and is_safe and host and "@" not in parts.netloc else None
