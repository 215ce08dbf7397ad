"""Rules over several fields of a method: `any_of`, `one_of`, `all_or_none`, each lists of keys."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from integrations.problems import Problem, Problems
from integrations.specs import MethodDefinition, label_from_key
from integrations.texts import label_of

RULES = ("any_of", "one_of", "all_or_none")


def check_rules(method: MethodDefinition, is_given: Callable[[str], bool]) -> Problems:
    """One problem for each broken rule, at the first field that it names."""
    found: Problems = {}
    for name, groups in method.rules.items():
        for keys in groups:
            count = sum(map(is_given, keys))
            if not _is_kept(name, count, len(keys)):
                spec = method.spec(keys[0])
                path = spec.path if spec else keys[0]
                found.setdefault(path, []).append(_problem(name, method, keys))
    return found


def _is_kept(name: str, given: int, asked: int) -> bool:
    return {"any_of": given >= 1, "one_of": given == 1, "all_or_none": given in (0, asked)}[name]


def _problem(name: str, method: MethodDefinition, keys: list[str]) -> Problem:
    specs = [method.spec(key) for key in keys]
    labels = [
        label_of(spec) if spec else label_from_key(key)
        for spec, key in zip(specs, keys, strict=True)
    ]
    quoted = ", ".join(f"'{label}'" for label in labels)
    text = {
        "any_of": _("Fill in at least one of the fields %(fields)s"),
        "one_of": _("Fill in exactly one of the fields %(fields)s"),
        "all_or_none": _("Fill in all of the fields %(fields)s, or none of them"),
    }[name]
    return Problem(text % {"fields": quoted}, name, stage="rules")
