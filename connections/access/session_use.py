"""When and from where each session was used last, for the list that its owner sees."""

import time

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

SECONDS_BETWEEN_NOTES = 300
MOST_REMEMBERED = 10_000
LONGEST_AGENT = UserSession._meta.get_field("user_agent").max_length


class SessionUseMiddleware(MiddlewareMixin):
    """Writes once in five minutes; meanwhile a page costs no query, since this process knows."""

    # When this process wrote about a session, by its key.
    noted: dict[str, float]

    def __init__(self, get_response: object) -> None:
        super().__init__(get_response)  # type: ignore[arg-type]
        self.noted = {}

    def process_request(self, request: HttpRequest) -> None:
        key, now = request.session.session_key, time.monotonic()
        if not key or now - self.noted.get(key, -SECONDS_BETWEEN_NOTES) < SECONDS_BETWEEN_NOTES:
            return
        if request.user.is_authenticated:
            note_use(request, key)
            if len(self.noted) >= MOST_REMEMBERED:
                self.noted.clear()
            self.noted[key] = now


def note_use(request: HttpRequest, key: str) -> None:
    session = UserSession(
        session_key=key,
        user=request.user,
        ip=get_adapter().get_client_ip(request),
        user_agent=request.META.get("HTTP_USER_AGENT", "").replace("\0", "")[:LONGEST_AGENT],
        last_seen_at=timezone.now(),
    )
    UserSession.objects.bulk_create(
        [session],
        update_conflicts=True,
        unique_fields=["session_key"],
        update_fields=["user", "ip", "user_agent", "last_seen_at"],
    )
