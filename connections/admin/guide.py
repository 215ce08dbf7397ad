"""What staff have to do at a service before its OAuth client can be entered here, in its order."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from connections.models import Workspace
from connections.services.clients import is_chosen
from connections.services.oauth_flows.addresses import callback_url
from connections.services.oauth_flows.parties import can_consent, is_consented, is_discovered
from integrations.catalogue import current_catalogue
from integrations.models import AuthMethod
from integrations.specs import IntegrationDefinition, MethodDefinition


@dataclass(frozen=True, slots=True)
class Scope:
    name: str
    description: str
    # Whether it is asked for unless whoever connects says otherwise.
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Guide:
    """`integration` and `method` are None until a method is chosen, `workspace` likewise."""

    callback: str
    integration: IntegrationDefinition | None = None
    method: MethodDefinition | None = None
    workspace: Workspace | None = None

    @property
    def docs_url(self) -> str:
        if self.method is None or self.integration is None:
            return ""
        return self.method.docs_url or self.integration.docs_url

    @property
    def scopes(self) -> list[Scope]:
        if self.method is None:
            return []
        known: dict[str, str] = dict(self.method.oauth.get("scopes") or {})
        asked = list(self.method.oauth.get("default_scopes") or [])
        names = [*asked, *(name for name in known if name not in asked)]
        return [Scope(name, known.get(name, ""), name in asked) for name in names]

    @property
    def asks_nobody(self) -> bool:
        """The service gives tokens for the client itself: there is no consent, and no callback."""
        return self.method is not None and not is_consented(self.method)

    @property
    def registers_itself(self) -> bool:
        return self.method is not None and is_discovered(self.method)

    @property
    def has_chosen_server(self) -> bool:
        """Whether whoever connects names the server: the client is for one of them."""
        return self.method is not None and is_chosen(str(self.method.oauth.get("token_url") or ""))

    @property
    def can_consent(self) -> bool | None:
        """Whether people of the workspace can be sent there now; None where nothing is chosen."""
        if self.method is None or self.workspace is None:
            return None
        return can_consent(self.workspace.id, self.method)


def guide_for(method: AuthMethod | None, workspace: Workspace | None = None) -> Guide:
    if method is None:
        return Guide(callback_url(), workspace=workspace)
    definition = current_catalogue().by_pk(method.integration_id)
    return Guide(callback_url(), definition, definition.method_by_pk(method.pk), workspace)


def chosen(form: Any, name: str) -> Any:
    """The row that a choice of a form means, as it was sent or as it is drawn; else None."""
    field = form.fields.get(name)
    value = form[name].value() if field is not None else None
    if not value:
        return None
    try:
        return field.to_python(value)
    except ValidationError:
        return None
