"""Below `connect/<token>`: see the package for what the token is."""

from django.urls import path

from connections.web.links import consenting, pages, results

urlpatterns = [
    path("", pages.enter, name="link"),
    path("/cancel", pages.cancel, name="link-cancel"),
    path("/wait", results.wait, name="link-wait"),
    path("/done", results.done, name="link-done"),
    path("/i/<slug:integration>", pages.choose, name="link-integration"),
    path("/i/<slug:integration>/<str:method>", pages.connect, name="link-form"),
    path("/i/<slug:integration>/<str:method>/consent", consenting.consent, name="link-consent"),
]
