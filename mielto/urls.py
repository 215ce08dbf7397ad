"""The URL table. Every route below `/api/v1` is declared in connections/api/urls.py."""

from django.contrib import admin
from django.urls import include, path

from connections.admin.due import work
from connections.admin.reveal import reveal
from connections.api.openapi.views import docs, schema
from mielto.health import healthz, readyz
from mielto.metrics import metrics

urlpatterns = [
    path("api/v1/", include("connections.api.urls")),
    path("api/schema", schema, name="api-schema"),
    path("api/docs", docs, name="api-docs"),
    path("admin/work/", admin.site.admin_view(work), name="admin-work"),
    path(
        "admin/connections/connection/<uuid:object_id>/reveal/",
        admin.site.admin_view(reveal),
        name="connection-reveal",
    ),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("", include("connections.web.urls")),
]

handler400 = "mielto.errors.bad_request"
handler403 = "mielto.errors.forbidden"
handler404 = "mielto.errors.not_found"
handler500 = "mielto.errors.server_error"
