"""The form of a workspace, for its owners and for staff."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from connections.models import Workspace

LOCAL_HOSTS = {"localhost", "127.0.0.1"}
MOST_ADDRESSES = 50


class WorkspaceForm(forms.ModelForm):
    """Return addresses one on each line; a browser is sent there after an authorization."""

    return_urls = forms.CharField(
        label=_("Return addresses"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One https address on each line, compared letter by letter."),
    )

    class Meta:
        model = Workspace
        fields = ("slug", "name", "is_active", "return_urls")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["return_urls"] = "\n".join(self.instance.return_urls)

    def clean_return_urls(self) -> list[str]:
        typed: list[str] = self.cleaned_data["return_urls"].split()
        if len(typed) > MOST_ADDRESSES:
            raise ValidationError(_("These are too many addresses."), code="max_length")
        for url in typed:
            if not is_return_address(url):
                text = _("Return addresses are whole https addresses without a fragment.")
                raise ValidationError(text, code="invalid_url")
        return typed


def is_return_address(url: str) -> bool:
    """https, or http to this machine; a host, and nothing that browsers read in two ways."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and not set("\\#<>\"' ") & set(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS)
    return is_plain and is_safe and bool(host) and "@" not in parts.netloc
