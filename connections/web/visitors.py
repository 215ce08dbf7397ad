"""Who looks at a page: a signed-in member of the workspace that the address names."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from connections.access.actors import Actor, person
from connections.models import Connection, Membership, Workspace
from integrations.catalogue import Catalogue, catalogue_at, current_version
from integrations.specs import IntegrationDefinition
from integrations.texts import localised

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Visitor:
    """`actor` names the catalogue's version, so page, form and rules of a request read the same."""

    actor: Actor
    can_write: bool
    role: str = Membership.Role.VIEWER

    @property
    def workspace(self) -> Workspace:
        return self.actor.workspace

    @property
    def catalogue(self) -> Catalogue:
        return catalogue_at(self.actor.catalogue_version)

    def integration(self, slug: str) -> IntegrationDefinition:
        """One that this workspace can connect, or the page that an unknown one gets."""
        found = self.catalogue.get(slug, self.workspace.id)
        if found is None:
            raise Http404
        return localised(found)

    def integration_of(self, connection: Connection) -> IntegrationDefinition:
        """That of a stored connection, as this reader reads it."""
        return localised(self.catalogue.by_pk(connection.integration_id))

    def connections(self) -> Any:
        """Their own in this workspace; everybody else's do not exist."""
        return Connection.objects.within(self.workspace.id).owned_by(self.actor.user)

    def connection(self, public_id: str) -> Connection:
        """One of them, or the page that an unknown one gets."""
        rows = self.connections().select_related("credential", "integration")
        row: Connection | None = rows.named(self.workspace.id, public_id)
        if row is None:
            raise Http404
        row.workspace = self.workspace
        if row.credential is not None:
            row.credential.workspace = self.workspace
        return row


def members_only(*, writing: bool = False) -> Callable[[View], View]:
    """The view gets a Visitor in place of the slug; a workspace of strangers does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, slug: str, **named: Any) -> HttpResponse:
            rows = Membership.objects.select_related("workspace")
            found = rows.filter(
                user=request.user, workspace__slug=slug, workspace__is_active=True
            ).first()
            if found is None:
                raise Http404
            if writing and not found.can_write:
                raise PermissionDenied
            actor = person(request.user, found.workspace)
            actor = replace(actor, catalogue_version=current_version())
            return view(request, Visitor(actor, found.can_write, found.role), **named)

        return guarded

    return decorate
