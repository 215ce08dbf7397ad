"""The catalogue as values, without a query while it has not changed.

A caller that reads the catalogue's version on the way (the API does, in the query for its key)
hands it in; definitions are then served from this process and are right after an edit in another.
"""

import threading
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, Q
from django.utils.translation import get_language

from integrations.auth_methods import AUTH_METHODS
from integrations.models import AuthMethod, CatalogueVersion, FieldSpec, Integration
from integrations.specs import IntegrationDefinition, MethodDefinition, Spec
from integrations.texts import has_words


def current_version() -> uuid.UUID | None:
    """One query; None before the first edit."""
    return CatalogueVersion.objects.values_list("stamp", flat=True).filter(id=1).first()


class Catalogue:
    """Definitions of one version, loaded as they are asked for."""

    def __init__(self, version: uuid.UUID | None) -> None:
        self.version = version
        self._held: dict[tuple[Any, str], IntegrationDefinition | None] = {}
        self._by_pk: dict[int, IntegrationDefinition] = {}

    def get(self, slug: str, workspace_id: Any) -> IntegrationDefinition | None:
        """The enabled integration of that slug: the workspace's own before everybody's."""
        key = (workspace_id, slug)
        if key not in self._held:
            if len(self._held) >= 10_000:
                self._held.clear()
            self._held[key] = self._load(slug, workspace_id)
        return self._held[key]

    def by_pk(self, pk: int) -> IntegrationDefinition:
        """The integration of a stored connection, enabled or not; a foreign key keeps it there."""
        found = self._by_pk.get(pk)
        if found is None:
            found = self._by_pk[pk] = integration_definition(with_fields().get(pk=pk))
        return found

    def _load(self, slug: str, workspace_id: Any) -> IntegrationDefinition | None:
        rows = with_fields().usable_in(workspace_id).filter(slug=slug)
        own_first = sorted(rows, key=lambda row: row.workspace_id is None)
        if not own_first:
            return None
        everybodys = own_first[0].workspace_id is None
        if everybodys and workspace_id is not None:
            # One definition for all workspaces that have none of their own by this name.
            return self.by_pk(own_first[0].pk)
        return integration_definition(own_first[0])


_lock = threading.Lock()
_catalogue = Catalogue(None)


def catalogue_at(version: uuid.UUID | None) -> Catalogue:
    """The catalogue of a version that was just read from the database."""
    global _catalogue
    if version is None:
        # Nothing was ever edited: there is nothing to be stale against, so nothing is kept.
        return Catalogue(None)
    if _catalogue.version != version:
        with _lock:
            if _catalogue.version != version:
                _catalogue = Catalogue(version)
            return _catalogue
    return _catalogue


def current_catalogue() -> Catalogue:
    """The catalogue as it is stored now (one query)."""
    return catalogue_at(current_version())


def listed_integrations(workspace_id: Any, query: dict[str, Any]) -> Any:
    """The integrations that a workspace can connect, filtered, by name."""
    rows = Integration.objects.usable_in(workspace_id).order_by("name", "pk")
    # The workspace's own stands in for everybody's of the same slug.
    own = Integration.objects.usable_in(workspace_id).filter(workspace_id=workspace_id)
    rows = rows.exclude(Q(workspace_id=None) & Q(slug__in=own.values("slug")))
    if "integration_type" in query:
        rows = rows.filter(type=query["integration_type"])
    if "category" in query:
        rows = rows.in_category(query["category"])
    if "search" in query:
        words = query["search"]
        original = (
            Q(name__icontains=words) | Q(slug__icontains=words) | Q(description__icontains=words)
        )
        rows = rows.filter(original | Q(pk__in=_read_as(rows, words)))
    return rows


def _read_as(rows: Any, words: str) -> list[int]:
    """Those of the rows whose texts have the words in the reader's language."""
    if get_language() is None:
        return []
    read = rows.only("slug", "name", "description", "translations")
    return [row.pk for row in read if has_words(row, words)]


def listed_categories(workspace_id: Any) -> set[str]:
    """The categories that what a workspace can connect is listed under."""
    rows = listed_integrations(workspace_id, {}).order_by()
    return {one for categories in rows.values_list("categories", flat=True) for one in categories}


def with_fields() -> Any:
    methods = AuthMethod.objects.prefetch_related(
        Prefetch("fields", queryset=FieldSpec.objects.order_by("order", "id"))
    )
    return Integration.objects.prefetch_related(
        Prefetch("auth_methods", queryset=methods), "common_fields"
    )


def integration_definition(row: Integration) -> IntegrationDefinition:
    """The frozen record of a row whose methods and fields are prefetched."""
    common = [field.to_spec() for field in row.common_fields.all()]
    methods = (
        method_definition(method, common, [field.to_spec() for field in method.fields.all()])
        for method in row.auth_methods.all()
    )
    return composed(row, methods)


def composed(row: Integration, methods: Iterable[MethodDefinition]) -> IntegrationDefinition:
    """The columns of a row, stored or not, with those methods."""
    return IntegrationDefinition(
        slug=row.slug,
        name=row.name,
        type=row.type,
        description=row.description,
        categories=tuple(row.categories),
        logo_url=row.logo_url,
        docs_url=row.docs_url,
        status=row.status,
        revision=row.revision,
        methods=tuple(methods),
        translations=row.translations,
        pk=row.pk,
        workspace_id=row.workspace_id,
    )


def method_definition(row: AuthMethod, common: list[Spec], own: list[Spec]) -> MethodDefinition:
    return MethodDefinition(
        id=row.slug,
        name=row.name,
        kind=row.kind,
        description=row.description,
        is_default=row.is_default,
        docs_url=row.docs_url,
        specs=_with_brought(row, common, own),
        rules=row.rules,
        request=row.request,
        oauth=row.oauth,
        test=row.test,
        translations=row.translations,
        pk=row.pk,
    )


def _with_brought(row: AuthMethod, common: list[Spec], own: list[Spec]) -> tuple[Spec, ...]:
    """The rows in their order, after what the integration and the kind ask for without a row."""
    stored = {spec.path for spec in own}
    brought = AUTH_METHODS[row.kind].brought(row.request)
    missing = [spec for spec in (*common, *brought) if spec.path not in stored]
    return tuple(sorted([*missing, *own], key=lambda spec: spec.order))
