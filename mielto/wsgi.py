"""The WSGI application that gunicorn serves."""

from mielto.requests import PlainWSGIHandler
from mielto.start import started

application = started(PlainWSGIHandler)
