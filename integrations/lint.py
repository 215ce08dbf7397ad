"""What is wrong with a definition. Errors refuse it; warnings are shown to staff.

Runs over definitions as values: a catalogue file before it is stored, a form in the admin, a row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _
from rest_framework.serializers import ValidationError

from integrations import patterns
from integrations.auth_methods import AUTH_METHODS, template_names
from integrations.field_types import FIELD_TYPES, build_field, is_blank
from integrations.rules import RULES
from integrations.specs import IntegrationDefinition, MethodDefinition, Spec, is_same_json
from integrations.translations import needless_translations

SECRET_WORDS = ("secret", "token", "password", "passphrase", "api_key", "apikey", "private_key")
# Words of a key that tell about a secret without being one.
PUBLIC_ENDINGS = ("_type", "_url", "_uri", "_id", "_name", "_expires_at", "_expires_in")
KEY_PATTERN = r"[A-Za-z][A-Za-z0-9_.-]{0,63}"
SCHEME_PATTERN = r"[a-z][a-z0-9+.-]{0,30}"


@dataclass(frozen=True, slots=True)
class Finding:
    """`where` is `method.key`, a method's id, or empty for the integration itself."""

    level: Literal["error", "warning"]
    where: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


def lint(integration: IntegrationDefinition) -> list[Finding]:
    """Every finding, errors first."""
    found = list(_lint_integration(integration))
    for method in integration.methods:
        found += _lint_method(method)
    unique = list(dict.fromkeys(found))
    return sorted(unique, key=lambda finding: finding.level)


def errors(integration: IntegrationDefinition) -> list[Finding]:
    return [finding for finding in lint(integration) if finding.level == "error"]


def _lint_integration(integration: IntegrationDefinition) -> Iterator[Finding]:
    if not integration.methods:
        yield Finding(
            "warning", "", "no_method", _("It has no auth method: nobody can connect it.")
        )
    if sum(method.is_default for method in integration.methods) > 1:
        yield Finding("error", "", "two_defaults", _("Two methods are marked as the default."))
    for code, level, message in _check_translations(integration):
        yield Finding(level, "", code, message)


def _lint_method(method: MethodDefinition) -> Iterator[Finding]:
    for code, level, message in _method_findings(method):
        yield Finding(level, method.id, code, message)
    for spec in method.specs:
        where = f"{method.id}.{spec.key}"
        if spec.type not in FIELD_TYPES:
            text = _("There is no field type '%(type)s'.") % {"type": spec.type}
            yield Finding("error", where, "unknown_type", text)
            continue
        for check in SPEC_CHECKS:
            for code, level, message in check(spec, method):
                yield Finding(level, where, code, message)


Row = tuple[str, Literal["error", "warning"], str]


def _method_findings(method: MethodDefinition) -> Iterator[Row]:
    kind = AUTH_METHODS[method.kind]
    if not method.specs and method.kind != "none" and not method.oauth:
        yield "no_fields", "error", _("It asks for no field and has no OAuth.")
    # People sign in where the address of the service says, if the definition names no place.
    is_found = method.kind == "oauth2" and not method.oauth and method.request.get("base_url")
    for name in () if is_found else kind.needs_oauth:
        if not method.oauth.get(name) and not method.oauth.get("issuer"):
            text = _("OAuth needs '%(name)s' or an issuer.") % {"name": name}
            yield "no_oauth_url", "warning", text
    request = kind.effective_request(method.request)
    if kind.needs_location and not (request.get("headers") or request.get("query")):
        yield "no_location", "error", _("Say in the request which header or parameter has the key.")
    known = {spec.key for spec in method.specs} | {spec.path for spec in method.specs}
    if method.oauth:
        # The token that is obtained with the values, where no field asks for it.
        known.add("access_token")
    for name in sorted(template_names([request, method.oauth, method.test]) - known):
        text = _("A template uses '%(name)s', which nobody fills in.") % {"name": name}
        yield "unknown_name", "error", text
    yield from _rule_findings(method, known)
    yield from _check_translations(method)


def _rule_findings(method: MethodDefinition, known: set[str]) -> Iterator[Row]:
    for name, groups in method.rules.items():
        if name not in RULES:
            text = _("There is no rule '%(name)s'.") % {"name": name}
            yield "unknown_rule", "error", text
            continue
        if not isinstance(groups, list) or not all(_is_group(group) for group in groups):
            text = _("The rule '%(name)s' is a list of lists of at least two keys.")
            yield "bad_rule", "error", text % {"name": name}
            continue
        for key in sorted({key for group in groups for key in group} - known):
            text = _("A rule names '%(name)s', which is no field.") % {"name": key}
            yield "unknown_name", "error", text


def _is_group(group: object) -> bool:
    return isinstance(group, list) and len(group) > 1 and all(isinstance(key, str) for key in group)


def _check_names(spec: Spec, method: MethodDefinition) -> Iterator[Row]:
    if not patterns.whole(KEY_PATTERN).matches(spec.key):
        yield "bad_key", "error", _("A key has letters, digits, _ . - and starts with a letter.")
    if not spec.label.strip():
        yield "no_label", "error", _("It has no label.")


def _check_type(spec: Spec, method: MethodDefinition) -> Iterator[Row]:
    """What a kind reads by itself keeps its type: a moment that is no moment could not be read."""
    for brought in AUTH_METHODS[method.kind].brought(method.request):
        is_read = brought.type not in ("string", "password")
        if is_read and brought.path == spec.path and brought.type != spec.type:
            text = _("The kind of its method needs the type '%(type)s'.") % {"type": brought.type}
            yield "changed_type", "error", text


