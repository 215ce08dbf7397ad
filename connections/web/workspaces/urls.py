"""What owners and administrators of a workspace look after, and invitations to it."""

from django.urls import path

from connections.web.workspaces import branding, general, invited, inviting, keys, members

SETTINGS = "w/<slug:slug>/settings"

urlpatterns = [
    path(SETTINGS, general.general, name="workspace-settings"),
    path(f"{SETTINGS}/branding", branding.branding, name="workspace-branding"),
    path(f"{SETTINGS}/members", members.members, name="workspace-members"),
    path(f"{SETTINGS}/members/<int:member>/role", members.set_role, name="member-role"),
    path(f"{SETTINGS}/members/<int:member>/remove", members.remove, name="member-remove"),
    path(f"{SETTINGS}/invitations", inviting.send_invitation, name="invite"),
    path(
        f"{SETTINGS}/invitations/<str:invitation>/withdraw",
        inviting.withdraw_invitation,
        name="invitation-withdraw",
    ),
    path(f"{SETTINGS}/keys", keys.key_list, name="workspace-keys"),
    path(f"{SETTINGS}/keys/new", keys.new_key, name="workspace-key-new"),
    path(f"{SETTINGS}/keys/<str:key>", keys.key_detail, name="workspace-key"),
    path(f"{SETTINGS}/keys/<str:key>/rotate", keys.rotate_key, name="workspace-key-rotate"),
    path(f"{SETTINGS}/keys/<str:key>/switch", keys.switch_key, name="workspace-key-switch"),
    path(f"{SETTINGS}/keys/<str:key>/delete", keys.delete_key, name="workspace-key-delete"),
    path("invitation", invited.invitation, name="invitation"),
    path("invitations/<str:token>", invited.invitation_link, name="invitation-link"),
]
