"""Filters of the lists that Django has none for: days between two dates, what ends soon."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.admin.lists import TypedFilter
from connections.models import Connection

FAILING_NAME = "failing"
WITHIN = {
    "1": _("Today"),
    "7": _("Within 7 days"),
    "14": _("Within 14 days"),
    "30": _("Within 30 days"),
}


def day_of(text: str) -> date:
    """Raises IncorrectLookupParameters, which Django answers with the unfiltered list."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise IncorrectLookupParameters(error) from None


def begin_of(day: date) -> datetime:
    """Midnight where the reader is; the edges of the calendar are no error."""
    try:
        return timezone.make_aware(datetime.combine(day, time.min))
    except OverflowError as error:
        raise IncorrectLookupParameters(error) from None


class StatusFilter(admin.SimpleListFilter):
    """A status, or every one of something that does not work."""

    title = _("status")
    parameter_name = "status__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Connection.Status.choices, (FAILING_NAME, _("Error or expired"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if not value:
            return queryset
        return queryset.failing() if value == FAILING_NAME else queryset.filter(status=value)


class EndsFilter(admin.SimpleListFilter):
    """What ends within some days, or on one day, and is renewed by nothing."""

    title = _("end")
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(WITHIN.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if not value:
            return queryset
        now, today = timezone.now(), timezone.localdate()
        if value in WITHIN:
            return queryset.ending(now, begin_of(today + timedelta(days=int(value))))
        day = day_of(value)
        if day == date.max:
            return queryset.none()
        return queryset.ending(max(now, begin_of(day)), begin_of(day + timedelta(days=1)))


class IntegrationFilter(TypedFilter):
    title = _("integration")
    parameter_name = "integration"
    field = "integration__slug"
    hint = _("slug")


class DatesFilter(admin.ListFilter):
    """From one day to another, both included, in two date inputs."""

    title = _("date")
    template = "admin/dates_filter.html"
    parameter_names: ClassVar[tuple[str, str]] = ("from", "until")
    field = "at"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.parameter_names:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str]:
        return list(self.parameter_names)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        first, last = (self.used_parameters.get(name) for name in self.parameter_names)
        if first:
            queryset = queryset.since(begin_of(day_of(first)))
        if last and (day := day_of(last)) != date.max:
            queryset = queryset.before(begin_of(day + timedelta(days=1)))
        return queryset

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        others = {**changelist.filter_params, "q": [changelist.query] if changelist.query else []}
        for name in self.parameter_names:
            others.pop(name, None)
        yield {
            "first": self.used_parameters.get("from", ""),
            "last": self.used_parameters.get("until", ""),
            "others": [(name, value) for name, values in others.items() for value in values],
            "without": changelist.get_query_string(remove=self.parameter_names),
        }
