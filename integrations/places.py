"""Where in the editor a finding of the lint is to be mended."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from integrations.lint import Finding
from integrations.models import FieldSpec

COLUMNS = {
    "unknown_type": "type",
    "bad_key": "key",
    "no_label": "label",
    "not_secure": "secure",
    "secret_default": "default",
    "bad_pattern": "pattern",
    "bad_bounds": "max_length",
    "few_options": "options",
    "same_options": "options",
    "no_schemes": "schemes",
    "bad_schemes": "schemes",
    "example_fails": "examples",
    "unknown_name": "visible_if",
    "circle": "visible_if",
    "never_true": "visible_if",
}


def place_of(finding: Finding) -> str:
    """Where it is to be mended, in the words of the editor; empty for the integration itself."""
    method, _dot, key = finding.where.partition(".")
    column = COLUMNS.get(finding.code)
    if not key:
        return _("Method '%(method)s'") % {"method": method} if method else ""
    named = {"method": method, "key": key}
    if column is None:
        return _("Method '%(method)s', field '%(key)s'") % named
    model_field: Any = FieldSpec._meta.get_field(column)
    label = str(capfirst(model_field.verbose_name))
    return _("Method '%(method)s', field '%(key)s', %(column)s") % {**named, "column": label}
