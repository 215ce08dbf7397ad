"""The forms of a workspace's looks and trusted addresses: the pages' and the admin's alike."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.branding.addresses import MOST_ADDRESSES, is_origin, is_return_address
from connections.branding.colours import accent_problem
from connections.branding.logos import MOST_BYTES, content_type_of, logo_problem
from connections.models import Workspace
from integrations.problems import Problem

LINES = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})


def as_error(problem: Problem) -> ValidationError:
    return ValidationError(problem.in_full, code=problem.code)


class AddressesForm(forms.ModelForm):
    """Return addresses and embedding origins, one on each line."""

    return_urls = forms.CharField(
        label=gettext_lazy("Return addresses"),
        required=False,
        widget=LINES,
        help_text=gettext_lazy(
            "Where browsers may be sent back to: one https address on each line, compared letter "
            "by letter."
        ),
    )
    embed_origins = forms.CharField(
        label=gettext_lazy("Embedding origins"),
        required=False,
        widget=LINES,
        help_text=gettext_lazy(
            "Whose pages may open or frame connect links: one on each line, such as "
            "https://app.example.com, without a path."
        ),
    )

    class Meta:
        model = Workspace
        fields: tuple[str, ...] = ("return_urls", "embed_origins")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("return_urls", "embed_origins"):
            self.initial[name] = "\n".join(getattr(self.instance, name))

    def clean_return_urls(self) -> list[str]:
        wrong = _("Return addresses are whole https addresses without a fragment.")
        return self._lines("return_urls", is_return_address, wrong)

    def clean_embed_origins(self) -> list[str]:
        wrong = _(
            "Embedding origins are https, a host in lower case and, if need be, a port: no path, "
            "no slash at the end."
        )
        return self._lines("embed_origins", is_origin, wrong)

    def _lines(self, name: str, is_fine: Any, wrong: str) -> list[str]:
        typed = list(dict.fromkeys(self.cleaned_data[name].split()))
        if not all(map(is_fine, typed)):
            raise ValidationError(wrong, code="invalid_url")
        if len(typed) > MOST_ADDRESSES:
            text = _("There can be at most %(count)d.") % {"count": MOST_ADDRESSES}
            raise ValidationError(text, code="max_length")
        return typed


class BrandForm(forms.ModelForm):
    """`cleaned_data["logo"]` is `(content, content type)`, None to keep it, or False to drop it."""

    brand_name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("What connect links call you. By default the workspace's name."),
    )
    brand_accent = forms.CharField(
        label=gettext_lazy("Accent colour"),
        required=False,
        max_length=7,
        help_text=gettext_lazy("As #rrggbb. It has to be told from the page in light and in dark."),
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        # Said by the check of the bytes as well; here so that no more is read.
        max_length=255,
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 64 KiB and 1024 pixels."),
    )
    drop_logo = forms.BooleanField(label=gettext_lazy("Remove the logo"), required=False)

    class Meta:
        model = Workspace
        fields: tuple[str, ...] = ("brand_name", "brand_accent")

    def clean_brand_accent(self) -> str:
        typed: str = self.cleaned_data["brand_accent"].strip().lower()
        problem = accent_problem(typed) if typed else None
        if problem is not None:
            raise as_error(problem)
        return typed

    def clean_logo(self) -> Any:
        uploaded = self.cleaned_data["logo"]
        if not uploaded:
            return None
        content = uploaded.read(MOST_BYTES + 1)
        problem = logo_problem(content)
        if problem is not None:
            raise as_error(problem)
        return content, content_type_of(content)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("drop_logo") and not cleaned.get("logo"):
            cleaned["logo"] = False
        return cleaned
