"""Methods to test rules with, and what their serializer says of a body."""

from typing import Any

from integrations.requirements import RequirementsSerializer, build_requirements
from integrations.specs import MethodDefinition, Spec
from tests.strategies import integration_of


def spec(key: str, **settings: Any) -> Spec:
    return Spec(key=key, **{"label": key.title(), "secure": False, **settings})


def method_of(*specs: Spec, kind: str = "custom", **settings: Any) -> MethodDefinition:
    return MethodDefinition(id="m", name="M", kind=kind, specs=specs, **settings)


def checked(method: MethodDefinition, **sections: Any) -> RequirementsSerializer:
    serializer = build_requirements(integration_of(method), method)(data=sections)
    serializer.is_valid()
    return serializer


def codes(method: MethodDefinition, **sections: Any) -> list[tuple[str, str]]:
    """`(path, code)` of every problem, in the order in which they are reported."""
    found = checked(method, **sections).errors
    return [(path, problem.code) for path, problems in found.items() for problem in problems]


def values(method: MethodDefinition, **sections: Any) -> Any:
    serializer = checked(method, **sections)
    assert serializer.errors == {}
    return serializer.validated_data
