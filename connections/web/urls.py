"""The pages of signed-in people."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from connections.web import connecting, views
from connections.web.forms import SignInForm

sign_in = LoginView.as_view(template_name="sign_in.html", authentication_form=SignInForm)

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in", sign_in, name="sign-in"),
    path("sign-out", LogoutView.as_view(), name="sign-out"),
    path("w/<slug:slug>/integrations", views.gallery, name="integrations"),
    path("w/<slug:slug>/integrations/<slug:integration>", connecting.choose, name="integration"),
    path(
        "w/<slug:slug>/integrations/<slug:integration>/<str:method>",
        connecting.connect,
        name="connect",
    ),
    path("w/<slug:slug>/connections", views.connection_list, name="connections"),
    path("w/<slug:slug>/connections/<str:connection>", views.connection_detail, name="connection"),
    path(
        "w/<slug:slug>/connections/<str:connection>/edit",
        connecting.edit,
        name="edit-connection",
    ),
    path(
        "w/<slug:slug>/connections/<str:connection>/delete",
        views.delete,
        name="delete-connection",
    ),
    path(
        "w/<slug:slug>/connections/<str:connection>/switch",
        views.switch,
        name="switch-connection",
    ),
]
