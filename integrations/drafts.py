"""Drafts: copies to work on in peace, and what publishing one does."""

from dataclasses import replace

from django.db import transaction

from integrations.catalogue import integration_definition, with_fields
from integrations.history import IntegrationRevision
from integrations.lint import Finding, lint
from integrations.models import AuthMethod, FieldSpec, Integration
from integrations.services import mark_changed, replace_definition
from integrations.specs import IntegrationDefinition

Action = IntegrationRevision.Action
COPIED = (
    "name",
    "type",
    "description",
    "categories",
    "logo_url",
    "docs_url",
    "translations",
    "workspace_id",
)
STATUS_ACTIONS = {
    Integration.Status.PUBLISHED: Action.PUBLISHED,
    Integration.Status.DEPRECATED: Action.DEPRECATED,
    Integration.Status.DRAFT: Action.WITHDRAWN,
}


class NotPublishable(Exception):
    """The definition has findings that stand in the way."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("not publishable")
        self.findings = findings


def stored_definition(row: Integration) -> IntegrationDefinition:
    """The definition of a row as it is now, whatever was prefetched before."""
    return integration_definition(with_fields().get(pk=row.pk))


def in_the_way(definition: IntegrationDefinition) -> list[Finding]:
    """What keeps a definition from being published: errors, and that nobody could connect it."""
    return [one for one in lint(definition) if one.level == "error" or one.code == "no_method"]


def free_slug(wished: str) -> str:
    """The wish, or the first of `wish-2`, `wish-3` … that no integration has."""
    start = wished[:90]
    taken = set(Integration.objects.filter(slug__startswith=start).values_list("slug", flat=True))
    number, slug = 1, wished[:100]
    while slug in taken:
        number += 1
        slug = f"{start}-{number}"
    return slug


@transaction.atomic
def duplicate(
    row: Integration, *, slug: str, by: str, draft_of: Integration | None = None
) -> Integration:
    """A draft with the same methods and fields under another slug."""
    source = with_fields().get(pk=row.pk)
    copy = Integration(slug=slug, status=Integration.Status.DRAFT, draft_of=draft_of)
    for name in COPIED:
        setattr(copy, name, getattr(source, name))
    copy.base_revision = source.revision if draft_of is not None else None
    copy.save()
    _copy_fields(list(source.common_fields.all()), integration=copy)
    for method in source.auth_methods.all():
        fields = list(method.fields.all())
        method.pk, method.integration, method._state.adding = None, copy, True
        method.save()
        _copy_fields(fields, auth_method=method)
    mark_changed(copy.pk, by=by, action=Action.DUPLICATED)
    return copy


def _copy_fields(fields: list[FieldSpec], **owner: Integration | AuthMethod) -> None:
    for field in fields:
        field.pk, field._state.adding = None, True
        for name, value in owner.items():
            setattr(field, name, value)
    FieldSpec.objects.bulk_create(fields)


def draft_copy(row: Integration, *, by: str) -> Integration:
    """The draft that is to replace the row's definition: the one that there is, or a new copy."""
    found = Integration.objects.filter(draft_of=row).first()
    if found is not None:
        return found
    return duplicate(row, slug=free_slug(f"{row.slug}-draft"), by=by, draft_of=row)


def as_replacement(copy: Integration) -> IntegrationDefinition:
    """What the original would become: the copy's definition under the original's name."""
    assert copy.draft_of is not None  # noqa: S101 - the caller has looked
    published = Integration.Status.PUBLISHED.value
    return replace(stored_definition(copy), slug=copy.draft_of.slug, status=published)


@transaction.atomic
def publish_copy(copy: Integration, *, by: str) -> list[str]:
    """Put the copy's definition in the place of the original's, and remove the copy.

    Connections keep working: the original's slug, its pk and those of its methods stay. Returns the
    ids of methods that stay because connections use them. Raises NotPublishable.
    """
    definition = as_replacement(copy)
    _refuse_findings(definition)
    # Held, so that an edit of it waits; read anew, so that nothing of an old row is written.
    original = Integration.objects.select_for_update().get(draft_copy=copy)
    kept = replace_definition(original, definition, by=by, action=Action.PUBLISHED)
    copy.delete()
    return kept


@transaction.atomic
def set_status(row: Integration, status: str, *, by: str) -> None:
    """Publish, deprecate or withdraw. Raises NotPublishable."""
    if status == Integration.Status.PUBLISHED:
        _refuse_findings(stored_definition(row))
    row.status = status
    row.save(update_fields=["status", "updated_at"])
    mark_changed(row.pk, by=by, action=STATUS_ACTIONS[Integration.Status(status)])


def _refuse_findings(definition: IntegrationDefinition) -> None:
    found = in_the_way(definition)
    if found:
        raise NotPublishable(found)
