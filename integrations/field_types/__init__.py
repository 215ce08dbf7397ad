"""The vocabulary of field types. Adding one is one class, one name here and one test table."""

from integrations.field_types.base import BLANK_SCHEMA, AnyField, SpecField, is_blank
from integrations.field_types.collections import (
    HeadersField,
    KeyValuesField,
    ListField,
    MultiSelectField,
    ScopesField,
    SelectField,
)
from integrations.field_types.dates import DateField, DateTimeField, DurationField
from integrations.field_types.documents import JSONField, JWTField, PEMField, ServiceAccountField
from integrations.field_types.network import (
    ConnectionStringField,
    HostnameField,
    IPField,
    PortField,
    SubdomainField,
    URLField,
)
from integrations.field_types.numbers import BooleanField, IntegerField, NumberField
from integrations.field_types.text import (
    EmailField,
    PasswordField,
    PhoneField,
    SlugField,
    StringField,
    TextField,
    UUIDField,
)
from integrations.specs import Spec

# Keys are stored in definitions and never renamed.
FIELD_TYPES: dict[str, type[SpecField]] = {
    "string": StringField,
    "text": TextField,
    "password": PasswordField,
    "email": EmailField,
    "url": URLField,
    "hostname": HostnameField,
    "subdomain": SubdomainField,
    "ip": IPField,
    "port": PortField,
    "uuid": UUIDField,
    "integer": IntegerField,
    "number": NumberField,
    "boolean": BooleanField,
    "select": SelectField,
    "multiselect": MultiSelectField,
    "date": DateField,
    "datetime": DateTimeField,
    "duration": DurationField,
    "phone": PhoneField,
    "scopes": ScopesField,
    "json": JSONField,
    "service_account": ServiceAccountField,
    "pem": PEMField,
    "jwt": JWTField,
    "connection_string": ConnectionStringField,
    "headers": HeadersField,
    "key_values": KeyValuesField,
    "list": ListField,
}

# Types of our own contracts, not offered for definitions.
_CONTRACT_TYPES: dict[str, type[SpecField]] = {"slug": SlugField, "any": AnyField}


def build_field(spec: Spec) -> SpecField:
    """The serializer field of a spec; KeyError for a type that nobody registered."""
    return (FIELD_TYPES.get(spec.type) or _CONTRACT_TYPES[spec.type])(spec)


def type_choices() -> list[tuple[str, str]]:
    return [(key, key.replace("_", " ")) for key in FIELD_TYPES]


__all__ = [
    "BLANK_SCHEMA",
    "FIELD_TYPES",
    "SpecField",
    "build_field",
    "is_blank",
    "type_choices",
]
