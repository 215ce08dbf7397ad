"""The catalogue: what can be connected, what it asks for, and the same as JSON Schema."""

from typing import ClassVar

from django.utils.translation import gettext as _
from rest_framework.request import Request

from connections.api.base import ApiView, found_or_404
from connections.api.payloads import integration_payload, requirements_payload
from connections.api.queries import CatalogueQuery, MethodQuery, NoQuery, read_query
from connections.api.renderer import Answer
from connections.models.api_keys import Permission
from integrations.catalogue import catalogue_at, listed_integrations
from integrations.schema import method_schema
from integrations.specs import IntegrationDefinition, MethodDefinition

LONGEST_SLUG = 100


class CatalogueView(ApiView):
    permissions: ClassVar = {"GET": Permission.READ}

    def find(self, slug: str) -> IntegrationDefinition:
        catalogue = catalogue_at(self.actor.catalogue_version)
        # What cannot be a slug is not remembered as one that is missing.
        is_slug = len(slug) <= LONGEST_SLUG
        found = catalogue.get(slug, self.actor.workspace.id) if is_slug else None
        return found_or_404(found, _("Integration not found"))  # type: ignore[no-any-return]

    def find_method(
        self, request: Request, slug: str
    ) -> tuple[IntegrationDefinition, MethodDefinition]:
        query = read_query(request, MethodQuery)
        integration = self.find(slug)
        method = integration.method(query.get("auth_method_id"))
        return integration, found_or_404(method, _("Auth method not found"))


class IntegrationList(CatalogueView):
    def get(self, request: Request) -> Answer:
        query = read_query(request, CatalogueQuery)
        catalogue = catalogue_at(self.actor.catalogue_version)
        rows = listed_integrations(self.actor.workspace.id, query)
        skip, limit = query["skip"], query["limit"]
        ids = list(rows.values_list("pk", flat=True)[skip : skip + limit])
        return Answer(
            {
                "integrations": [integration_payload(catalogue.by_pk(pk)) for pk in ids],
                "total": rows.count(),
                "page": skip // limit + 1,
                "size": limit,
            }
        )


class IntegrationDetail(CatalogueView):
    def get(self, request: Request, integration_id: str) -> Answer:
        read_query(request, NoQuery)
        return Answer(integration_payload(self.find(integration_id)))


class Requirements(CatalogueView):
    def get(self, request: Request, integration_id: str) -> Answer:
        return Answer(requirements_payload(*self.find_method(request, integration_id)))


class IntegrationSchema(CatalogueView):
    def get(self, request: Request, integration_id: str) -> Answer:
        _integration, method = self.find_method(request, integration_id)
        return Answer(method_schema(method))
