"""From an auth method to the DRF serializer class that carries out its rules.

The class is built once per method and revision and its fields are stateless, so a request pays for
its checks and not for building them. Every problem of an input is reported at once.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from integrations import problems
from integrations.auth_methods import AUTH_METHODS
from integrations.expiry import ended_problems
from integrations.field_types import SpecField, build_field, is_blank
from integrations.problems import Problem, Problems
from integrations.rules import check_rules
from integrations.specs import (
    TARGETS,
    Condition,
    IntegrationDefinition,
    MethodDefinition,
    Spec,
    is_same_json,
)
from integrations.texts import label_of


class SilentSerializer(serializers.Serializer[Any]):
    """DRF prints what a serializer was called with, and that may be a secret."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class StrictSerializer(SilentSerializer):
    """A serializer of specs: unknown members are refused by name, every problem is reported.

    With `partial=True` an absent field keeps what is stored: nothing is required and no default
    fills in; a blank one is returned as None.
    """

    specs: ClassVar[tuple[Spec, ...]] = ()
    spec_fields: ClassVar[dict[str, SpecField]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.spec_fields = {spec.key: build_field(spec) for spec in cls.specs}

    def get_fields(self) -> dict[str, Any]:
        """For those who describe serializers; validation uses the shared fields."""
        return {spec.key: build_field(spec) for spec in self.specs}

    def run_validation(self, data: Any = None) -> dict[str, Any]:
        found: Problems = {}
        values = self.checked(data, found)
        if found:
            raise problems.Refused(found)
        return values

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        """The values that passed; what did not is added to `found`."""
        values: dict[str, Any] = {}
        for key, field in self.spec_fields.items():
            value = data.get(key)
            if not is_blank(value):
                _run(field, value, key, key, values, found)
            elif not self.partial:
                _fill_in(field, key, key, values, found)
            elif key in data:
                _clear(field, key, values, found)
        unknown = [name for name in data if name not in self.spec_fields]
        found.update(problems.unknown(unknown, self.spec_fields))
        return values

    @property
    def problems(self) -> Problems:
        """What `errors` holds, as it was found."""
        return self._errors  # type: ignore[attr-defined, no-any-return]

    def is_valid(self, *, raise_exception: bool = False) -> bool:
        """As DRF's, but what is raised keeps its hints."""
        is_valid = super().is_valid()
        if raise_exception and not is_valid:
            raise problems.Refused(self.problems)
        return is_valid


def _run(
    field: SpecField, value: Any, key: str, path: str, values: dict[str, Any], found: Problems
) -> None:
    try:
        values[key] = field.run_validation(value)
    except serializers.ValidationError as error:
        found[path] = error.detail  # type: ignore[assignment]


def _fill_in(
    field: SpecField, key: str, path: str, values: dict[str, Any], found: Problems
) -> None:
    if field.spec.default is not None:
        values[key] = copy(field.spec.default)
    elif field.spec.required:
        found[path] = [problems.required(field.name)]


def _clear(field: SpecField, key: str, values: dict[str, Any], found: Problems) -> None:
    if field.spec.required:
        found[key] = [problems.required(field.name)]
    else:
        values[key] = None


class RequirementsSerializer(SilentSerializer):
    """The rules of one auth method over `{credentials, config}`.

    `validated_data` is `{"credentials": {...}, "config": {...}}` with defaults filled in and pastes
    normalised; `errors` maps `credentials.api_key` to its problems, in the order of the fields.
    """

    integration: ClassVar[IntegrationDefinition]
    method: ClassVar[MethodDefinition]
    spec_fields: ClassVar[dict[str, SpecField]] = {}

    def get_fields(self) -> dict[str, Any]:
        return {path: build_field(field.spec) for path, field in self.spec_fields.items()}

    def run_validation(self, data: Any = None) -> dict[str, Any]:
        found: Problems = {}
        values = self.checked(data, found)
        if found:
            raise problems.Refused(found)
        return values

    def checked(self, data: Mapping[str, Any], found: Problems) -> dict[str, dict[str, Any]]:
        """The values that passed, by target; what did not is added to `found`."""
        own: Problems = {}
        given = Given(self.method, {target: data.get(target) for target in TARGETS}, own)
        values: dict[str, dict[str, Any]] = {target: {} for target in TARGETS}
        for path, field in self.spec_fields.items():
            self._check_field(field, path, given, values, own)
        own.update(given.unknown())
        # What is wrong with a field by itself comes before what is wrong with it among others.
        own = check_rules(self.method, given.is_given) | own
        kind, now = AUTH_METHODS[self.method.kind], timezone.now()
        own = kind.check(self.method, values["credentials"], now) | own
        own = ended_problems(self.method, values, now) | own
        found.update(self._in_order(own))
        return values

    def _in_order(self, found: Problems) -> Problems:
        """As a form shows them: the sections, their fields, then what nobody declared."""
        if len(found) < 2:
            return found
        places = {path: place for place, path in enumerate((*TARGETS, *self.spec_fields))}
        rows = sorted(found.items(), key=lambda row: places.get(row[0], len(places)))
        return dict(rows)

    def _check_field(
        self,
        field: SpecField,
        path: str,
        given: "Given",
        values: dict[str, dict[str, Any]],
        found: Problems,
    ) -> None:
        spec = field.spec
        value, section = given.value(spec), values[spec.target]
        if not given.is_open(spec):
            if not is_blank(value):
                found[path] = [_not_applicable(field, given)]
        elif spec.const is not None:
            if not is_blank(value) and not is_same_json(value, spec.const):
                found[path] = [_not_the_constant(field)]
            section[spec.key] = copy(spec.const)
        elif not is_blank(value):
            _run(field, value, spec.key, path, section, found)
        elif spec.default is not None:
            section[spec.key] = copy(spec.default)
        elif given.is_demanded(spec):
            found[path] = [problems.required(field.name)]

    @property
    def problems(self) -> Problems:
        return self._errors  # type: ignore[attr-defined, no-any-return]


class Given:
    """What was sent, and what its conditions make of it."""

    def __init__(
        self, method: MethodDefinition, sections: Mapping[str, Any], found: Problems
    ) -> None:
        self.method = method
        self.sections: dict[str, dict[str, Any]] = {}
        for target, section in sections.items():
            self.sections[target] = section if isinstance(section, dict) else {}
            if section is not None and not isinstance(section, dict):
                text = _("Field '%(label)s' must be a JSON object") % {"label": target}
                found[target] = [Problem(text, "invalid_json")]

    def value(self, spec: Spec) -> Any:
        return self.sections[spec.target].get(spec.key)

    def is_given(self, name: str) -> bool:
        spec = self.method.spec(name)
        return spec is not None and not is_blank(self.value(spec))

    def effective(self, spec: Spec, on_the_way: tuple[str, ...] = ()) -> Any:
        """The value that a condition sees: the given one, else what would fill in."""
        if not self.is_open(spec, on_the_way):
            return None
        value = self.value(spec)
        fallback = spec.default if spec.const is None else spec.const
        return fallback if is_blank(value) else value

    def is_open(self, spec: Spec, on_the_way: tuple[str, ...] = ()) -> bool:
        """Whether the field applies: it is not set up by staff and its condition is true.

        A condition that leads back to itself never is: `on_the_way` are the paths that led here.
        """
        if spec.stage == "setup" or spec.path in on_the_way:
            return False
        return spec.visible_if is None or self._holds(spec.visible_if, (*on_the_way, spec.path))

    def is_demanded(self, spec: Spec) -> bool:
        if spec.is_demanded:
            return True
        return spec.is_shown and spec.required_if is not None and self._holds(spec.required_if)

    def _holds(self, condition: Condition, on_the_way: tuple[str, ...] = ()) -> bool:
        controller = self.method.spec(condition.field)
        if controller is None:
            return False
        return condition.holds_for(self.effective(controller, on_the_way))

    def unknown(self) -> Problems:
        found: Problems = {}
        for target, section in self.sections.items():
            known = {spec.key for spec in self.method.specs if spec.target == target}
            if not section.keys() <= known:
                names = [name for name in section if name not in known]
                found.update(problems.unknown(names, known, prefix=f"{target}."))
        return found


def _not_applicable(field: SpecField, given: Given) -> Problem:
    text = _("Field '%(label)s' is not applicable here") % {"label": field.name}
    condition = None if field.spec.stage == "setup" else field.spec.visible_if
    controller = given.method.spec(condition.field) if condition else None
    hint = _("It is set up by staff: leave it out.")
    if controller is not None:
        hint = _("Leave it out, or change '%(label)s'.") % {"label": label_of(controller)}
    return Problem(text, "not_applicable", hint=hint)


def _not_the_constant(field: SpecField) -> Problem:
    text = _("Field '%(label)s' cannot be changed") % {"label": field.name}
    return Problem(text, "const", hint=_("Leave it out: it is filled in."))


def requirements_for(
    integration: IntegrationDefinition, method: MethodDefinition
) -> type[RequirementsSerializer]:
    """The serializer class of a method, built once per revision in this process."""
    built: type[RequirementsSerializer] | None = integration.built.get(method.id)
    if built is None:
        built = integration.built[method.id] = build_requirements(integration, method)
    return built


def build_requirements(
    integration: IntegrationDefinition, method: MethodDefinition
) -> type[RequirementsSerializer]:
    """The serializer class, newly built."""
    attributes = {
        "integration": integration,
        "method": method,
        "spec_fields": {spec.path: build_field(spec) for spec in method.specs},
    }
    return type(f"{method.kind.title()}Requirements", (RequirementsSerializer,), attributes)


def shown_specs(specs: Iterable[Spec]) -> list[Spec]:
    """The fields that a form draws, in order."""
    return [spec for spec in specs if spec.is_shown]
