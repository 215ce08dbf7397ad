"""Our own addresses in an authorization: from the configuration, whatever `Host` says."""

from django.conf import settings


def callback_url() -> str:
    """Where services send browsers back to; what people register at a service."""
    return f"{settings.PUBLIC_URL}/oauth/callback"


def start_url(state: str) -> str:
    """The page that binds a browser and sends it on to the service."""
    return f"{settings.PUBLIC_URL}/oauth/start?state={state}"
