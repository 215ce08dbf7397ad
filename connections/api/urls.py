"""Every route of the API."""

from django.urls import path

from connections.api.catalogue import (
    IntegrationDetail,
    IntegrationList,
    IntegrationSchema,
    Requirements,
)
from connections.api.connect_sessions import ConnectSessionDetail, ConnectSessionList
from connections.api.connections import ConnectionDetail, ConnectionList, UserConnectionList
from connections.api.credentials import CredentialDetail, CredentialList
from connections.api.keys import KeyDetail, KeyList, KeyRotation
from connections.api.live import ConnectionCredentials, ConnectionDryRun, ConnectionTest
from connections.api.oauth import OAuthInitiate, OAuthRefresh, OAuthRevoke

app_name = "api"
urlpatterns = [
    path("connections", ConnectionList.as_view(), name="connections"),
    path("connections/validate", ConnectionDryRun.as_view(), name="validate"),
    path("connections/users/<path:user_id>", UserConnectionList.as_view(), name="user-connections"),
    path(
        "connections/integrations/<str:integration_id>/requirements",
        Requirements.as_view(),
        name="requirements",
    ),
    path("connections/<str:connection_id>", ConnectionDetail.as_view(), name="connection"),
    path("connections/<str:connection_id>/test", ConnectionTest.as_view(), name="test"),
    path(
        "connections/<str:connection_id>/credentials",
        ConnectionCredentials.as_view(),
        name="reveal",
    ),
    path("connect/sessions", ConnectSessionList.as_view(), name="connect-sessions"),
    path(
        "connect/sessions/<str:session_id>",
        ConnectSessionDetail.as_view(),
        name="connect-session",
    ),
    path("oauth/initiate", OAuthInitiate.as_view(), name="oauth-initiate"),
    path("oauth/refresh/<str:connection_id>", OAuthRefresh.as_view(), name="oauth-refresh"),
    path("oauth/revoke/<str:connection_id>", OAuthRevoke.as_view(), name="oauth-revoke"),
    path("integrations", IntegrationList.as_view(), name="integrations"),
    path("integrations/<str:integration_id>", IntegrationDetail.as_view(), name="integration"),
    path(
        "integrations/<str:integration_id>/schema",
        IntegrationSchema.as_view(),
        name="integration-schema",
    ),
    path("credentials", CredentialList.as_view(), name="credentials"),
    path("credentials/<str:credential_id>", CredentialDetail.as_view(), name="credential"),
    path("api-keys", KeyList.as_view(), name="api-keys"),
    path("api-keys/<str:key_id>", KeyDetail.as_view(), name="api-key"),
    path("api-keys/<str:key_id>/rotate", KeyRotation.as_view(), name="rotate-api-key"),
]
