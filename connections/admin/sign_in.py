"""The sign-in of staff."""

from django.contrib.admin.forms import AdminAuthenticationForm

from connections.access.sign_in import BoundedPassword


class StaffSignInForm(BoundedPassword, AdminAuthenticationForm):
    pass
