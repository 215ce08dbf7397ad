"""A passkey in software: what a browser would send for it (W3C Web Authentication, level 2)."""

import json
import os
import struct
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def text_of(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


class Passkey:
    def __init__(self, origin: str = "http://testserver", host: str = "testserver") -> None:
        self.origin, self.host = origin, host
        self.id, self.key = os.urandom(32), ec.generate_private_key(ec.SECP256R1())
        self.owner = ""

    def create(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.create`, as JSON."""
        asked = options["publicKey"]
        self.owner = asked["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        public = cbor.encode({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        data = self._data(PRESENT | VERIFIED | ATTESTED) + attested
        statement = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"])
        answer = {"clientDataJSON": text_of(client), "attestationObject": text_of(statement)}
        return self._answer(answer, {"credProps": {"rk": True}})

    def get(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED) -> str:
        """The answer to `navigator.credentials.get`, as JSON."""
        data = self._data(flags)
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        answer = {
            "clientDataJSON": text_of(client),
            "authenticatorData": text_of(data),
            "signature": text_of(signature),
            "userHandle": self.owner,
        }
        return self._answer(answer, {})

    def _data(self, flags: int) -> bytes:
        return sha256(self.host.encode()).digest() + struct.pack(">BI", flags, 0)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str], extensions: dict[str, Any]) -> str:
        named = {"id": text_of(self.id), "rawId": text_of(self.id), "type": "public-key"}
        return json.dumps({**named, "response": response, "clientExtensionResults": extensions})
