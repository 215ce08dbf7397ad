"""The system check of the API's routes: it names whatever a key could do without permission."""

import pytest
from django.http import HttpResponse
from django.urls import include, path
from rest_framework.views import APIView

from connections.api.base import ApiView
from connections.system_checks import api_routes, check_egress, check_permissions, undeclared


class Declared(ApiView):
    permissions = {"GET": "read", "POST": "write"}

    def get(self, request): ...

    def post(self, request): ...


class HalfDeclared(Declared):
    def delete(self, request): ...


class Misspelt(Declared):
    permissions = {"GET": "raed", "POST": "write"}


class Open(Declared):
    permission_classes = []


class Foreign(APIView):
    def get(self, request): ...


def page(request):
    return HttpResponse()


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        pytest.param(Declared, [], id="declared"),
        pytest.param(HalfDeclared, ["DELETE"], id="half"),
        pytest.param(Misspelt, ["GET"], id="misspelt"),
        pytest.param(Open, ["any method"], id="open"),
        pytest.param(Foreign, ["any method"], id="foreign"),
        pytest.param(None, ["any method"], id="function"),
    ],
)
def test_methods_without_permission_are_found(view, expected):
    assert undeclared(view) == expected


def test_every_route_below_the_root_is_looked_at():
    below = [path("a", page), path("b/", include([path("c", page)]))]
    routes = [path("api/v1/", include(below)), path("api/schema", page), path("admin/", page)]
    assert [route for route, _callback in api_routes(routes)] == ["api/v1/a", "api/v1/b/c"]


def test_the_api_has_no_route_without_permission():
    assert check_permissions(None) == []


def test_check_names_route_and_method(settings):
    settings.ROOT_URLCONF = __name__
    (found,) = check_permissions(None)
    assert found.id == "mielto.E001"
    assert found.msg == "Route '/api/v1/half' does not declare which permission DELETE needs."


urlpatterns = [
    path("api/v1/", include("connections.api.urls")),
    path("api/v1/half", HalfDeclared.as_view()),
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EGRESS_ALLOW_CIDRS", ["10.0.0.0/33"]),
        ("EGRESS_ALLOW_HTTP_HOSTS", ["http://crm.internal"]),
        ("EGRESS_ALLOW_PORTS", [0]),
        ("EGRESS_CA_FILE", "/nowhere/authorities.pem"),
    ],
)
def test_wrong_entry_of_what_may_be_called_is_named(settings, name, value):
    assert check_egress(None) == []
    setattr(settings, name, value)
    (found,) = check_egress(None)
    assert (found.id, found.msg.startswith(name)) == ("mielto.E004", True)
