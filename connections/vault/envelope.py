"""One stored value: encrypted with its own data key, which the workspace's key wraps.

    0x01 | workspace key version u32 | wrapped data key (12 + 32 + 16)
         | nonce 12 | ciphertext | tag 16

The version is big endian. The header names exactly one workspace key, and only that one is asked
for. The associated data ties a value to its place, so that it opens nowhere else.
"""

import os
import struct
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from connections.vault import aead
from connections.vault.errors import DecryptionFailed, UnknownKeyVersion, VaultError

FORMAT = 1
HEADER = struct.Struct(">BI")
WRAPPED_END = HEADER.size + aead.OVERHEAD + aead.KEY_BYTES
OVERHEAD = WRAPPED_END + aead.OVERHEAD
NEWEST_VERSION = 2**32 - 1


class Context(NamedTuple):
    """Where a value lies. A value that was moved to another place does not open."""

    workspace_id: UUID
    row_id: UUID
    field: str

    def associated_data(self) -> bytes:
        """Format byte, 16 and 16 bytes of ids, then the name: only the last part may vary."""
        ids = self.workspace_id.bytes + self.row_id.bytes
        return bytes((FORMAT,)) + ids + self.field.encode()


def seal(plaintext: bytes, *, key: bytes, key_version: int, context: Context) -> bytes:
    """Encrypt for one place; `key` is the workspace's key of `key_version`, 32 bytes."""
    place, data_key = context.associated_data(), os.urandom(aead.KEY_BYTES)
    head = _wrap(data_key, key=key, version=key_version, place=place)
    return head + aead.encrypt(data_key, plaintext, place)


def open_sealed(
    value: bytes | memoryview, *, key_for: Callable[[int], bytes], context: Context
) -> bytes:
    """Return the plaintext.

    `key_for` gets the version named in the header, once; it raises UnknownKeyVersion or KeyError
    for one it does not know. Raises UnknownKeyVersion or DecryptionFailed.
    """
    value = bytes(value)  # PostgreSQL's driver gives a memoryview
    version = key_version_of(value)
    try:
        key = key_for(version)
    except KeyError:
        raise UnknownKeyVersion(version) from None
    place = context.associated_data()
    data_key = _unwrap(value, key=key, place=place)
    return aead.decrypt(data_key, value[WRAPPED_END:], place)


def rewrap(
    value: bytes | memoryview,
    *,
    old_key: bytes,
    new_key: bytes,
    new_version: int,
    context: Context,
) -> bytes:
    """Put the same data key under another workspace key; the ciphertext is copied, not opened."""
    value = bytes(value)
    key_version_of(value)
    place = context.associated_data()
    data_key = _unwrap(value, key=old_key, place=place)
    head = _wrap(data_key, key=new_key, version=new_version, place=place)
    return head + value[WRAPPED_END:]


def key_version_of(value: bytes | memoryview) -> int:
    """Return the workspace key version named in the header; DecryptionFailed if it has none."""
    if len(value) < OVERHEAD or value[0] != FORMAT:
        raise DecryptionFailed
    version: int = HEADER.unpack_from(value)[1]
    return version


def _wrap(data_key: bytes, *, key: bytes, version: int, place: bytes) -> bytes:
    if not 0 <= version <= NEWEST_VERSION:
        raise VaultError("A workspace key version must fit in four bytes.")
    header = HEADER.pack(FORMAT, version)
    return header + aead.encrypt(key, data_key, _wrap_data(header, place))


def _unwrap(value: bytes, *, key: bytes, place: bytes) -> bytes:
    header, wrapped = value[: HEADER.size], value[HEADER.size : WRAPPED_END]
    return aead.decrypt(key, wrapped, _wrap_data(header, place))


def _wrap_data(header: bytes, place: bytes) -> bytes:
    # The prefix keeps a wrapped data key from ever passing for something else under the same key.
    return b"mielto data key\0" + header + place
