"""Definitions as values: what a stored row, a catalogue file and a kind of method all become.

Everything that carries out rules reads these frozen records and never a database row, so the same
rules run over a row, over a file that is being imported and over a draft in the editor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

Target = Literal["credentials", "config"]
TARGETS: tuple[Target, ...] = ("credentials", "config")


@dataclass(frozen=True, slots=True)
class Condition:
    """`{field, equals}` or `{field, in}` of a field spec; `values` are the JSON values that fit."""

    field: str
    values: tuple[Any, ...]

    @classmethod
    def parse(cls, stored: Mapping[str, Any] | None) -> "Condition | None":
        """Raise ValueError for any other shape."""
        if not stored:
            return None
        names = set(stored) if isinstance(stored, Mapping) else set()
        is_known = names in ({"field", "equals"}, {"field", "in"})
        fits = [stored["equals"]] if "equals" in names else is_known and stored["in"]
        if not is_known or not isinstance(stored["field"], str) or not _are_scalars(fits):
            raise ValueError("a condition is {field, equals: value} or {field, in: [value, ...]}")
        return cls(stored["field"], tuple(fits or ()))

    def holds_for(self, value: Any) -> bool:
        return any(is_same_json(value, fit) for fit in self.values)

    def written(self) -> dict[str, Any]:
        """As it is stored and written into files; `parse` reads it back."""
        if len(self.values) == 1:
            return {"field": self.field, "equals": self.values[0]}
        return {"field": self.field, "in": list(self.values)}


def _are_scalars(fits: Any) -> bool:
    """Whether a condition can compare with them: text, numbers, truth values."""
    is_list = isinstance(fits, list) and bool(fits)
    return is_list and all(isinstance(fit, str | int | float) for fit in fits)


def is_same_json(one: Any, other: Any) -> bool:
    """JSON equality: `true` is not `1`."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One input: what it is called, what it may hold, how it is shown."""

    key: str
    type: str = "string"
    target: Target = "credentials"
    label: str = ""
    help_text: str = ""
    placeholder: str = ""
    docs_url: str = ""
    required: bool = True
    secure: bool = True
    default: Any = None
    const: Any = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    pattern_message: str = ""
    forbidden_pattern: str = ""
    options: tuple[tuple[str, str], ...] = ()
    prefix: str = ""
    suffix: str = ""
    strip: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    pem_type: str = "private_key"
    visible_if: Condition | None = None
    required_if: Condition | None = None
    group: str = ""
    order: int = 0
    advanced: bool = False
    stage: str = "connect"
    expires: bool = False
    examples: tuple[Any, ...] = ()
    bad_examples: tuple[Any, ...] = ()
    deprecated: bool = False
    # `{language: {attribute: text}}`; the attributes themselves are the originals.
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)

    @property
    def path(self) -> str:
        return f"{self.target}.{self.key}"

    @property
    def is_shown(self) -> bool:
        """Whether the person or program that connects is asked for it."""
        return self.stage == "connect" and not self.deprecated and self.const is None

    @property
    def is_demanded(self) -> bool:
        """Whether it must be present when its conditions allow it."""
        return self.required and self.is_shown


SPEC_ATTRIBUTES = tuple(attribute.name for attribute in fields(Spec))


def label_from_key(key: str) -> str:
    """`api_key` -> `Api key`; what a field is called when nobody named it."""
    words = key.replace("_", " ").replace(".", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodDefinition:
    """One way to authenticate with an integration, with every field that it asks for."""

    id: str
    name: str
    kind: str
    description: str = ""
    is_default: bool = False
    docs_url: str = ""
    specs: tuple[Spec, ...] = ()
    rules: Mapping[str, list[list[str]]] = field(default_factory=dict)
    request: Mapping[str, Any] = field(default_factory=dict)
    oauth: Mapping[str, Any] = field(default_factory=dict)
    test: Mapping[str, Any] = field(default_factory=dict)
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pk: Any = None

    def spec(self, name: str) -> Spec | None:
        """What a condition, a rule or a template means by `name`: a `key` or a `target.key`."""
        for spec in self.specs:
            if name in (spec.key, spec.path):
                return spec
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationDefinition:
    """One thing that can be connected."""

    slug: str
    name: str
    type: str
    description: str = ""
    categories: tuple[str, ...] = ()
    logo_url: str = ""
    docs_url: str = ""
    status: str = "published"
    revision: int = 0
    methods: tuple[MethodDefinition, ...] = ()
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pk: Any = None
    workspace_id: Any = None
    # Serializer classes by method id, and the definition as readers of a language read it: they
    # live as long as this revision does in this process.
    built: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def default_method(self) -> MethodDefinition | None:
        marked = [method for method in self.methods if method.is_default]
        return next(iter(marked or self.methods), None)

    def method(self, method_id: str | None) -> MethodDefinition | None:
        if method_id is None:
            return self.default_method
        return next((method for method in self.methods if method.id == method_id), None)

    def method_by_pk(self, pk: Any) -> MethodDefinition:
        """The method of a stored connection; a foreign key keeps it there."""
        return next(method for method in self.methods if method.pk == pk)
