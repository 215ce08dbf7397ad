"""The members of every answer, one dictionary for each thing that is answered."""

from connections.api.openapi.shapes import (
    id_of,
    list_of,
    moment,
    open_object,
    or_null,
    record,
    ref,
    text,
)
from connections.contract import MOST_METADATA
from connections.models.api_keys import KEY_LENGTH, SHOWN_LENGTH
from integrations.field_types.base import Schema

COUNT = {"type": "integer", "minimum": 0}
URL = text(format="uri")
WORKSPACE_ID = id_of("wsp", "the workspace")
CREATED_BY = text(
    "Who made it: the id of a key (`key_…`) or of a person (`user_…`), or `session cns_…` for "
    "whoever held the link of a connect session."
)
TIMES = {
    "created_at": moment("When it was made."),
    "updated_at": moment("When it was last changed."),
}

METADATA: Schema = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "maxProperties": MOST_METADATA,
    "description": "Name and value pairs of the caller.",
}
CONNECTION: dict[str, Schema] = {
    "id": id_of("conn", "the connection"),
    "workspace_id": WORKSPACE_ID,
    "integration": text("The slug of the integration."),
    "integration_type": ref("IntegrationType"),
    "auth_method_id": text("The auth method, by its id within the integration."),
    "label": text("How people recognise it.", maxLength=255),
    "status": ref("ConnectionStatus"),
    "status_reason": or_null(ref("StatusReason")),
    "config": open_object("The configuration values that may be shown."),
    "secrets_set": list_of(text(), "The names of the secret fields that hold a value."),
    "credential_id": or_null(id_of("cred", "the credential in use")),
    "user_id": or_null(text("The caller's own id for the user who owns it.")),
    "account": or_null(ref("Account")),
    "metadata": METADATA,
    "expires_at": or_null(moment("When the credential ends, if it does.")),
    "last_tested_at": or_null(moment("When it was last tried at the service.")),
    "last_used_at": or_null(moment("When its values were last read.")),
    "created_by": CREATED_BY,
    **TIMES,
}
CREDENTIAL: dict[str, Schema] = {
    "id": id_of("cred", "the credential"),
    "workspace_id": WORKSPACE_ID,
    "label": text("How people recognise it.", maxLength=100),
    "description": or_null(text("What it is for.")),
    "auth_type": ref("AuthType"),
    "credential_type": ref("CredentialType"),
    "credential_scope": ref("CredentialScope"),
    "provider": or_null(text("The service that it belongs to.")),
    "user_id": or_null(text("The caller's own id for the user who owns it.")),
    "status": ref("CredentialStatus"),
    "expires_at": or_null(moment("When it ends, if it does.")),
    "last_used_at": or_null(moment("When its values were last read.")),
    "created_by": CREATED_BY,
    **TIMES,
    "connections": {**COUNT, "description": "How many connections use it."},
}
CONNECT_SESSION: dict[str, Schema] = {
    "id": id_of("cns", "the connect session"),
    "workspace_id": WORKSPACE_ID,
    "status": ref("ConnectSessionStatus"),
    "integrations": list_of(text(), "The slugs of what may be connected."),
    "connection_id": or_null(
        id_of("conn", "the connection that came of it, or that it is to repair")
    ),
    "user_id": or_null(text("The caller's own id for the user who connects.")),
    "label": or_null(text("How people will recognise the connection.")),
    "metadata": METADATA,
    "config_set": list_of(text(), "The names of the configuration fields that are set already."),
    "return_url": or_null(URL),
    "origin": or_null(text("The origin that is told how it ends.")),
    "locale": or_null(text("The language of its pages.")),
    "failure": or_null(text("How the last consent at a service failed, while it is open.")),
    "expires_at": moment("Until when the link works."),
    "ended_at": or_null(moment("When it was completed or cancelled.")),
    "created_by": CREATED_BY,
    "created_at": TIMES["created_at"],
}
API_KEY: dict[str, Schema] = {
    "id": id_of("key", "the API key"),
    "workspace_id": WORKSPACE_ID,
    "label": text("How people recognise it.", maxLength=255),
    "starts_with": text("How its secret begins.", maxLength=SHOWN_LENGTH),
    "permissions": list_of(ref("Permission"), "What it may do."),
    "status": ref("ApiKeyStatus"),
    "expires_at": or_null(moment("When it stops working, if it does.")),
    "ip_whitelist": list_of(text(), "The addresses and networks it works from; all if empty."),
    "last_used_at": or_null(moment("When it was last used, to the minute.")),
    "created_by": CREATED_BY,
    **TIMES,
}
SECRET = text(
    "The key itself, shown in this answer and nowhere else.",
    pattern=f"^mk_[0-9A-Za-z]{{{KEY_LENGTH - 3}}}$",
)
METHOD_ROW = {
    "id": text("Its id within the integration."),
    "name": text(),
    "type": ref("AuthMethodType"),
    "is_default": {"type": "boolean", "description": "Used where no method is named."},
}
INTEGRATION = {
    "id": text("Its slug."),
    "name": text(),
    "integration_type": ref("IntegrationType"),
    "description": text(),
    "categories": list_of(text()),
    "logo_url": or_null(URL),
    "docs_url": or_null(URL),
    "auth_methods": list_of(ref("AuthMethod")),
    "status": ref("IntegrationStatus"),
    "revision": {**COUNT, "description": "Raised by every change of the definition."},
}
VALIDATION = {
    "minLength": COUNT,
    "maxLength": COUNT,
    "minimum": {"type": "number"},
    "maximum": {"type": "number"},
    "pattern": text("Holds for the whole value, as in a browser."),
    "patternMessage": text("Says what the pattern asks for."),
    "format": ref("FieldFormat"),
}
FIELD = {
    "key": text("Its name in `credentials` or `config`."),
    "label": text(),
    "type": ref("FieldType"),
    "target": ref("FieldTarget"),
    "required": {"type": "boolean"},
    "secure": {"type": "boolean", "description": "Stored encrypted and never shown again."},
    "help": or_null(text()),
    "placeholder": or_null(text()),
    "default": {"description": "Filled in where the field is absent; null for none."},
    "options": or_null(list_of(ref("Option"))),
    "validation": ref("Validation"),
    "visible_if": or_null(ref("Condition")),
    "required_if": or_null(ref("Condition")),
    "group": or_null(text()),
    "advanced": {"type": "boolean", "description": "Rarely needed: forms fold it away."},
    "prefix": or_null(text("Shown before the input and left out of the value.")),
    "suffix": or_null(text("Shown after the input and left out of the value.")),
    "docs_url": or_null(URL),
}
REQUIREMENTS = {
    "integration_id": text(),
    "integration_type": ref("IntegrationType"),
    "auth_method": record(
        "The method that the fields belong to.",
        {
            "id": text(),
            "name": text(),
            "type": ref("AuthMethodType"),
            "description": or_null(text()),
        },
    ),
    "auth_methods": list_of(ref("AuthMethod")),
    "required_fields": list_of(ref("Field"), "Those of `fields` that are required."),
    "fields": list_of(ref("Field"), "All that a client needs to draw the form, in order."),
}
PROBLEM = {
    "field": text("Where: the name of a parameter or member, such as `credentials.api_key`."),
    "code": text("What, for programs; codes are never renamed.", pattern="^[a-z][a-z0-9_]*$"),
    "message": text("The same for people. It names the field and never its value."),
    "hint": or_null(text("What to do about it.")),
}
MESSAGES = list_of(text(), "Every problem of the request, for people.")
PROBLEMS = list_of(ref("Problem"), "The same problems, for programs.")
