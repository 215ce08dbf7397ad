"""A secret that sings: values to put into secret fields, and where to look for them afterwards."""

import base64
import binascii
import html
import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.core.cache import cache as django_cache
from django.db import connection as database

# Letters that every encoding of text changes, and a part that none does.
WORD = 'Kanarie"&<ü+/zJq7Wd2Xv9'
PLAIN = "KanarieZJq7Wd2Xv9Bt4"

SECRETIVE = """
slug: secretive
name: Secretive
type: custom
auth_methods:
  - id: all
    name: Every kind of secret
    kind: custom
    default: true
    fields:
      - {key: word, type: password, label: Word}
      - {key: text_secret, type: text, label: Text, required: false}
      - {key: token, type: jwt, label: Token, required: false}
      - {key: dsn_password, type: connection_string, schemes: [redis], label: DSN, required: false}
      - {key: json_secret, type: json, label: JSON, required: false}
      - {key: pairs_secret, type: key_values, label: Pairs, required: false}
      - {key: headers_secret, type: headers, label: Headers, required: false}
      - {key: list_secret, type: list, label: List, required: false}
      - {key: private_key, type: pem, label: Key, required: false}
      - {key: config_secret, target: config, type: string, secure: true, label: Config secret}
      - {key: region, target: config, type: string, label: Region}
"""


@cache
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()


def secrets() -> dict[str, dict[str, Any]]:
    """`{credentials, config}` of `secretive`: a canary in every secret field."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS256"}').decode().rstrip("=")
    return {
        "credentials": {
            "word": WORD,
            "text_secret": f"{WORD}\nand more",
            "token": f"{header}.{PLAIN}.{PLAIN}",
            "dsn_password": f"redis://:{PLAIN}@cache.example.com/0",
            "json_secret": {"deep": [{PLAIN: WORD}]},
            "pairs_secret": {"name": WORD},
            "headers_secret": {"X-Name": PLAIN},
            "list_secret": [WORD],
            "private_key": private_key(),
        },
        "config": {"config_secret": WORD, "region": "eu-1"},
    }


@cache
def songs() -> tuple[str, ...]:
    """Every way in which the canaries could be written."""
    texts = {WORD, PLAIN, private_key().splitlines()[3]}
    found: set[str] = set()
    for text in texts:
        raw = text.encode()
        found |= {text, quote(text), quote(text, safe=""), html.escape(text), text[::-1]}
        found |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
        found |= {binascii.hexlify(raw).decode(), repr(text)[1:-1], repr(raw)[2:-1]}
        for lead in range(3):
            # In base64 a word looks different at each of three offsets; the edges mix with others.
            encoded = base64.b64encode(b"\0" * lead + raw).decode().rstrip("=")
            found |= {encoded[4:-4], encoded[4:-4].replace("+", "-").replace("/", "_")}
    return tuple(sorted(found))


def heard_in(content: Any) -> list[str]:
    """The songs that are found in some content: text, bytes, or whatever has a `repr`."""
    if isinstance(content, memoryview):
        content = bytes(content)
    if isinstance(content, bytes):
        text = content.decode("utf-8", errors="backslashreplace") + content.hex()
    else:
        text = content if isinstance(content, str) else repr(content)
    lower = text.lower()
    return [song for song in songs() if song in text or song.lower() in lower]


def stored_rows() -> Iterator[tuple[str, Any]]:
    """Every value of every column of every table, sessions and the admin's log included."""
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield from (
                    (f"{table}.{name}", value) for name, value in zip(names, row, strict=True)
                )


def heard_in_storage() -> list[str]:
    found = [place for place, value in stored_rows() if heard_in(value)]
    held = getattr(django_cache, "_cache", {})
    return found + [f"cache {key}" for key, value in held.items() if heard_in(value)]
