"""The pages of signed-in people."""

from django.urls import include, path

from connections.web import (
    brand_files,
    changing,
    checking,
    connecting,
    consenting,
    deleting,
    gallery,
    oauth,
    preview,
    testing,
    views,
)
from connections.web.links import answering, asking

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("connections.web.account_urls")),
    path("", include("connections.web.workspaces.urls")),
    path("w/<slug:slug>/integrations", gallery.gallery, name="integrations"),
    path("w/<slug:slug>/integrations/<slug:integration>", gallery.integration, name="integration"),
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
    path(
        "w/<slug:slug>/integrations/<slug:integration>/<str:method>/check",
        checking.check_connect,
        name="check-connect",
    ),
    path(
        "w/<slug:slug>/integrations/<slug:integration>/<str:method>/consent/check",
        checking.check_consent,
        name="check-consent",
    ),
    path("w/<slug:slug>/connections", views.connection_list, name="connections"),
    path("w/<slug:slug>/connections/<str:connection>", views.connection_detail, name="connection"),
    path(
        "w/<slug:slug>/connections/<str:connection>/edit",
        connecting.edit,
        name="edit-connection",
    ),
    path(
        "w/<slug:slug>/connections/<str:connection>/check",
        checking.check_edit,
        name="check-edit",
    ),
    path(
        "w/<slug:slug>/connections/<str:connection>/rename",
        changing.rename,
        name="rename-connection",
    ),
    path("w/<slug:slug>/deleted/<str:connection>/undo", deleting.undo, name="undo-delete"),
    path(
        "w/<slug:slug>/connections/<str:connection>/delete",
        deleting.delete,
        name="delete-connection",
    ),
    path(
        "w/<slug:slug>/connections/<str:connection>/switch",
        changing.switch,
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
    path("brand/<str:workspace>/logo", brand_files.logo, name="brand-logo"),
    path("brand/<str:workspace>.css", brand_files.stylesheet, name="brand-css"),
    path("connect/<str:token>", include("connections.web.links.urls")),
    path("ask/<str:token>", answering.answer, name="answer"),
    path("w/<slug:slug>/integrations/<slug:integration>/<str:method>/ask", asking.ask, name="ask"),
    path("w/<slug:slug>/connections/<str:connection>/ask", asking.ask_change, name="ask-change"),
    path("w/<slug:slug>/asked", asking.asked_list, name="asked-list"),
    path("w/<slug:slug>/asked/<str:name>", asking.asked, name="asked"),
    path("w/<slug:slug>/asked/<str:name>/withdraw", asking.withdraw, name="withdraw"),
    path("staff/preview/<str:kind>/<int:pk>", preview.preview, name="integration-preview"),
    path("staff/impact/<str:kind>/<int:pk>", preview.impact, name="integration-impact"),
    path("oauth/start", oauth.start, name="oauth-start"),
    path("oauth/callback", oauth.callback, name="oauth-callback"),
    path("oauth/result/<slug:outcome>", oauth.oauth_result, name="oauth-result"),
]
