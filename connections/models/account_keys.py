"""The key that what belongs to people, and to no workspace, is encrypted with: second factors."""

import os
from base64 import b64decode, b64encode
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

from connections.keys import cached_keys, key_provider
from connections.vault import Context, UnknownKeyVersion, open_sealed, seal

# Stands where a workspace's id stands: nobody's.
NOBODY = UUID(int=0)
FIRST = 1


class AccountKey(models.Model):
    """One version of the installation's key for accounts, wrapped by the key provider."""

    version = models.PositiveIntegerField(primary_key=True)
    wrapped = models.BinaryField()
    provider_version = models.CharField(max_length=16)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"key {self.version} of accounts"

    @classmethod
    def newest(cls) -> int:
        """The version that new values are sealed with; the first is made when it is needed."""
        version = cls.objects.order_by("-version").values_list("version", flat=True).first()
        if version is not None:
            return version
        provider = key_provider()
        wrapped = provider.wrap(os.urandom(32), _wrap_context(FIRST))
        try:
            with transaction.atomic():
                cls.objects.create(
                    version=FIRST, wrapped=wrapped, provider_version=provider.current_version
                )
        except IntegrityError:
            # Another process was quicker; what it made is the one.
            pass
        return FIRST

    @classmethod
    def unwrapped(cls, version: int) -> bytes:
        """The key itself, held in this process for minutes; UnknownKeyVersion if there is none."""

        def load() -> bytes:
            row = cls.objects.filter(version=version).first()
            if row is None:
                raise UnknownKeyVersion(version)
            context = _wrap_context(version)
            return key_provider().unwrap(bytes(row.wrapped), row.provider_version, context)

        return cached_keys.get(NOBODY, version, load)


def seal_for(user_id: int, text: str, *, field: str) -> str:
    """Encrypt for one person: what is moved to another's row does not open there."""
    version = AccountKey.newest()
    sealed = seal(
        text.encode(),
        key=AccountKey.unwrapped(version),
        key_version=version,
        context=Context(NOBODY, UUID(int=user_id), field),
    )
    return b64encode(sealed).decode()


def open_for(user_id: int, text: str, *, field: str) -> str:
    """What `seal_for` made for that person; raises VaultError, never returns anything else."""
    context = Context(NOBODY, UUID(int=user_id), field)
    opened = open_sealed(b64decode(text), key_for=AccountKey.unwrapped, context=context)
    return opened.decode()


def _wrap_context(version: int) -> bytes:
    return b"accounts" + version.to_bytes(4, "big")
