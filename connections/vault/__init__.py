"""Encryption at rest: how a secret becomes bytes that may lie in a database.

A stored value is encrypted with its own data key, the data key is wrapped by the workspace's key,
and the workspace's key is wrapped by a key provider that lives outside the database.

This room is a leaf. It must not know models, settings, requests, the network or what a secret
means: it gets bytes, keys and the place where a value lies, and gives bytes back or raises.
"""

from connections.vault.cache import KeyCache
from connections.vault.envelope import Context, key_version_of, open_sealed, rewrap, seal
from connections.vault.errors import DecryptionFailed, KeyringError, UnknownKeyVersion, VaultError
from connections.vault.keyring import KEY_PROVIDERS, KeyProvider, Keyring, new_key

__all__ = [
    "KEY_PROVIDERS",
    "Context",
    "DecryptionFailed",
    "KeyCache",
    "KeyProvider",
    "Keyring",
    "KeyringError",
    "UnknownKeyVersion",
    "VaultError",
    "key_version_of",
    "new_key",
    "open_sealed",
    "rewrap",
    "seal",
]
