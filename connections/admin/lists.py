"""What the lists share: filters that are typed, look-ups that are named, searches by public id."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from connections.ids import parse_id
from integrations.admin.scripts import LeanAdmin

# How the filters of Django continue the name of a field in an address.
ENDINGS = ("", "__exact", "__id__exact", "__isnull", "__gte", "__lt")


class TypedFilter(admin.SimpleListFilter):
    """A filter whose value is typed: a list of every workspace or person would have no end."""

    template = "admin/typed_filter.html"
    field: ClassVar[str]
    hint: ClassVar[Any] = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        # Django leaves out a filter without choices.
        return [("", "")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = (self.value() or "").strip()
        return queryset.filter(**{self.field: value}) if value else queryset

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        others = {**changelist.filter_params, "q": [changelist.query] if changelist.query else []}
        others.pop(self.parameter_name, None)
        yield {
            "value": self.value() or "",
            "hint": self.hint,
            "others": [(name, value) for name, values in others.items() for value in values],
            "without": changelist.get_query_string(remove=[self.parameter_name]),
        }


class WorkspaceFilter(TypedFilter):
    title = _("workspace")
    parameter_name = "workspace"
    field = "workspace__slug"
    hint = _("slug")


class OwnerFilter(TypedFilter):
    title = _("owner")
    parameter_name = "owner"
    field = f"owner__{get_user_model().USERNAME_FIELD}"
    hint = _("user name")


class ListAdmin(LeanAdmin):
    """A list that takes no question which nobody meant to answer."""

    # The prefix of the public ids that the search finds; "" where rows have none.
    prefix: ClassVar[str] = ""
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Only what a filter of this list asks.

        Django lets any column of the row through: `?sealed_values__startswith=` would tell a
        secret's bytes one by one. A NUL would be the database's to refuse.
        """
        named = {
            item if isinstance(item, str) else item[0]
            for item in self.list_filter
            if isinstance(item, str | tuple)
        }
        own = {name for item in self.list_filter for name in _parameters_of(item)}
        allowed = {name + ending for name in named for ending in ENDINGS} | own
        return lookup in allowed and "\0" not in str(value)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        row_id = parse_id(self.prefix, search_term.strip())
        if row_id is not None:
            return queryset.filter(pk=row_id), False
        return super().get_search_results(request, queryset, search_term)


def _parameters_of(item: Any) -> tuple[str, ...]:
    """What a filter of our own reads from the address."""
    if hasattr(item, "parameter_names"):
        return tuple(item.parameter_names)
    return (item.parameter_name,) if hasattr(item, "parameter_name") else ()


class CappedPaginator(Paginator):
    """Counts to `MOST` and no further: a table of millions takes seconds to count."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        # One more than it lists tells that there are more.
        return self.object_list.order_by().values("pk")[: self.MOST + 1].count()  # type: ignore[no-any-return]

    @property
    def has_more(self) -> bool:
        return self.count > self.MOST


class ReadOnlyAdmin(ListAdmin):
    """Rows that are looked at and never touched."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def adopt(obj: Any, stored: Any) -> None:
    """Django goes on with the object that a form made: let it be the row that was stored."""
    vars(obj).update(vars(stored))
