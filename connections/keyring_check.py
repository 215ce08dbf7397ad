"""Whether the keyring is the one that this database was used with.

A wrong key would be noticed only when the first stored secret does not open, or never: new secrets
would be sealed under it. So the fingerprint of each key version is stored, and compared at start.
"""

import logging

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, ProgrammingError

from connections.keys import key_provider
from connections.models import ProviderKey, WorkspaceKey

logger = logging.getLogger("connections.keyring")

# The database is down, or its tables are still to be made.
NOT_READY = (OperationalError, InterfaceError, ProgrammingError)


def verify_keyring() -> None:
    """Remember new key versions; raise ImproperlyConfigured, in one line, for a wrong keyring.

    Without a database that answers there is nothing to compare with: it is left for the next start.
    """
    fingerprints = key_provider().fingerprints()
    try:
        _refuse_wrong(fingerprints)
        if _remember(fingerprints):
            # Another process may have remembered another key under the same name just now.
            _refuse_wrong(fingerprints)
    except NOT_READY as error:
        logger.warning("keyring_not_checked", exc_info=error)


def keyring_problem() -> str | None:
    """What is wrong with the keyring, without writing anything; None too where nobody can tell."""
    try:
        _refuse_wrong(key_provider().fingerprints())
    except ImproperlyConfigured as error:
        return str(error)
    except NOT_READY:
        return None
    return None


def _refuse_wrong(fingerprints: dict[str, str]) -> None:
    for version, fingerprint in _remembered().items():
        if fingerprints.get(version, fingerprint) != fingerprint:
            raise ImproperlyConfigured(
                f"Key '{version}' of the keyring is not the key that this database knows by that "
                "name: put the right key back, or give a new key a new version."
            )
    used = WorkspaceKey.objects.order_by().values_list("provider_version", flat=True).distinct()
    if missing := sorted(set(used) - set(fingerprints)):
        names = ", ".join(f"'{version}'" for version in missing)
        raise ImproperlyConfigured(
            f"The keyring lacks {names}: stored secrets cannot be read without it. Put it back."
        )


def _remembered() -> dict[str, str]:
    return dict(ProviderKey.objects.values_list("version", "fingerprint"))


def _remember(fingerprints: dict[str, str]) -> bool:
    known = _remembered()
    new = [
        ProviderKey(version=version, fingerprint=fingerprint)
        for version, fingerprint in fingerprints.items()
        if version not in known
    ]
    ProviderKey.objects.bulk_create(new, ignore_conflicts=True)
    return bool(new)
