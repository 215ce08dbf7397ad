"""Below `connect/<token>`: see the package for what the token is."""

from django.urls import path

from connections.web.links import asking, consenting, pages, results

urlpatterns = [
    path("", pages.enter, name="link"),
    path("/cancel", pages.cancel, name="link-cancel"),
    path("/wait", results.wait, name="link-wait"),
    path("/done", results.done, name="link-done"),
    path("/asked", asking.asked_by_link, name="link-asked"),
    path("/asked/withdraw", asking.withdraw_by_link, name="link-withdraw"),
    path("/i/<slug:integration>", pages.choose, name="link-integration"),
    path("/i/<slug:integration>/<str:method>", pages.connect, name="link-form"),
    path("/i/<slug:integration>/<str:method>/check", pages.check, name="link-check"),
    path("/i/<slug:integration>/<str:method>/consent", consenting.consent, name="link-consent"),
    path(
        "/i/<slug:integration>/<str:method>/consent/check",
        consenting.check,
        name="link-check-consent",
    ),
    path("/i/<slug:integration>/<str:method>/ask", asking.ask_by_link, name="link-ask"),
]
