"""Tokens of links, states and cookies: random, and stored as digests only."""

import hashlib
import re
import secrets

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def new_secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def is_secret(text: str) -> bool:
    """Whether it looks like one; what does not costs no query."""
    return _SECRET.fullmatch(text) is not None


def digest_of(secret: str) -> str:
    """Random bits need no slow hash. A stranger's text may hold half a surrogate pair."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
