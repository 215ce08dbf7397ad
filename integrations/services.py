"""Storing definitions: what writes several rows, and what every edit has to do."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any, Literal

from django.db import transaction
from django.db.models import F, ProtectedError

from integrations.catalogue import integration_definition, with_fields
from integrations.export import document_of
from integrations.history import IntegrationRevision
from integrations.models import AuthMethod, CatalogueVersion, FieldSpec, Integration
from integrations.specs import IntegrationDefinition, MethodDefinition, Spec

WORDS = ("name", "type", "description", "logo_url", "docs_url", "status")
Outcome = Literal["created", "updated", "unchanged", "kept", "conflict"]


def mark_changed(
    integration_id: int,
    *,
    by: str = "",
    action: str = IntegrationRevision.Action.EDITED,
    as_loaded: bool = False,
) -> None:
    """Raise the revision after an edit of the integration, its methods or its fields, and keep it.

    Call it in the edit's transaction: every process then serves the new definition from its next
    request on. `by` is a user's name, or what did it. `as_loaded`: it is what its file says, and
    whatever differs from it later was edited.
    """
    Integration.objects.filter(pk=integration_id).update(revision=F("revision") + 1)
    CatalogueVersion.advance()
    row = with_fields().filter(pk=integration_id).first()
    if row is None:
        return
    definition = integration_definition(row)
    digest = definition_digest(definition)
    if as_loaded:
        Integration.objects.filter(pk=integration_id).update(loaded_digest=digest)
    IntegrationRevision.objects.create(
        integration=row,
        number=row.revision,
        made_by=by,
        action=action,
        document=json.dumps(document_of(definition), ensure_ascii=False),
        digest=digest,
    )


@transaction.atomic
def load_definition(
    definition: IntegrationDefinition, *, overwrite: bool = False, by: str = "load_catalog"
) -> Outcome:
    """Store a definition of a file. What staff edited is not overwritten unless told to.

    `kept`: staff edited it and the file did not change; `conflict`: both did, nothing was done.
    """
    fresh = definition_digest(definition)
    row = with_fields().filter(slug=definition.slug, workspace_id=None).first()
    if row is None:
        _load(Integration(slug=definition.slug), definition, by=by)
        return "created"
    stored = integration_definition(row)
    is_edited = row.origin == Integration.Origin.STAFF or is_edited_by_staff(row, stored)
    if not is_edited and fresh == row.loaded_digest:
        return "unchanged"
    if is_edited and not overwrite:
        return "kept" if fresh == row.loaded_digest else "conflict"
    named = {method.id for method in definition.methods}
    own = tuple(method for method in stored.methods if method.id in named)
    if not is_edited and definition_digest(replace(stored, methods=own)) == fresh:
        # Only methods that connections held on to at an earlier load set it apart from its file.
        if not _remove_methods(row, named):
            return "unchanged"
        _mark_loaded(row, by)
        return "updated"
    _load(row, definition, by=by)
    return "updated"


@transaction.atomic
def import_definition(
    definition: IntegrationDefinition, *, by: str, overwrite: bool = False
) -> Outcome:
    """Store a definition that staff brought in, as an edit of theirs.

    A later load of the built-in catalogue does not overwrite it. `conflict`: staff edited what
    would be replaced, and nothing was done.
    """
    row = with_fields().filter(slug=definition.slug, workspace_id=None).first()
    outcome = outcome_of_import(definition, row)
    if outcome in ("unchanged", "conflict") and not (outcome == "conflict" and overwrite):
        return outcome
    row = row or Integration(slug=definition.slug, origin=Integration.Origin.STAFF)
    _write(row, definition)
    is_theirs = row.origin == Integration.Origin.STAFF
    action = IntegrationRevision.Action.IMPORTED
    mark_changed(row.pk, by=by, action=action, as_loaded=is_theirs)
    return "created" if outcome == "created" else "updated"


def outcome_of_import(definition: IntegrationDefinition, row: Integration | None) -> Outcome:
    """What importing would do; `row` is what is stored under that slug, with its fields."""
    if row is None:
        return "created"
    stored = integration_definition(row)
    if definition_digest(stored) == definition_digest(definition):
        return "unchanged"
    return "conflict" if is_edited_by_staff(row, stored) else "updated"


@transaction.atomic
def replace_definition(
    row: Integration, definition: IntegrationDefinition, *, by: str, action: str
) -> list[str]:
    """Put a definition in the place of a row's, as an edit of staff; its slug and its pk stay.

    Returns the ids of methods that it no longer has and that stay because connections use them.
    """
    _write(row, definition)
    mark_changed(row.pk, by=by, action=action)
    named = [method.id for method in definition.methods]
    return list(row.auth_methods.exclude(slug__in=named).values_list("slug", flat=True))


def is_edited_by_staff(row: Integration, stored: IntegrationDefinition) -> bool:
    """Whether the row differs from the file that it was loaded from."""
    return definition_digest(stored) != row.loaded_digest


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


def _load(row: Integration, definition: IntegrationDefinition, *, by: str) -> None:
    row.origin = Integration.Origin.FILE
    _write(row, definition)
    _mark_loaded(row, by)


def _mark_loaded(row: Integration, by: str) -> None:
    mark_changed(row.pk, by=by, action=IntegrationRevision.Action.LOADED, as_loaded=True)


def _write(row: Integration, definition: IntegrationDefinition) -> None:
    """What the definition says into the row, its methods and their fields."""
    for name in WORDS:
        setattr(row, name, getattr(definition, name))
    row.categories = list(definition.categories)
    row.translations = definition.translations
    if row.pk is None:
        row.save()
    else:
        row.save(update_fields=[*WORDS, "categories", "translations", "origin", "updated_at"])
        row.common_fields.all().delete()
        row.auth_methods.update(is_default=False)
    for order, method in enumerate(definition.methods):
        _store_method(row, method, order)
    _remove_methods(row, {method.id for method in definition.methods})


def _remove_methods(row: Integration, named: Iterable[str]) -> bool:
    """Remove the methods that a definition no longer names; whether one was."""
    gone = [_is_removed(method) for method in row.auth_methods.exclude(slug__in=named)]
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
    stored, is_new = AuthMethod.objects.update_or_create(
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
    if not is_new:
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
