"""The forms of a workspace's settings and of invitations."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model, password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from connections.access.sign_in import LONGEST_PASSWORD
from connections.branding.forms import AddressesForm, BrandForm
from connections.key_forms import key_inputs, key_serializer, shown_value
from connections.key_serializers import LONGEST_OVERLAP
from connections.models import Membership
from connections.models.api_keys import Permission
from connections.services.members import may_give
from connections.web.forms import DressedField

HOUR, DAY = 3600, 24 * 3600
OVERLAPS = (
    (0, _("At once")),
    (HOUR, _("In an hour")),
    (DAY, _("In a day")),
    (LONGEST_OVERLAP, _("In a week")),
)


class InvitationForm(forms.Form):
    bound_field_class = DressedField
    use_required_attribute = False

    # A user name has room for as much.
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=150,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, giver: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = may_give(giver)
        self.fields["role"].choices = [pair for pair in Membership.Role.choices if pair[0] in given]
        self.initial.setdefault("role", Membership.Role.MEMBER)

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()  # type: ignore[no-any-return]


class SignUpForm(forms.Form):
    bound_field_class = DressedField
    use_required_attribute = False

    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validation.password_validators_help_text_html(),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = get_user_model()(username=email, email=email)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.person)
        return password


class OwnWorkspaceForm(AddressesForm):
    bound_field_class = DressedField
    use_required_attribute = False

    class Meta(AddressesForm.Meta):
        fields = ("name", *AddressesForm.Meta.fields)


class BrandPageForm(BrandForm):
    bound_field_class = DressedField
    use_required_attribute = False


class KeyFormBase(forms.Form):
    """Sends what was typed through the serializer of the API; the service stores it."""

    bound_field_class = DressedField
    use_required_attribute = False

    def __init__(self, *args: Any, key: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key = key
        self.fields["permissions"].widget.choices = Permission.choices
        if key is not None:
            self.initial |= {name: shown_value(key, name) for name in self.fields}

    def clean(self) -> dict[str, Any]:
        serializer = key_serializer(self, is_new=self.key is None)
        if serializer.is_valid():
            self.columns = serializer.columns()
        for name, problems in serializer.problems.items():
            for problem in problems:
                self.add_error(name, ValidationError(str(problem), code=problem.code))
        return self.cleaned_data


KeyForm = type("KeyForm", (KeyFormBase,), {**key_inputs(), "status": None})


class RotationForm(forms.Form):
    bound_field_class = DressedField
    use_required_attribute = False

    overlap = forms.TypedChoiceField(
        label=_("The old secret ends"), coerce=int, choices=OVERLAPS, initial=DAY
    )
