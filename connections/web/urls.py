"""The pages of signed-in people."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from connections.web import connecting, consenting, oauth, preview, testing, views
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
    path(
        "w/<slug:slug>/integrations/<slug:integration>/<str:method>/consent",
        consenting.consent,
        name="consent",
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
    path(
        "w/<slug:slug>/connections/<str:connection>/test",
        testing.test_now,
        name="test-connection",
    ),
    path(
        "w/<slug:slug>/connections/<str:connection>/reconnect",
        consenting.reconnect,
        name="reconnect",
    ),
    path("staff/preview/<str:kind>/<int:pk>", preview.preview, name="integration-preview"),
    path("staff/impact/<str:kind>/<int:pk>", preview.impact, name="integration-impact"),
    path("oauth/start", oauth.start, name="oauth-start"),
    path("oauth/callback", oauth.callback, name="oauth-callback"),
    path("oauth/result/<slug:outcome>", oauth.oauth_result, name="oauth-result"),
]
