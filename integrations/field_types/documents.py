"""Structured secrets: JSON documents, keys and certificates, tokens."""

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_ssh_private_key,
)
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations import patterns
from integrations.field_types.base import Schema, SpecField
from integrations.field_types.text import EmailField, StringField
from integrations.field_types.typed_json import read_json

SMALLEST_RSA_KEY = 2048
# Members with which a credential file would make us fetch an address or run a program.
_FETCHING_MEMBERS = {
    "credential_source",
    "executable",
    "service_account_impersonation_url",
    "source_credentials",
    "subject_token_type",
    "token_url",
    "url",
}
_GOOGLE = "googleapis.com"
_GOOGLE_URL = r"https://(?:[a-z0-9-]+\.)*(?:googleapis\.com|google\.com)(?:/[A-Za-z0-9._~%@/-]*)?"


class JSONField(SpecField):
    text = gettext_lazy("must be a JSON object")
    problem_code = "invalid_json"
    takes_file = True
    accept = ".json,application/json"
    default_max_length = 65_536
    unsaid = "has at most as many characters as its length says when written as compact JSON"

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise self.wrong_type()
        if len(json.dumps(data, ensure_ascii=False, separators=(",", ":"))) > self.max_length:
            text = _("must be at most %(count)d characters") % {"count": self.max_length}
            raise self.problem(text, "max_length")
        return data

    def value_schema(self) -> Schema:
        return {"type": "object"}

    def form_widget(self) -> forms.Widget:
        return forms.Textarea(
            attrs={"rows": 6, "spellcheck": "false", "placeholder": self.placeholder}
        )

    def from_form(self, typed: Any) -> Any:
        if not isinstance(typed, str) or not typed.strip():
            return typed
        value = read_json(typed)
        return typed if value is None else value

    def to_form(self, value: Any) -> Any:
        return "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)


class ServiceAccountField(JSONField):
    """A Google service account key file; nothing in it may make us fetch or run something."""

    text = gettext_lazy("must be a service account key in JSON")
    problem_code = "invalid_service_account"
    unsaid = "holds a private key that parses, within its length"

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        value = super().to_internal_value(data)
        if value.get("type") != "service_account" or _FETCHING_MEMBERS & set(value):
            raise self.wrong_type(_("Create a key of type JSON for the service account itself."))
        email = value.get("client_email")
        if not isinstance(email, str) or not _is_email(email):
            raise self.wrong_type(_("The member client_email is missing or no address."))
        is_elsewhere = value.get("universe_domain", _GOOGLE) != _GOOGLE
        for name in value:
            if name.endswith(("_uri", "_url")) and not _is_google_url(value[name]):
                is_elsewhere = True
        if is_elsewhere:
            raise self.wrong_type(_("An address in the file does not belong to Google."))
        key = value.get("private_key")
        if not isinstance(key, str) or _private_key_problem(normal_pem(key)):
            raise self.wrong_type(_("The member private_key is missing or no PEM private key."))
        return value

    def value_schema(self) -> Schema:
        return {
            "type": "object",
            "properties": {
                "type": {"const": "service_account"},
                "client_email": {
                    "type": "string",
                    "pattern": patterns.anchored(EmailField.shape),
                    "not": {"pattern": EmailField.never},
                },
                "private_key": {"type": "string"},
                "universe_domain": {"const": _GOOGLE},
                **dict.fromkeys(sorted(_FETCHING_MEMBERS), False),
            },
            "patternProperties": {
                "_ur[il]$": {"type": "string", "pattern": patterns.anchored(_GOOGLE_URL)}
            },
            "required": ["type", "client_email", "private_key"],
        }


def _is_email(text: str) -> bool:
    shape, never = patterns.whole(EmailField.shape), patterns.anywhere(EmailField.never)
    return shape.matches(text) and not never.matches(text)


def _is_google_url(value: Any) -> bool:
    return isinstance(value, str) and patterns.whole(_GOOGLE_URL).matches(value)


# Printable ASCII from one BEGIN to an END; what lies between is for the parser to judge.
_ONE_BLOCK = re.compile(r"-----BEGIN [A-Z0-9 ]+-----\n[ -~\n]*\n-----END [A-Z0-9 ]+-----")