def _check_secrecy(spec: Spec, method: MethodDefinition) -> Iterator[Row]:
    key = spec.key.lower().replace("-", "_")
    is_telling = any(word in key for word in SECRET_WORDS) and not key.endswith(PUBLIC_ENDINGS)
    if is_telling and not spec.secure and spec.const is None:
        yield "not_secure", "error", _("Its name looks secret, but it is not marked as secret.")
    if spec.secure and (spec.default is not None or spec.const is not None):
        yield "secret_default", "error", _("A secret field has no default and no fixed value.")


def _check_patterns(spec: Spec, method: MethodDefinition) -> Iterator[Row]:
    for pattern in (spec.pattern, spec.forbidden_pattern):
        try:
            patterns.check_pattern(pattern)
        except patterns.PatternError as error:
            text = _("The pattern cannot be used: %(reason)s") % {"reason": str(error)}
            yield "bad_pattern", "error", text
            return
    if spec.pattern.startswith("^") is not spec.pattern.endswith("$"):
        text = _("The pattern is anchored at one end only; it must match the whole value.")
        yield "half_anchored", "warning", text
    if spec.pattern and not spec.examples:
        yield "no_examples", "warning", _("A pattern without examples is not tested.")


def _check_bounds(spec: Spec, method: MethodDefinition) -> Iterator[Row]:
    for low, high in ((spec.min_length, spec.max_length), (spec.minimum, spec.maximum)):
        if low is not None and high is not None and low > high:
            yield "bad_bounds", "error", _("Its smallest bound is above its largest.")
    if spec.max_length == 0:
        yield "bad_bounds", "error", _("Its greatest length must be at least 1.")


def _check_options(spec: Spec, method: MethodDefinition) -> Iterator[Row]:
    if spec.type in ("select", "multiselect"):
        if len(spec.options) < 2:
            yield "few_options", "error", _("A choice needs at least two options.")
        if len({value for value, _label in spec.options}) != len(spec.options):
            yield "same_options", "error", _("Two options have the same value.")
        if any(is_blank(value) or is_blank(label) for value, label in spec.options):
            yield "blank_option", "error", _("An option has no value or no label.")
    if spec.type == "connection_string" and not spec.schemes:
        yield "no_schemes", "error", _("A connection string needs the schemes that it may have.")
    if not all(patterns.whole(SCHEME_PATTERN).matches(scheme) for scheme in spec.schemes):
        yield "bad_schemes", "error", _("A scheme has lower-case letters, digits, + . - only.")
    if spec.type == "url" and set(spec.schemes) - {"http", "https"}:
        yield "bad_schemes", "error", _("A URL has the schemes https and http only.")


def _check_examples(spec: Spec, method: MethodDefinition) -> Iterator[Row]:
    if any(True for code, _level, _text in _check_patterns(spec, method) if code == "bad_pattern"):
        return
    field = build_field(spec)
    for name, values, should_pass in (
        ("examples", spec.examples, True),
        ("default", () if spec.default is None else (spec.default,), True),
        ("const", () if spec.const is None else (spec.const,), True),
        ("bad_examples", spec.bad_examples, False),
    ):
        for value in values:
            if _passes(field.run_validation, value) is not should_pass:
                text = (
                    _("Its rules refuse a value of its '%(name)s'.")
                    if should_pass
                    else _("Its rules accept a value of its '%(name)s'.")
                )
                yield "example_fails", "error", text % {"name": name}


def _passes(rule: Callable[[object], object], value: object) -> bool:
    if is_blank(value):
        return False
    try:
        rule(value)
    except (ValidationError, ValueError):
        return False
    return True


def _check_conditions(spec: Spec, method: MethodDefinition) -> Iterator[Row]:
    for condition in (spec.visible_if, spec.required_if):
        if condition is None:
            continue
        controller = method.spec(condition.field)
        if controller is None:
            text = _("Its condition names '%(name)s', which is no field.")
            yield "unknown_name", "error", text % {"name": condition.field}
        elif _leads_back(spec, method):
            yield "circle", "error", _("Its condition leads back to itself.")
        elif any(map(is_blank, condition.values)):
            yield "blank_condition", "error", _("A condition cannot ask for a blank value.")
        elif not any(_can_be(controller, value) for value in condition.values):
            level: Literal["error", "warning"] = "error" if spec.required else "warning"
            yield "never_true", level, _("Its condition can never be true: it is hidden for ever.")


def _check_translations(owner: Any, method: MethodDefinition | None = None) -> Iterator[Row]:
    for language, name in needless_translations(owner):
        text = _("It has a translation (%(language)s) of '%(name)s', which it does not say.")
        yield "needless_translation", "warning", text % {"language": language, "name": name}


def _leads_back(spec: Spec, method: MethodDefinition) -> bool:
    seen, here = {spec.path}, spec
    while here.visible_if is not None:
        following = method.spec(here.visible_if.field)
        if following is None:
            return False
        if following.path in seen:
            return True
        seen.add(following.path)
        here = following
    return False


def _can_be(controller: Spec, value: object) -> bool:
    if controller.type not in FIELD_TYPES or controller.stage == "setup":
        return False
    if controller.const is not None:
        return is_same_json(controller.const, value)
    return _passes(build_field(controller).run_validation, value)


SPEC_CHECKS: tuple[Callable[[Spec, MethodDefinition], Iterator[Row]], ...] = (
    _check_names,
    _check_type,
    _check_secrecy,
    _check_patterns,
    _check_bounds,
    _check_options,
    _check_examples,
    _check_conditions,
    _check_translations,
)
