"""When values end: a date that was typed, the `exp` of a JWT, the last day of a certificate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from integrations.auth_methods import AUTH_METHODS
from integrations.field_types import build_field
from integrations.problems import Problem, Problems
from integrations.specs import MethodDefinition, Spec
from integrations.texts import label_of

Values = Mapping[str, Mapping[str, Any]]


def end_of(method: MethodDefinition, values: Values, now: datetime) -> datetime | None:
    """The first moment at which something of checked values ends; None where nothing says so."""
    ends = [end for _spec, end in _ends(method, values)]
    of_kind = AUTH_METHODS[method.kind].expiry(values["credentials"], now)
    return min([*ends, *([of_kind] if of_kind else [])], default=None)


def ended_problems(method: MethodDefinition, values: Values, now: datetime) -> Problems:
    """One problem for each value whose end is past: the service would refuse it."""
    return {
        spec.path: [
            Problem(
                _("Field '%(label)s' has expired") % {"label": label_of(spec)},
                "expired",
                hint=_("Make a new one at the service."),
                stage="rules",
            )
        ]
        for spec, end in _ends(method, values)
        if end <= now
    }


def _ends(method: MethodDefinition, values: Values) -> list[tuple[Spec, datetime]]:
    """Ends of the values worth watching, without those that the kind has rules of its own for."""
    own = AUTH_METHODS[method.kind].watches
    found = []
    for spec in method.specs:
        value = values[spec.target].get(spec.key)
        if spec.expires and spec.key not in own and value is not None:
            end = build_field(spec).ends_at(value)
            found += [(spec, end)] if end is not None else []
    return found
