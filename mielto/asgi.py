"""The ASGI application."""

from mielto.requests import PlainASGIHandler
from mielto.start import started

application = started(PlainASGIHandler)
