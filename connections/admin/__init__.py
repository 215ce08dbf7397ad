"""What staff see. Each module registers its pages; no page shows a secret."""

from functools import partial

from django.contrib import admin
from django.utils.functional import SimpleLazyObject

from connections.admin.accounts import SecondFactorAdmin
from connections.admin.audit import AuditEventAdmin
from connections.admin.connections import ConnectionAdmin
from connections.admin.impact import ConnectedIntegrationAdmin, ConnectedMethodAdmin
from connections.admin.keys import ApiKeyAdmin
from connections.admin.oauth import OAuthClientAdmin
from connections.admin.people import PeopleAdmin, RoleAdmin
from connections.admin.records import CredentialAdmin
from connections.admin.setups import SetupAdmin
from connections.admin.sign_in import change_password, sign_in_first
from connections.admin.workspaces import WorkspaceAdmin

__all__ = [
    "ApiKeyAdmin",
    "AuditEventAdmin",
    "ConnectedIntegrationAdmin",
    "ConnectedMethodAdmin",
    "ConnectionAdmin",
    "CredentialAdmin",
    "OAuthClientAdmin",
    "PeopleAdmin",
    "RoleAdmin",
    "SecondFactorAdmin",
    "SetupAdmin",
    "WorkspaceAdmin",
]

admin.site.login = sign_in_first
admin.site.password_change = admin.site.password_change_done = change_password
admin.site.site_header = admin.site.site_title = "Mielto Connections"
# Its width is the lists' and the editors'.
admin.site.enable_nav_sidebar = False
# Django makes the list of everything for each page, for that sidebar; here few pages look at it.
_all_apps = admin.site.get_app_list
admin.site.get_app_list = lambda *asked, **more: SimpleLazyObject(
    partial(_all_apps, *asked, **more)
)
