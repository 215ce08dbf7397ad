"""The operations on what opens doors: credentials and API keys."""

from connections.api import credentials, keys, queries
from connections.api.openapi import examples
from connections.api.openapi.operations import (
    API_KEYS,
    CREATION,
    CREDENTIALS,
    Body,
    Operation,
    Operations,
)
from connections.credential_serializers import CredentialChangeSerializer, CredentialSerializer
from connections.key_serializers import ApiKeySerializer, RotationSerializer

SECRET_OPERATIONS: Operations = {
    (credentials.CredentialList, "GET"): Operation(
        id="listCredentials",
        tag=CREDENTIALS,
        summary="List credentials",
        query=queries.CredentialQuery,
        answer="CredentialList",
        answer_examples=examples.CREDENTIAL_LISTS,
    ),
    (credentials.CredentialList, "POST"): Operation(
        id="createCredential",
        tag=CREDENTIALS,
        summary="Create a credential",
        description="Kept for itself, to be used by several connections; each connection that "
        "uses it checks its values.",
        body=Body(
            name="CredentialCreation",
            serializer=CredentialSerializer,
            examples=examples.CREDENTIAL_CREATIONS,
        ),
        status=201,
        answer="Credential",
        answer_examples=examples.CREDENTIALS,
        refusals=CREATION,
    ),
    (credentials.CredentialDetail, "GET"): Operation(
        id="getCredential",
        tag=CREDENTIALS,
        summary="Read a credential's description",
        answer="Credential",
        answer_examples=examples.CREDENTIALS,
    ),
    (credentials.CredentialDetail, "PUT"): Operation(
        id="changeCredential",
        tag=CREDENTIALS,
        summary="Change a credential",
        description="Absent members keep what is stored. New values are checked for every "
        "connection that uses the credential; the report names those that they would break.",
        body=Body(
            name="CredentialChange",
            serializer=CredentialChangeSerializer,
            examples=examples.CREDENTIAL_CHANGES,
            is_change=True,
        ),
        answer="Credential",
        answer_examples=examples.CREDENTIALS,
        refusals=("Overtaken",),
    ),
    (credentials.CredentialDetail, "DELETE"): Operation(
        id="deleteCredential",
        tag=CREDENTIALS,
        summary="Delete a credential that no connection uses",
        status=204,
        refusals=("InUse",),
    ),
    (keys.KeyList, "GET"): Operation(
        id="listApiKeys",
        tag=API_KEYS,
        summary="List API keys",
        query=queries.KeyQuery,
        answer="ApiKeyList",
        answer_examples=examples.API_KEY_LISTS,
    ),
    (keys.KeyList, "POST"): Operation(
        id="createApiKey",
        tag=API_KEYS,
        summary="Create an API key",
        description="The secret is in this answer and nowhere else.",
        body=Body(
            name="ApiKeyCreation",
            serializer=ApiKeySerializer,
            examples=examples.API_KEY_CREATIONS,
        ),
        status=201,
        answer="NewApiKey",
        answer_examples=examples.NEW_API_KEYS,
        refusals=(*CREATION, "TooManyPermissions"),
    ),
    (keys.KeyDetail, "GET"): Operation(
        id="getApiKey",
        tag=API_KEYS,
        summary="Read an API key's description",
        answer="ApiKey",
        answer_examples=examples.API_KEYS,
    ),
    (keys.KeyDetail, "PUT"): Operation(
        id="changeApiKey",
        tag=API_KEYS,
        summary="Change an API key",
        description="Absent members keep what is stored.",
        body=Body(
            name="ApiKeyChange",
            serializer=ApiKeySerializer,
            examples=examples.API_KEY_CHANGES,
            is_change=True,
        ),
        answer="ApiKey",
        answer_examples=examples.API_KEYS,
        refusals=("TooManyPermissions",),
    ),
    (keys.KeyDetail, "DELETE"): Operation(
        id="deleteApiKey",
        tag=API_KEYS,
        summary="Delete an API key",
        description="Requests that carry it are refused from now on.",
        status=204,
    ),
    (keys.KeyRotation, "POST"): Operation(
        id="rotateApiKey",
        tag=API_KEYS,
        summary="Give an API key a new secret",
        description="The secret is in this answer and nowhere else. The old one may work for "
        "`overlap_seconds` longer.",
        body=Body(
            name="Rotation",
            serializer=RotationSerializer,
            examples=examples.ROTATIONS,
        ),
        answer="RotatedApiKey",
        answer_examples=examples.ROTATED_API_KEYS,
        refusals=("TooManyPermissions",),
    ),
}
