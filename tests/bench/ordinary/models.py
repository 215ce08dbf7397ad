"""One table of connections with an encrypted column, one of audit rows."""

import json
import os
from base64 import b64decode
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE_BYTES = 12


@cache
def cipher() -> AESGCM:
    return AESGCM(b64decode(settings.ENCRYPTION_KEY))


def encrypt(values: dict) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher().encrypt(nonce, json.dumps(values).encode(), None)


def decrypt(stored: bytes) -> dict:
    stored = bytes(stored)
    return json.loads(cipher().decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], None))


class Connection(models.Model):
    integration = models.CharField(max_length=64)
    label = models.CharField(max_length=255)
    config = models.JSONField(default=dict)
    secret = models.BinaryField()
    user_id = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=16, default="active")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.label


class AuditEvent(models.Model):
    user = models.ForeignKey("auth.User", on_delete=models.CASCADE, related_name="audit_events")
    action = models.CharField(max_length=64)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="events")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.action