class PEMField(StringField):
    """A private key or a certificate, as the spec's `pem_type` says."""

    problem_code = "invalid_pem"
    takes_file = True
    accept = ".pem,.key,.crt,.cer,.txt"
    default_max_length = 65_536
    unsaid = (
        "parses as the kind of PEM that is asked for, within its length; "
        "RSA keys have at least 2048 bits"
    )

    @property
    def text(self) -> str:  # type: ignore[override]
        return {
            "private_key": _("must be a PEM private key"),
            "certificate": _("must be a PEM certificate"),
            "any": _("must be a PEM private key or certificate"),
        }[self.spec.pem_type]

    def normalise(self, value: str) -> str:
        return normal_pem(super().normalise(value))

    def check_characters(self, value: str) -> None:
        """Line breaks belong to the format; the parser refuses the rest."""

    def check_patterns(self, value: str) -> None:
        super().check_patterns(value)
        if not _ONE_BLOCK.fullmatch(value) or value.count("-----BEGIN ") != 1:
            raise self.wrong_type(_("Paste one PEM block, from BEGIN to END."))
        problem = self._parse(value)
        if problem:
            raise problem

    def ends_at(self, value: str) -> datetime | None:
        if not value.startswith("-----BEGIN CERTIFICATE-----"):
            return None
        return x509.load_pem_x509_certificate(value.encode()).not_valid_after_utc

    def _parse(self, value: str) -> Exception | None:
        is_certificate = value.startswith("-----BEGIN CERTIFICATE-----")
        if is_certificate != (self.spec.pem_type == "certificate") and self.spec.pem_type != "any":
            return self.wrong_type()
        found = _certificate_problem(value) if is_certificate else _private_key_problem(value)
        return self._explained(found) if found else None

    def _explained(self, found: str) -> Exception:
        if found == "weak":
            text = _("must be an RSA key of at least %(bits)d bits") % {"bits": SMALLEST_RSA_KEY}
            return self.problem(text, "weak_key")
        if found == "encrypted":
            hint = _("Remove the passphrase: openssl pkey -in key.pem -out plain.pem")
            return self.problem(_("must be a key without a passphrase"), "encrypted_key", hint=hint)
        return self.wrong_type()

    def value_schema(self) -> Schema:
        return {"type": "string", "minLength": 1}

    def form_widget(self) -> forms.Widget:
        return forms.Textarea(
            attrs={"rows": 6, "spellcheck": "false", "placeholder": "-----BEGIN …"}
        )

    def from_form(self, typed: Any) -> Any:
        return typed.replace("\r\n", "\n") if isinstance(typed, str) else typed


def normal_pem(value: str) -> str:
    """One line break style; the `\\n` of a key copied out of JSON becomes a line break."""
    value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return value.replace("\\n", "\n").strip() if "\\n" in value else value


def _private_key_problem(pem: str) -> str | None:
    """`weak`, `encrypted`, `invalid`, or None for a key that will do."""
    if "ENCRYPTED" in pem.partition("\n")[0] or "Proc-Type: 4,ENCRYPTED" in pem:
        return "encrypted"
    # What `ssh-keygen` writes looks like PEM and is a format of its own.
    load = load_ssh_private_key if "OPENSSH" in pem.partition("\n")[0] else load_pem_private_key
    try:
        key = load(pem.encode(), password=None)
    except TypeError:
        # How the library says that a passphrase is missing.
        return "encrypted"
    except (ValueError, UnsupportedAlgorithm):
        return "invalid"
    is_weak = isinstance(key, RSAPrivateKey) and key.key_size < SMALLEST_RSA_KEY
    return "weak" if is_weak else None


def _certificate_problem(pem: str) -> str | None:
    try:
        key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return "invalid"
    return "weak" if isinstance(key, RSAPublicKey) and key.key_size < SMALLEST_RSA_KEY else None


class JWTField(StringField):
    """Three base64url parts, the first of them a JSON header (RFC 7519)."""

    shape = r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"
    text = gettext_lazy("must be a JWT")
    problem_code = "invalid_jwt"
    unsaid = "has a JSON header that names its algorithm"

    def check_patterns(self, value: str) -> None:
        super().check_patterns(value)
        header = _part_of_jwt(value, 0)
        if header is None or not isinstance(header.get("alg"), str):
            raise self.wrong_type()

    def ends_at(self, value: str) -> datetime | None:
        """The claim `exp` (RFC 7519, section 4.1.4), where the token can be read and has one."""
        claims = _part_of_jwt(value, 1) or {}
        seconds = claims.get("exp")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            return None
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError):
            return None


def _part_of_jwt(token: str, number: int) -> dict[str, Any] | None:
    """The JSON object in a part of a token, unverified; None where there is none."""
    part = token.split(".")[number]
    try:
        decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None
