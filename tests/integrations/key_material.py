"""Keys and certificates to paste, each made once in a run."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


def _pem(key: Any, form: PrivateFormat = PrivateFormat.PKCS8, passphrase: bytes = b"") -> str:
    lock = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, lock).decode().strip()


@cache
def rsa_key(bits: int = 2048) -> str:
    return _pem(rsa.generate_private_key(public_exponent=65537, key_size=bits))


@cache
def _ec() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def ec_key() -> str:
    return _pem(_ec())


def sec1_key() -> str:
    return _pem(_ec(), PrivateFormat.TraditionalOpenSSL)


@cache
def openssh_key() -> str:
    return _pem(ed25519.Ed25519PrivateKey.generate(), PrivateFormat.OpenSSH)


@cache
def encrypted_key() -> str:
    return _pem(_ec(), passphrase=b"a passphrase")


@cache
def encrypted_sec1_key() -> str:
    return _pem(_ec(), PrivateFormat.TraditionalOpenSSL, b"a passphrase")


def encrypted_openssh_key() -> str:
    """Written by hand: to lock such a key the library needs another one."""
    texts = [b"aes256-ctr", b"bcrypt", b"\0\0\0\x10" + bytes(16) + b"\0\0\0\x10"]
    body = b"openssh-key-v1\0" + b"".join(len(text).to_bytes(4, "big") + text for text in texts)
    public = b"\0\0\0\x0bssh-ed25519" + b"\0\0\0 " + bytes(32)
    body += b"\0\0\0\1" + len(public).to_bytes(4, "big") + public + b"\0\0\0\x40" + bytes(64)
    lines = base64.encodebytes(body).decode().strip()
    return f"-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}\n-----END OPENSSH PRIVATE KEY-----"


def public_key() -> str:
    form = PublicFormat.SubjectPublicKeyInfo
    return _ec().public_key().public_bytes(Encoding.PEM, form).decode().strip()


@cache
def certificate(bits: int | None = None) -> str:
    key = _ec() if bits is None else rsa.generate_private_key(65537, bits)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=30))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode().strip()


def service_account(**changes: Any) -> dict[str, Any]:
    """A service account key; a member changed to None is left out."""
    members = {
        "type": "service_account",
        "project_id": "demo",
        "private_key_id": "0" * 40,
        "private_key": rsa_key() + "\n",
        "client_email": "robot@demo.iam.gserviceaccount.com",
        "client_id": "1" * 21,
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "client_x509_cert_url": "https://www.googleapis.com/robot/v1/metadata/x509/robot%40demo",
        "universe_domain": "googleapis.com",
    } | changes
    return {name: value for name, value in members.items() if value is not None}


def jwt(header: Any = None, payload: Any = None) -> str:
    parts = ({"alg": "RS256", "typ": "JWT"} if header is None else header, payload or {"sub": "1"})
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    return ".".join([*(part.rstrip("=") for part in coded), "c2lnbmF0dXJl"])
