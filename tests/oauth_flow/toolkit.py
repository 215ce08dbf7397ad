"""django-oauth-toolkit as a service of its own: `python -m tests.oauth_flow.toolkit <folder>`.

Its own process, settings and database: two Django projects do not live in one. PKCE is demanded,
refresh tokens rotate, and one that is used again takes its whole family down. The first line on
standard output is `{"port": …}`.
"""

import json
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

CLIENT_ID, CLIENT_SECRET = "toolkit-client", "toolkit-secret"
USER, PASSWORD = "ada", "a password of Ada"
LOGIN = """<form method="post">{% csrf_token %}{{ form }}
<input type="hidden" name="next" value="{{ next }}"><button>Log in</button></form>"""


class Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Nothing: the tests read standard output."""


def configure(folder: Path) -> None:
    settings.configure(
        SECRET_KEY="only for a test " * 4,
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
        ROOT_URLCONF=__name__,
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db.sqlite3")}
        },
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "context_processors": ["django.template.context_processors.request"],
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"login.html": LOGIN}),
                        "django.template.loaders.app_directories.Loader",
                    ],
                },
            }
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        LOGIN_URL="/login",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        OAUTH2_PROVIDER={
            "SCOPES": {"read": "Read", "write": "Write"},
            "PKCE_REQUIRED": True,
            "ROTATE_REFRESH_TOKEN": True,
            "REFRESH_TOKEN_REUSE_PROTECTION": True,
            "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
            "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
            "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"],
        },
        USE_TZ=True,
    )
    django.setup()


def fill(callback: str) -> None:
    """One person and one client."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - after the setup
    from oauth2_provider.models import Application  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user(USER, password=PASSWORD)
    Application.objects.create(
        name="Connections",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=callback,
    )


def me(request: HttpRequest) -> JsonResponse:
    """Whose access token this is, or 401."""
    from oauth2_provider.models import AccessToken  # noqa: PLC0415

    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    found = AccessToken.objects.filter(token=token).select_related("user").first()
    if found is None or not found.is_valid():
        return JsonResponse({"error": "no"}, status=401)
    return JsonResponse({"id": str(found.user_id), "name": found.user.username})


urlpatterns: list[object] = []


def main(folder: Path, callback: str) -> None:
    configure(folder)
    from django.contrib.auth.views import LoginView  # noqa: PLC0415

    login = LoginView.as_view(template_name="login.html")
    urlpatterns.extend(
        [
            path("me", me),
            path("login", login),
            path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
        ]
    )
    fill(callback)
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    print(json.dumps({"port": server.server_port}), flush=True)  # noqa: T201 - read by the test
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
