"""What the vault raises. No message holds key material, plaintext or ciphertext."""


class VaultError(Exception):
    """Whatever goes wrong in the vault."""


class DecryptionFailed(VaultError):
    """A value did not open. It does not say why: the reason would help whoever tampered with it."""

    def __init__(self) -> None:
        super().__init__("A stored value could not be decrypted.")


class UnknownKeyVersion(VaultError):
    """A value names a key version that nobody holds."""

    def __init__(self, version: int | str) -> None:
        super().__init__(f"Key version {version} is not available.")
        self.version = version


class KeyringError(VaultError):
    """The configured keyring cannot be used; the message is one sentence for the operator."""
