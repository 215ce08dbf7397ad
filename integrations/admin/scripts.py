"""Pages of the admin that load no more than they use."""

from django.contrib import admin
from django.forms import Media

PREPOPULATING = ("urlify.js", "prepopulate.js", "xregexp.min.js")


class LeanAdmin(admin.ModelAdmin):
    """Without Django's scripts for fields that are filled in by others: half of all bytes."""

    @property
    def media(self) -> Media:
        full: Media = super().media
        if self.prepopulated_fields:
            return full
        kept = [path for path in full._js if not str(path).endswith(PREPOPULATING)]  # type: ignore[attr-defined]
        return Media(css=full._css, js=kept)  # type: ignore[attr-defined]


def own_scripts(full: Media) -> Media:
    """For a page on which nothing needs jQuery: without Django's scripts, most of which do."""
    kept = [path for path in full._js if not str(path).startswith("admin/js/")]  # type: ignore[attr-defined]
    return Media(css=full._css, js=kept)  # type: ignore[attr-defined]
