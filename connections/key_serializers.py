"""The rules of an API key."""

from ipaddress import ip_network
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from connections.models import ApiKey
from connections.models.api_keys import Permission
from integrations.moments import moment_in_utc
from integrations.problems import Problem, Problems
from integrations.requirements import StrictSerializer
from integrations.specs import Spec

LONGEST_OVERLAP = 7 * 24 * 3600


class ApiKeySerializer(StrictSerializer):
    specs: ClassVar[tuple[Spec, ...]] = (
        Spec(key="label", label="label", secure=False, max_length=255),
        Spec(
            key="permissions",
            type="multiselect",
            label="permissions",
            secure=False,
            options=tuple((value, value) for value in Permission.values),
        ),
        Spec(key="expires_at", type="datetime", label="expires_at", required=False, secure=False),
        Spec(
            key="ip_whitelist",
            type="list",
            label="ip_whitelist",
            required=False,
            secure=False,
            max_length=100,
        ),
        Spec(
            key="status",
            type="select",
            label="status",
            required=False,
            secure=False,
            options=tuple((value, value) for value in ApiKey.Status.values),
        ),
    )

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        values = super().checked(data, found)
        if not all(map(_is_network, values.get("ip_whitelist") or [])):
            text = _("Field 'ip_whitelist' must hold IP addresses or networks")
            found["ip_whitelist"] = [Problem(text, "invalid_ip")]
        return values

    def columns(self) -> dict[str, Any]:
        """What is stored: moments for texts, empty values for what was cleared."""
        values = dict(self.validated_data)
        if values.get("expires_at"):
            values["expires_at"] = moment_in_utc(values["expires_at"])
        if "ip_whitelist" in values:
            values["ip_whitelist"] = values["ip_whitelist"] or []
        if "status" in values and values["status"] is None:
            del values["status"]
        return values


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


class RotationSerializer(StrictSerializer):
    specs: ClassVar[tuple[Spec, ...]] = (
        Spec(
            key="overlap_seconds",
            type="integer",
            label="overlap_seconds",
            required=False,
            secure=False,
            default=0,
            minimum=0,
            maximum=LONGEST_OVERLAP,
            help_text="How long the old secret works beside the new one.",
        ),
    )
