"""Key providers: who holds the outermost keys, which wrap the workspaces' keys.

A provider keeps its keys outside the database. It must not know what a workspace is: it gets a key
to wrap and the context that the wrapped key belongs to.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import stat
from pathlib import Path
from typing import Protocol, Self

from connections.vault import aead
from connections.vault.errors import KeyringError, UnknownKeyVersion
from connections.vault.opaque import Opaque

VERSION = re.compile(r"[a-z0-9]{1,16}")
LARGEST_FILE = 64 * 1024
FINGERPRINT_TEXT = b"mielto key fingerprint"
FINGERPRINT_DIGITS = 16


class KeyProvider(Protocol):
    """What every provider can do; a remote one calls its service here."""

    @property
    def current_version(self) -> str:
        """The version that `wrap` uses."""

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Encrypt `key` with the current version."""

    def unwrap(self, wrapped: bytes, version: str, context: bytes) -> bytes:
        """Raises UnknownKeyVersion or DecryptionFailed."""

    def fingerprints(self) -> dict[str, str]:
        """Hex digits by version, to be stored: they tell a wrong key from the right one."""


class Keyring(Opaque):
    """Keys from the environment or a file, newest first."""

    __slots__ = ("_keys",)

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `v2:base64,v1:base64`; a line break separates as a comma does.

        Raises KeyringError, which names an entry by its position only: what stands in the place
        of a version may be a key that was pasted wrongly.
        """
        entries = [entry.strip() for entry in text.replace(",", "\n").split("\n")]
        keys: dict[str, bytes] = {}
        for number, entry in enumerate(filter(None, entries), start=1):
            version, key = _parse_entry(entry, number)
            if version in keys:
                raise KeyringError(f"Keyring entry {number} repeats the version of another entry.")
            if key in keys.values():
                raise KeyringError(f"Keyring entry {number} repeats the key of another entry.")
            keys[version] = key
        if not keys:
            raise KeyringError("The keyring is empty: give it at least one entry, version:base64.")
        return cls(keys)

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a keyring file that only its owner may touch."""
        try:
            with open(path, "rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                content = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise KeyringError(f"Keyring file {path} cannot be read: {error.strerror}.") from None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyringError(f"Keyring file {path} is open to others: run chmod 600 on it.")
        if len(content) > LARGEST_FILE:
            raise KeyringError(f"Keyring file {path} is too large to be a keyring.")
        # A byte that is not ASCII becomes a character that no entry may contain.
        return cls.parse(content.decode("ascii", errors="replace"))

    @property
    def current_version(self) -> str:
        return next(iter(self._keys))

    def wrap(self, key: bytes, context: bytes) -> bytes:
        version = self.current_version
        return aead.encrypt(self._keys[version], key, _wrap_data(version, context))

    def unwrap(self, wrapped: bytes, version: str, context: bytes) -> bytes:
        if version not in self._keys:
            raise UnknownKeyVersion(version)
        return aead.decrypt(self._keys[version], bytes(wrapped), _wrap_data(version, context))

    def fingerprints(self) -> dict[str, str]:
        return {version: _fingerprint(key) for version, key in self._keys.items()}

    def __repr__(self) -> str:
        return f"Keyring(versions={list(self._keys)})"


def new_key() -> str:
    """Return base64 of 32 random bytes."""
    return base64.b64encode(os.urandom(aead.KEY_BYTES)).decode()


def _parse_entry(entry: str, number: int) -> tuple[str, bytes]:
    version, colon, encoded = (part.strip() for part in entry.partition(":"))
    if not colon:
        raise KeyringError(f"Keyring entry {number} is not of the form version:base64.")
    if not VERSION.fullmatch(version):
        raise KeyringError(
            f"The version of keyring entry {number} must be 1 to 16 lower-case letters and digits."
        )
    return version, _parse_key(encoded, number)


def _parse_key(encoded: str, number: int) -> bytes:
    key = _decoded(encoded)
    if key is None:
        raise KeyringError(f"The key of keyring entry {number} is not base64.")
    if len(key) != aead.KEY_BYTES:
        raise KeyringError(
            f"The key of keyring entry {number} must be {aead.KEY_BYTES} bytes; it is {len(key)}."
        )
    if len(set(key)) == 1:
        raise KeyringError(
            f"The key of keyring entry {number} repeats one byte: use random bytes instead."
        )
    return key


def _decoded(encoded: str) -> bytes | None:
    """Decode standard or URL-safe base64, padded or not; None if it is neither.

    Nothing raises from here: an error of the decoder would carry the text as its cause.
    """
    standard = encoded.rstrip("=").translate(str.maketrans("-_", "+/"))
    if not standard.isascii():
        return None
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error:
        return None


def _wrap_data(version: str, context: bytes) -> bytes:
    # A version holds no NUL, so the parts cannot run into each other.
    return b"mielto workspace key\0" + version.encode() + b"\0" + context


def _fingerprint(key: bytes) -> str:
    return hmac.new(key, FINGERPRINT_TEXT, hashlib.sha256).hexdigest()[:FINGERPRINT_DIGITS]


KEY_PROVIDERS: dict[str, type[KeyProvider]] = {"keyring": Keyring}
