"""The gallery: what can be connected, searched as one types, and which of it is connected."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from connections.services.oauth_flows.parties import can_consent
from connections.web.categories import category_choices, category_label
from connections.web.forms import GalleryForm
from connections.web.pages import page_of, show
from connections.web.rows import web_address
from connections.web.tiles import Tile, tile_of
from connections.web.visitors import Visitor, members_only
from integrations.catalogue import listed_categories, listed_integrations

CATEGORIES_ON_A_CARD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One integration as the gallery shows it; `connected` counts the visitor's own."""

    integration: Any
    tile: Tile
    categories: list[str]
    connected: int


@require_safe
@members_only()
def gallery(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    categories = category_choices(listed_categories(visitor.workspace.id))
    search = GalleryForm(request.GET, categories=categories)
    query = search.query()
    page = page_of(request, listed_integrations(visitor.workspace.id, query))
    found = {"page": page, "cards": _cards(visitor, page), "is_searching": bool(query)}
    return found_or_page(request, visitor, "integrations/gallery", search=search, **found)


def _cards(visitor: Visitor, page: Any) -> list[Card]:
    rows = visitor.connections().filter(integration_id__in=[row.pk for row in page])
    counts = rows.order_by().values_list("integration_id").annotate(Count("pk"))
    connected = dict(counts)
    return [
        Card(
            integration=row,
            tile=tile_of(row),
            categories=[category_label(one) for one in row.categories[:CATEGORIES_ON_A_CARD]],
            connected=connected.get(row.pk, 0),
        )
        for row in page
    ]


def found_or_page(
    request: HttpRequest, visitor: Visitor, name: str, **context: Any
) -> HttpResponse:
    """`<name>.html`, or, to a script that searches, only what was found: `<name>_found.html`."""
    htmx = request.htmx  # type: ignore[attr-defined]
    is_fragment = bool(htmx) and not htmx.history_restore_request
    template = f"{name}_found.html" if is_fragment else f"{name}.html"
    answer = show(request, visitor, template, is_fragment=is_fragment, **context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@members_only(writing=True)
def integration(request: HttpRequest, visitor: Visitor, integration: str) -> HttpResponse:
    """On to the form of its usual method, which offers the others."""
    definition = visitor.integration(integration)
    method = definition.default_method
    if method is None:
        return show(
            request,
            visitor,
            "integrations/without_method.html",
            integration=definition,
            tile=tile_of(definition),
            docs_url=web_address(definition.docs_url),
        )
    name = "consent" if can_consent(visitor.workspace.id, method) else "connect"
    return redirect(name, visitor.workspace.slug, integration, method.id)
