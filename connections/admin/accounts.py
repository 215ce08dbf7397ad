"""Second factors of people: staff take one away whose owner lost it, and see nothing of it."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from connections.admin.lists import ReadOnlyAdmin, TypedFilter

# allauth's own pages show what is stored, seeds and keys of sessions included.
for model in (Authenticator, EmailAddress, UserSession):
    admin.site.unregister(model)


class PersonFilter(TypedFilter):
    title = _("person")
    parameter_name = "person"
    field = f"user__{get_user_model().USERNAME_FIELD}"
    hint = _("user name")


@admin.register(Authenticator)
class SecondFactorAdmin(ReadOnlyAdmin):
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type", PersonFilter)
    list_select_related = ("user",)
    fields = ("user", "type", "created_at", "last_used_at")

    def get_queryset(self, request: HttpRequest) -> object:
        # What is not read cannot be shown.
        return super().get_queryset(request).defer("data")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """For whoever may change people: it lets them in with their password alone."""
        return request.user.has_perm("auth.change_user")
