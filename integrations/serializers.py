"""The shape of a definition, as catalogue files and programs write it."""

from integrations.auth_methods import AUTH_METHODS
from integrations.field_types import FIELD_TYPES
from integrations.models import FieldSpec, Integration, IntegrationType
from integrations.requirements import StrictSerializer
from integrations.specs import Spec


def _choice(key: str, values: list[str], **more: object) -> Spec:
    return Spec(key=key, type="select", label=key, options=tuple((v, v) for v in values), **more)  # type: ignore[arg-type]


def _optional(key: str, type_: str = "text", **more: object) -> Spec:
    return Spec(key=key, type=type_, label=key, required=False, **more)  # type: ignore[arg-type]


class FieldShape(StrictSerializer):
    specs = (
        Spec(key="key", label="key", max_length=64),
        _choice("target", FieldSpec.Target.values, required=False),
        _choice("type", list(FIELD_TYPES), required=False),
        *(
            _optional(key, max_length=longest)
            for key, longest in (
                ("label", 100),
                ("help_text", 4096),
                ("placeholder", 255),
                ("pattern", 600),
                ("pattern_message", 255),
                ("forbidden_pattern", 600),
                ("prefix", 100),
                ("suffix", 100),
                ("group", 100),
            )
        ),
        _optional("docs_url", "url", max_length=500),
        *(
            _optional(key, "boolean")
            for key in ("required", "secure", "advanced", "expires", "deprecated")
        ),
        *(
            _optional(key, "integer", minimum=0, maximum=10_000_000)
            for key in ("min_length", "max_length")
        ),
        *(_optional(key, "number") for key in ("minimum", "maximum")),
        _optional("order", "integer", minimum=-32_768, maximum=32_767),
        *(_optional(key, "list") for key in ("strip", "schemes")),
        *(
            _optional(key, "any")
            for key in ("default", "const", "options", "examples", "bad_examples")
        ),
        *(_optional(key, "json") for key in ("visible_if", "required_if")),
        _optional("translations", "any"),
        _choice("stage", FieldSpec.Stage.values, required=False),
        _choice("pem_type", FieldSpec.PEMType.values, required=False),
    )


class RequestShape(StrictSerializer):
    specs = (
        _optional("base_url"),
        _optional("username"),
        _optional("password"),
        # Names may be templates too: what they become is checked when a request is built.
        _optional("headers", "key_values"),
        _optional("query", "key_values"),
    )


class OAuthShape(StrictSerializer):
    specs = (
        *(
            _optional(key)
            for key in ("authorization_url", "token_url", "refresh_url", "revoke_url", "issuer")
        ),
        _optional("scopes", "key_values", max_length=500),
        *(_optional(key, "scopes") for key in ("default_scopes", "required_scopes")),
        _optional("scope_separator"),
        _choice(
            "client_auth",
            ["basic", "basic_form_encoded", "post", "private_key_jwt", "none"],
            required=False,
        ),
        _optional("pkce", "boolean"),
        *(
            _optional(key, "key_values")
            for key in ("authorize_params", "token_params", "refresh_params")
        ),
        _choice("token_format", ["form", "json"], required=False),
        *(_optional(key) for key in ("access_token_path", "refresh_token_path")),
        # Words for bearer tokens other than that one; the parameter that carries the scopes.
        _optional("token_types", "scopes"),
        _optional("scope_param"),
        _choice("answer_format", ["json", "form"], required=False),
        # Without one, the kind of the method says how its tokens are fetched.
        _choice("grant", ["client_credentials", "password", "jwt_bearer"], required=False),
        # What a signed assertion says beside its issuer and its times.
        *(_optional(key) for key in ("assertion_audience", "assertion_subject", "assertion_alg")),
        _optional("assertion_claims", "key_values"),
        _choice("revoke_format", ["form", "json"], required=False),
        _choice("revoke_auth", ["client", "token"], required=False),
        # Where OpenID's keys are, if the issuer does not say; where OAuth 1.0a begins.
        *(_optional(key) for key in ("jwks_uri", "temporary_url")),
    )


class TestShape(StrictSerializer):
    __test__ = False
    specs = (
        _choice("method", ["GET", "HEAD", "POST"], required=False),
        _optional("path"),
        _optional("url"),
        _optional("headers", "headers"),
        _optional("body", "json"),
        _optional("expect", "any"),
        # Statuses beside 401 by which this service says that the credential is wrong.
        _optional("unauthorized", "any"),
        _optional("account_id"),
        _optional("account_label"),
        # The names in connections/checks/registry.py.
        _choice("check", ["http", "mcp", "s3", "postgres", "redis"], required=False),
    )


class MethodShape(StrictSerializer):
    specs = (
        Spec(key="id", type="slug", label="id"),
        Spec(key="name", label="name", max_length=255),
        _choice("kind", list(AUTH_METHODS)),
        _optional("description"),
        _optional("docs_url", "url", max_length=500),
        _optional("default", "boolean"),
        _optional("fields", "any"),
        *(_optional(key, "json") for key in ("rules", "request", "oauth", "test")),
        _optional("translations", "any"),
    )


class IntegrationShape(StrictSerializer):
    specs = (
        Spec(key="slug", type="slug", label="slug"),
        Spec(key="name", label="name", max_length=255),
        _choice("type", IntegrationType.values),
        _optional("description"),
        _optional("categories", "list"),
        *(_optional(key, "url", max_length=500) for key in ("docs_url", "logo_url")),
        _choice("status", Integration.Status.values, required=False),
        _optional("fields", "any"),
        _optional("auth_methods", "any"),
        _optional("translations", "any"),
    )
