"""Storing definitions: what writes several rows, and what every edit has to do."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any, Literal

from django.db import transaction
from django.db.models import F, ProtectedError

from integrations.catalogue import integration_definition, with_fields
from integrations.models import AuthMethod, CatalogueVersion, FieldSpec, Integration
from integrations.specs import IntegrationDefinition, MethodDefinition, Spec

Outcome = Literal["created", "updated", "unchanged", "kept", "conflict"]


def mark_changed(integration_id: int) -> None:
    """Raise the revision after an edit of the integration, its methods or its fields.

    Call it in the edit's transaction: every process then serves the new definition from its next
    request on.
    """
    Integration.objects.filter(pk=integration_id).update(revision=F("revision") + 1)
    CatalogueVersion.advance()


@transaction.atomic
def load_definition(definition: IntegrationDefinition, *, overwrite: bool = False) -> Outcome:
    """Store a definition of a file. What staff edited is not overwritten unless told to.

    `kept`: staff edited it and the file did not change; `conflict`: both did, nothing was done.
    """
    fresh = definition_digest(definition)
    row = with_fields().filter(slug=definition.slug, workspace_id=None).first()
    if row is None:
        _store(Integration(slug=definition.slug), definition)
        return "created"
    stored = integration_definition(row)
    is_edited = definition_digest(stored) != row.loaded_digest
    if not is_edited and fresh == row.loaded_digest:
        return "unchanged"
    if is_edited and not overwrite:
        return "kept" if fresh == row.loaded_digest else "conflict"
    named = {method.id for method in definition.methods}
    own = tuple(method for method in stored.methods if method.id in named)
    if not is_edited and definition_digest(replace(stored, methods=own)) == fresh:
        # Only methods that connections held on to at an earlier load set it apart from its file.
        return "updated" if _remove_methods(row, named) else "unchanged"
    _store(row, definition)
    return "updated"


def definition_digest(definition: IntegrationDefinition) -> str:
    """SHA-256 over everything that a file says; equal for a file and the rows it became."""
    content = asdict(definition)
    for name in ("pk", "workspace_id", "revision", "built"):
        del content[name]
    for method in content["methods"]:
        del method["pk"]
        for spec in method["specs"]:
            # A column holds `0` as `0.0`.
            for name in ("minimum", "maximum"):
                spec[name] = None if spec[name] is None else float(spec[name])
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _store(row: Integration, definition: IntegrationDefinition) -> None:
    for name in ("name", "type", "description", "logo_url", "docs_url", "status"):
        setattr(row, name, getattr(definition, name))
    row.categories = list(definition.categories)
    row.translations = definition.translations
    row.origin = Integration.Origin.FILE
    row.save()
    row.common_fields.all().delete()
    row.auth_methods.update(is_default=False)
    for order, method in enumerate(definition.methods):
        _store_method(row, method, order)
    if not _remove_methods(row, {method.id for method in definition.methods}):
        _note_as_loaded(row)


def _note_as_loaded(row: Integration) -> None:
    stored = integration_definition(with_fields().get(pk=row.pk))
    Integration.objects.filter(pk=row.pk).update(loaded_digest=definition_digest(stored))
    mark_changed(row.pk)


def _remove_methods(row: Integration, named: Iterable[str]) -> bool:
    """Remove the methods that a file no longer names; whether one was."""
    gone = [_is_removed(method) for method in row.auth_methods.exclude(slug__in=named)]
    if any(gone):
        _note_as_loaded(row)
    return any(gone)


def _is_removed(method: AuthMethod) -> bool:
    try:
        with transaction.atomic():
            method.delete()
    except ProtectedError:
        # Connections use it: it stays for them, and a later load tries again.
        return False
    return True


def _store_method(row: Integration, method: MethodDefinition, order: int) -> None:
    stored, _created = AuthMethod.objects.update_or_create(
        integration=row,
        slug=method.id,
        defaults={
            "name": method.name,
            "kind": method.kind,
            "description": method.description,
            "docs_url": method.docs_url,
            "is_default": method.is_default,
            "rules": method.rules,
            "request": method.request,
            "oauth": method.oauth,
            "test": method.test,
            "translations": method.translations,
            "order": order,
        },
    )
    stored.fields.all().delete()
    # Also what the kind brings: staff see and edit every field in one place.
    FieldSpec.objects.bulk_create(
        FieldSpec(auth_method=stored, **spec_columns(spec)) for spec in method.specs
    )


def spec_columns(spec: Spec) -> dict[str, Any]:
    """The columns of a stored field."""
    columns = asdict(spec)
    columns["options"] = [{"value": value, "label": label} for value, label in spec.options]
    for name in ("strip", "schemes", "examples", "bad_examples"):
        columns[name] = list(columns[name])
    for name in ("visible_if", "required_if"):
        condition = getattr(spec, name)
        columns[name] = condition.written() if condition else None
    return columns
