"""Being sure that it is still the same person: a password or second factor within five minutes."""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.http import urlencode


def is_confirmed(request: HttpRequest) -> bool:
    """A sign-in alone is none: a session that somebody left open began with one, too."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    moments = [record["at"] for record in records if record.get("reauthenticated")]
    return bool(moments) and time.time() - moments[-1] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def confirm_url(request: HttpRequest) -> str:
    """The page that asks, and leads back to this one; nothing that was sent here is kept."""
    ways = get_adapter().get_reauthentication_methods(request.user)
    if not ways:
        raise PermissionDenied
    return f"{ways[0]['url']}?{urlencode({REDIRECT_FIELD_NAME: request.path})}"
