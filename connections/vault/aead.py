"""AES-256-GCM with a random nonce in front: the one place that calls the cipher.

It must not know what it encrypts; the associated data says that.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connections.vault.errors import DecryptionFailed, VaultError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = NONCE_BYTES + TAG_BYTES


def encrypt(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Return nonce, ciphertext and tag, joined."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plaintext, associated)


def decrypt(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """Open what `encrypt` made, or raise DecryptionFailed."""
    if len(sealed) < OVERHEAD:
        raise DecryptionFailed
    cipher = _cipher(key)
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except InvalidTag:
        raise DecryptionFailed from None


def _cipher(key: bytes) -> AESGCM:
    # AESGCM takes 16 and 24 bytes too; a short key is a mistake here, not a weaker mode.
    if len(key) != KEY_BYTES:
        raise VaultError(f"A key must be {KEY_BYTES} bytes long.")
    return AESGCM(key)
