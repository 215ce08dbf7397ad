"""The routes of the yardstick."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from tests.bench.ordinary.views import ConnectionViewSet, ConnectionWalk, healthz

router = DefaultRouter()
router.register("connections", ConnectionViewSet)

urlpatterns = [
    path("healthz", healthz),
    path("api/", include(router.urls)),
    path("api/walk", ConnectionWalk.as_view()),
]
