"""What the editor's form says, as a definition, with nothing stored: for previews and dry runs.

The rows of the form that hold something malformed are told about and left as they are stored.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.forms import BaseInlineFormSet, ModelForm, inlineformset_factory, modelform_factory
from django.utils.text import capfirst

from integrations.catalogue import composed, method_definition, with_fields
from integrations.forms import (
    AuthMethodForm,
    FieldSpecForm,
    IntegrationForm,
    MethodRowForm,
    MethodRows,
)
from integrations.models import AuthMethod, FieldSpec, Integration
from integrations.specs import IntegrationDefinition, MethodDefinition, Spec

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """`problems` are sentences about what the form holds that is no value of its column.

    `method` is the one whose page it is; None on the page of the whole.
    """

    definition: IntegrationDefinition
    problems: tuple[str, ...] = ()
    method: str | None = None


def edited_integration(data: Data, row: Integration | None) -> Edited:
    """`row` is what is stored, with its fields; None for one that is being added."""
    # What is fixed once it is made is not on the page.
    fixed = ("status", "slug") if row is not None else ("status",)
    made: Any = modelform_factory(Integration, form=IntegrationForm, exclude=fixed)
    form = made(data, instance=row)
    problems = list(_problems_of(form))
    integration = form.instance
    common = _rows(FieldSpec, FieldSpecForm, data, integration, "common_fields", problems)
    specs = _specs(common, problems)
    stored = {} if row is None else {method.pk: method for method in row.auth_methods.all()}
    methods = _rows(
        AuthMethod, MethodRowForm, data, integration, "auth_methods", problems, MethodRows
    )
    definitions = []
    for method in methods:
        before = stored.get(method.pk)
        own = [] if before is None else _specs(before.fields.all(), problems)
        definitions.append(method_definition(method, specs, own))
    return Edited(definition=composed(integration, definitions), problems=tuple(problems))


def edited_method(data: Data, row: AuthMethod | None) -> Edited | None:
    """As above, for the page of one method; None while nobody said whose it is."""
    fixed = ("integration", "slug") if row is not None else ()
    made: Any = modelform_factory(AuthMethod, form=AuthMethodForm, exclude=fixed)
    form = made(data, instance=row)
    problems = list(_problems_of(form))
    method = form.instance
    integration = with_fields().filter(pk=method.integration_id).first()
    if integration is None:
        return None
    own = _specs(_rows(FieldSpec, FieldSpecForm, data, method, "fields", problems), problems)
    common = _specs(integration.common_fields.all(), problems)
    edited = method_definition(method, common, own) if method.kind else None
    others = [
        method_definition(other, common, _specs(other.fields.all(), problems))
        for other in integration.auth_methods.all()
        if other.pk != method.pk
    ]
    methods = _in_order(edited, others, method.order, integration)
    definition = composed(integration, methods)
    return Edited(definition=definition, problems=tuple(problems), method=method.slug or None)


def _in_order(
    edited: MethodDefinition | None,
    others: list[MethodDefinition],
    order: int | None,
    integration: Integration,
) -> list[MethodDefinition]:
    """The method among the others, from whom it takes the mark of the default."""
    if edited is None:
        return others
    if edited.is_default:
        others = [replace(other, is_default=False) for other in others]
    places = {method.pk: method.order for method in integration.auth_methods.all()}
    before = [one for one in others if places[one.pk] <= (order or 0)]
    return [*before, edited, *others[len(before) :]]


def _rows(
    model: Any,
    form: type[ModelForm],
    data: Data,
    owner: Any,
    prefix: str,
    problems: list[str],
    formset: type[BaseInlineFormSet] = BaseInlineFormSet,
) -> list[Any]:
    """The rows of an inline as they would be stored: changed ones, new ones, no deleted ones."""
    owner_field = "auth_method" if isinstance(owner, AuthMethod) else "integration"
    made: Any = inlineformset_factory(
        type(owner), model, form=form, formset=formset, fk_name=owner_field, extra=0
    )
    rows = made(data, instance=owner, prefix=prefix)
    rows.is_valid()
    problems += [str(error) for error in rows.non_form_errors()]
    kept = []
    for one in rows.forms:
        is_untouched = one.instance.pk is None and not one.has_changed()
        if is_untouched or rows._should_delete_form(one):
            continue
        problems += _problems_of(one, str(one.instance) or str(one.instance._meta.verbose_name))
        kept.append(one.instance)
    return sorted(kept, key=lambda row: row.order)


def _specs(rows: Any, problems: list[str]) -> list[Spec]:
    found = []
    for row in rows:
        try:
            found.append(row.to_spec())
        except (ValueError, TypeError, KeyError) as error:
            problems.append(f"{row}: {error}")
    return found


def _problems_of(form: Any, name: str = "") -> Iterator[str]:
    for column, errors in form.errors.items():
        field = form.fields.get(column)
        place = " · ".join(
            part for part in (name, str(capfirst(field.label or column)) if field else "") if part
        )
        for error in errors:
            yield f"{place}: {error}" if place else str(error)
