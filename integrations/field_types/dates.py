"""Dates and times in ISO 8601, as patterns that know the calendar, leap years included."""

from datetime import datetime

from django.utils.translation import gettext_lazy

from integrations.field_types.text import StringField
from integrations.moments import moment_in_utc

_YEAR = r"(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_LEAP_YEAR = (
    r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])"
    r"|(?:0[48]|[2468][048]|[13579][26])00)"
)
DATE = (
    rf"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    rf"|{_LEAP_YEAR}-02-29)"
)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
_CLOCK = (
    r"(?:[0-9]{1,9}H(?:[0-9]{1,9}M)?(?:[0-9]{1,9}(?:\.[0-9]{1,9})?S)?"
    r"|[0-9]{1,9}M(?:[0-9]{1,9}(?:\.[0-9]{1,9})?S)?|[0-9]{1,9}(?:\.[0-9]{1,9})?S)"
)
_CALENDAR = (
    r"(?:[0-9]{1,9}Y(?:[0-9]{1,9}M)?(?:[0-9]{1,9}D)?|[0-9]{1,9}M(?:[0-9]{1,9}D)?|[0-9]{1,9}D)"
)


class DateField(StringField):
    shape = DATE
    text = gettext_lazy("must be a valid date")
    problem_code = "invalid_date"

    def ends_at(self, value: str) -> datetime:
        """The end of that day, wherever on earth it is."""
        return moment_in_utc(f"{value}T23:59:59-12:00")


class DateTimeField(StringField):
    """A moment: it names its offset, so that it is the same one everywhere."""

    shape = rf"{DATE}T{_TIME}{_ZONE}"
    text = gettext_lazy("must be a valid date and time with a time zone")
    problem_code = "invalid_datetime"

    def ends_at(self, value: str) -> datetime:
        return moment_in_utc(value)


class DurationField(StringField):
    shape = rf"P(?:[0-9]{{1,9}}W|{_CALENDAR}(?:T{_CLOCK})?|T{_CLOCK})"
    text = gettext_lazy("must be a valid duration")
    problem_code = "invalid_duration"
