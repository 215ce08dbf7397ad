"""Names and addresses of machines. Which of them may be called is another room's question."""

from typing import Any

from django.utils.translation import gettext_lazy

from integrations.field_types.base import Schema
from integrations.field_types.numbers import IntegerField
from integrations.field_types.text import DISGUISED, HOSTNAME, LABEL, WIDE, StringField
from integrations.specs import Spec

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_H16 = r"[0-9A-Fa-f]{1,4}"


def _front(most: int) -> str:
    """Up to so many groups before `::`."""
    return rf"(?:{_H16}(?::{_H16}){{0,{most - 1}}})?" if most else ""


# RFC 3986, section 3.2.2: every place where `::` may stand, for one group at least.
IPV6 = "|".join(
    [
        rf"(?:{_H16}:){{7}}{_H16}",
        rf"(?:{_H16}:){{6}}{IPV4}",
        *(rf"{_front(most)}::(?:{_H16}:){{{5 - most}}}{IPV4}" for most in range(6)),
        *(rf"{_front(most)}::{_H16}(?::{_H16}){{{6 - most}}}" for most in range(7)),
        rf"{_front(7)}::",
    ]
)
_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_WIDE_LABEL = rf"[A-Za-z0-9{WIDE}](?:[A-Za-z0-9{WIDE}-]{{0,61}}[A-Za-z0-9{WIDE}])?"
_WIDE_LAST = rf"[A-Za-z{WIDE}](?:[A-Za-z0-9{WIDE}-]{{0,61}}[A-Za-z0-9{WIDE}])?"
_HOST = rf"(?:(?:{_WIDE_LABEL}\.)*{_WIDE_LAST}|{IPV4}|\[(?:{IPV6})\])"


class URLField(StringField):
    """An address of the web without user info; `https` only unless the spec lists `http`."""

    never = f"^[^:]*://[^/?#]*[{DISGUISED}]"
    text = gettext_lazy("must be a valid URL")
    problem_code = "invalid_url"
    default_max_length = 2048

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        schemes = "|".join(spec.schemes or ("https",))
        self.shape = (  # type: ignore[misc]
            rf"(?:{schemes})://{_HOST}(?::{_PORT})?"
            r"(?:[/?#][^\x00-\x20\x7f-\xa0\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
            r"\"<>\\^`{|}]*)?"
        )


class HostnameField(StringField):
    shape = HOSTNAME
    text = gettext_lazy("must be a valid host name")
    problem_code = "invalid_hostname"
    default_max_length = 253


class SubdomainField(StringField):
    shape = LABEL
    text = gettext_lazy("must be a valid subdomain")
    problem_code = "invalid_subdomain"
    default_max_length = 63

    def normalise(self, value: str) -> str:
        """`https://acme.zendesk.com/` is how people copy `acme`."""
        value = super().normalise(value)
        if self.spec.suffix:
            value = value.removeprefix("https://").rstrip("/").removesuffix(self.spec.suffix)
        return value


class IPField(StringField):
    shape = rf"(?:{IPV4}|{IPV6})"
    text = gettext_lazy("must be a valid IP address")
    problem_code = "invalid_ip"
    default_max_length = 45


class PortField(IntegerField):
    text = gettext_lazy("must be a valid port")
    problem_code = "invalid_port"

    def to_internal_value(self, data: Any) -> int:
        value: int = super().to_internal_value(data)
        if not 1 <= value <= 65_535:
            raise self.wrong_type()
        return value

    def value_schema(self) -> Schema:
        return {"allOf": [super().value_schema(), {"minimum": 1, "maximum": 65_535}]}


class ConnectionStringField(StringField):
    """A DSN: a listed scheme, `://`, and no space."""

    text = gettext_lazy("must be a valid connection string")
    problem_code = "invalid_connection_string"

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        schemes = "|".join(one.replace("+", r"\+").replace(".", r"\.") for one in spec.schemes)
        self.shape = rf"(?:{schemes or '[a-z][a-z0-9+.-]*'})://[^\x00-\x20\x7f]+"  # type: ignore[misc]
