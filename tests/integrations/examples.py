"""The built-in catalogue's methods by name, and values that their fields accept."""

from typing import Any

from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.specs import TARGETS, MethodDefinition
from tests.strategies import valid_values

# `slug.method`, in the order of the files.
METHODS: dict[str, MethodDefinition] = {
    f"{path.stem}.{method.id}": method
    for path in sorted(BUILT_IN.glob("*.yaml"))
    for method in read_file(path).methods
}


def example_values(method: MethodDefinition) -> dict[str, dict[str, Any]]:
    """A value for every field, its own example before any other, also for those filled in later."""
    values: dict[str, dict[str, Any]] = {target: {} for target in TARGETS}
    for spec in method.specs:
        if not spec.deprecated:
            values[spec.target][spec.key] = valid_values(spec)[0]
    return values
