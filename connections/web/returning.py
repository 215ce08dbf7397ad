"""Sending a browser back to where a program wants it."""

from urllib.parse import urlencode, urlsplit, urlunsplit


def with_said(url: str, **said: str) -> str:
    """The address with what became of it at the end of its query."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(said))))
    return urlunsplit(parts._replace(query=query))
