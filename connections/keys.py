"""What this process holds of the keys: the provider, and workspace keys that it unwrapped."""

from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from connections.vault import KeyCache, KeyProvider, Keyring, KeyringError

cached_keys = KeyCache()


@cache
def key_provider() -> KeyProvider:
    """Raise ImproperlyConfigured, in one line without key material, for an unusable keyring."""
    try:
        if settings.MIELTO_KEYRING_FILE:
            return Keyring.from_file(settings.MIELTO_KEYRING_FILE)
        return Keyring.parse(settings.MIELTO_KEYRING)
    except KeyringError as error:
        raise ImproperlyConfigured(str(error)) from error
