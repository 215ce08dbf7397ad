"""The URL table. Every route below `/api/v1` is declared in connections/api/urls.py."""

from django.contrib import admin
from django.urls import include, path

from connections.admin.due import work
from connections.admin.index import index
from connections.admin.reveal import reveal
from connections.api.openapi.views import docs, schema
from mielto.health import healthz, readyz
from mielto.metrics import metrics
from mielto.preferences import choose

urlpatterns = [
    path("api/v1/", include("connections.api.urls")),
    path("api/schema", schema, name="api-schema"),
    path("api/docs", docs, name="api-docs"),
    path("admin/work/", admin.site.admin_view(work), name="admin-work"),
    # Before Django's own, which goes by the same address and is what it shows below.
    path("admin/", admin.site.admin_view(index)),
    path(
        "admin/connections/connection/<uuid:object_id>/reveal/",
        admin.site.admin_view(reveal),
        name="connection-reveal",
    ),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("preferences", choose, name="preferences"),
    path("", include("connections.web.urls")),
]

handler400 = "mielto.errors.bad_request"
handler403 = "mielto.errors.forbidden"
handler404 = "mielto.errors.not_found"
handler500 = "mielto.errors.server_error"
