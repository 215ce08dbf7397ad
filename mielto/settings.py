"""Every setting of the installation, read from the environment and from `.env`.

Wiring only. What is unsafe is refused at the bottom, in one line, before anything is served.
"""

from pathlib import Path

import django
import environ
from csp.constants import NONE, SELF

from mielto.account_settings import *  # noqa: F403
from mielto.api_document import SPECTACULAR_SETTINGS  # noqa: F401
from mielto.safety import refuse_unsafe_settings

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(env.path("MIELTO_ENV_FILE", default=str(BASE_DIR / ".env")), overwrite=False)

# production: the default, and strict. demo: made by `manage.py demo`. test: the test suite.
MIELTO_MODE = env.str("MIELTO_MODE", default="production")
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

# Key-encryption keys, newest first: `v2:<base64 of 32 bytes>,v1:<...>`, inline or in a file.
MIELTO_KEYRING = env.str("MIELTO_KEYRING", default="")
MIELTO_KEYRING_FILE = env.str("MIELTO_KEYRING_FILE", default="")

# Whether credentials are tried against their services at all: `verify`, retests.
LIVE_TESTS = env.bool("LIVE_TESTS", default=True)
# What may be called beyond public addresses on port 443: see connections/egress/.
EGRESS_ALLOW_CIDRS = env.list("EGRESS_ALLOW_CIDRS", default=[])
EGRESS_ALLOW_HTTP_HOSTS = env.list("EGRESS_ALLOW_HTTP_HOSTS", default=[])
EGRESS_ALLOW_PORTS = env.list("EGRESS_ALLOW_PORTS", cast=int, default=[])
# PEM certificates of authorities of one's own, beside the system's.
EGRESS_CA_FILE = env.str("EGRESS_CA_FILE", default="")

# How long a connection that a person deleted can be brought back before its secrets are destroyed;
# 0: they are destroyed at once.
UNDO_DELETE_SECONDS = env.int("UNDO_DELETE_SECONDS", default=3600)

# Who takes on a piece of background work has it for so long; then the next may take it.
WORK_LEASE_SECONDS = env.float("WORK_LEASE_SECONDS", default=30)
# Queued tasks carry ids; the truth about what is due is in rows.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# What a monitor shows to read /metrics; empty: there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

INSTALLED_APPS = [
    # Before our own admin, which takes their pages away.
    "allauth",
    "mielto.accounts.AccountConfig",
    "allauth.mfa",
    "allauth.usersessions",
    "integrations",
    "connections",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "django_tasks",
    "django_tasks_db",
]

# The machinery of pages steps aside for `/api/v1/`: see mielto/middleware.py.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "mielto.middleware.GZipMiddleware",
    "mielto.middleware.WhiteNoiseMiddleware",
    "mielto.middleware.CSPMiddleware",
    "mielto.middleware.SessionMiddleware",
    "mielto.middleware.LocaleMiddleware",
    "mielto.middleware.CommonMiddleware",
    "mielto.middleware.CsrfViewMiddleware",
    "mielto.middleware.AuthenticationMiddleware",
    "mielto.middleware.AccountMiddleware",
    "mielto.middleware.SessionUseMiddleware",
    "mielto.middleware.MessageMiddleware",
    "mielto.middleware.HtmxMiddleware",
    "mielto.middleware.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mielto.middleware.PageGuardMiddleware",
]

# The check looks for Django's own class by name; ours is that class on every path with a session.
SILENCED_SYSTEM_CHECKS = ["security.W003"]

ROOT_URLCONF = "mielto.urls"
WSGI_APPLICATION = "mielto.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    # For inputs and the groups they stand in, and nothing else: an editor of rules has more than a
    # hundred, and the engine of the pages would need most of the page's time to draw them.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [
            BASE_DIR / "templates" / "jinja2",
            Path(django.__file__).parent / "forms" / "jinja2",
        ],
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mielto.preferences.preferences",
                "connections.web.workspaces.switcher.workspaces",
            ]
        },
    },
]

# Widgets are drawn with our templates, too.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'mielto.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {
        # A write lock is taken when the transaction begins: two writers wait, they do not fail.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # What is deleted is overwritten: a secret, however well sealed, leaves with its row.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
        ),
    }
    if MIELTO_MODE == "test" and _database["NAME"] != ":memory:":
        # Django would test in memory, which has no WAL and other locks: threads need the real file.
        _database["TEST"] = {"NAME": f"{_database['NAME']}-test"}
else:
    _database["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=600)
    # A pooler in transaction mode hands each transaction another session.
    _database["DISABLE_SERVER_SIDE_CURSORS"] = True

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# Staff get nowhere without a second factor.
STAFF_MFA_REQUIRED = env.bool("STAFF_MFA_REQUIRED", default=MIELTO_MODE == "production")
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

LANGUAGE_CODE = "en"
# By their own names: whoever looks for a language cannot read the one that is shown.
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("ar", "العربية"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
# Filled by collectstatic in production; elsewhere every file is served from where it lies.
STATIC_ROOT = BASE_DIR / "staticfiles" if MIELTO_MODE == "production" else None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = MIELTO_MODE != "production"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if MIELTO_MODE == "production"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

HTTPS = PUBLIC_URL.startswith("https://")
_host_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_host_prefix}sessionid"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# What a reader chose at the foot of a page: see mielto/preferences.py.
LANGUAGE_COOKIE_NAME = f"{_host_prefix}language"
THEME_COOKIE_NAME = f"{_host_prefix}theme"
CSRF_COOKIE_NAME = f"{_host_prefix}csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if HTTPS else []
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=HTTPS)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Browsers know passkeys on https and on localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = MIELTO_MODE != "production"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Invitations go by mail where a server is named; else their link is shown to whoever invites.
MAIL_IS_SET_UP = bool(env.str("EMAIL_URL", default=""))
if MAIL_IS_SET_UP:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="connections@localhost")

# One JSON body of at most 1 MiB (contract) or one form of that size.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DEFAULT_EXCEPTION_REPORTER = "mielto.reports.QuietReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "mielto.reports.QuietFilter"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["connections.api.parser.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "connections.api.openapi.schema.ContractSchema",
    "EXCEPTION_HANDLER": "connections.api.errors.answer",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "mielto.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Django logs every 4xx as a warning; an answered refusal is no event for the operator.
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "ERROR"},
        # Every look into an empty queue is no event either.
        "django_tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
    },
}

refuse_unsafe_settings(
    mode=MIELTO_MODE,
    debug=DEBUG,
    secret_key=SECRET_KEY,
    allowed_hosts=ALLOWED_HOSTS,
    public_url=PUBLIC_URL,
    has_keyring=bool(MIELTO_KEYRING or MIELTO_KEYRING_FILE),
)
