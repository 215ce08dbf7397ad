"""The pages of signed-in people."""

from django.urls import include, path

from connections.web import connecting, consenting, oauth, testing, views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("connections.web.account_urls")),
    path("", include("connections.web.workspaces.urls")),
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
    path("oauth/start", oauth.start, name="oauth-start"),
    path("oauth/callback", oauth.callback, name="oauth-callback"),
    path("oauth/result/<slug:outcome>", oauth.oauth_result, name="oauth-result"),
]
