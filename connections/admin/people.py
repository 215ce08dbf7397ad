"""Users and groups. Nobody gives away more than they have, and only superusers make superusers.

Django lets whoever may change users make themselves a superuser, or take a superuser's password
over. Its own pages are kept, with that closed.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


def grantable(request: HttpRequest) -> Any:
    """The permissions that this person has, and so may hand on."""
    if request.user.is_superuser:  # type: ignore[union-attr]
        return Permission.objects.all()
    user = request.user
    return Permission.objects.filter(Q(user=user.pk) | Q(group__user=user.pk)).distinct()


def ungrantable(request: HttpRequest) -> Any:
    return Permission.objects.exclude(pk__in=grantable(request).values("pk"))


def grantable_groups(request: HttpRequest) -> Any:
    """The groups that hold nothing which this person does not have."""
    beyond = ungrantable(request).filter(group=OuterRef("pk"))
    return Group.objects.exclude(Exists(beyond))


def is_within(request: HttpRequest, user: Any) -> bool:
    """Whether that user has nothing which this person does not have."""
    if request.user.is_superuser:  # type: ignore[union-attr]
        return True
    held = Q(user=user.pk) | Q(group__user=user.pk)
    return not user.is_superuser and not ungrantable(request).filter(held).exists()


class NoMoreThanOneHas:
    """Permission and group inputs of a page offer what the person has."""

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request=request, **kwargs)  # type: ignore[misc]
        if db_field.name in ("permissions", "user_permissions"):
            chosen = grantable(request).select_related("content_type")
            order = ("content_type__app_label", "content_type__model", "codename")
            field.queryset = chosen.order_by(*order)
        elif db_field.name == "groups":
            field.queryset = grantable_groups(request).order_by("name")
        return field


class PeopleAdmin(NoMoreThanOneHas, UserAdmin):
    list_display = ("username", "email", "is_active", "is_staff", "is_superuser", "last_login")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or is_within(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or is_within(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = tuple(super().get_readonly_fields(request, obj))
        return shown if request.user.is_superuser else (*shown, "is_superuser")  # type: ignore[union-attr]


class RoleAdmin(NoMoreThanOneHas, GroupAdmin):
    """A group is a role: what its members may do."""

    list_display = ("name", "people")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(member_count=Count("user"))

    @admin.display(description=_("members"))
    def people(self, obj: Group) -> int:
        return obj.member_count  # type: ignore[attr-defined,no-any-return]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or grantable_groups(request).filter(pk=obj.pk).exists())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or grantable_groups(request).filter(pk=obj.pk).exists())


# Importing Django's pages has registered them.
admin.site.unregister([User, Group])
admin.site.register(User, PeopleAdmin)
admin.site.register(Group, RoleAdmin)
