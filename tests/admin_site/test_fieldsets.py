"""The editor's groups of inputs and every choice, against Django's own templates of them."""

from html.parser import HTMLParser

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import Fieldset
from django.forms.renderers import DjangoTemplates, TemplatesSetting
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from integrations.admin.inlines import FieldSpecInline
from integrations.models import AuthMethod, FieldSpec
from integrations.templatetags.editing import drawn_fieldset


class Parts(HTMLParser):
    """Tags with their attributes, and words; how they are spaced says nothing."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append(
            (tag, sorted((name, " ".join((value or "").split())) for name, value in attrs))
        )

    def handle_endtag(self, tag):
        self.found.append(f"</{tag}>")

    def handle_data(self, data):
        self.found += data.split()


class RowForm(forms.ModelForm):
    key = forms.CharField(label="<Key>", help_text="A <b>word</b>.", required=True)
    label = forms.CharField(label="Sure?")
    required = forms.BooleanField(required=True, help_text="Tick it.")
    prefix = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = FieldSpec
        fields = ("key", "label", "type", "required", "prefix", "help_text", "stage")


LINES = ("key", ("label", "type"), ("required", "help_text"), "prefix", "stage")


@pytest.mark.parametrize("data", [None, {}, {"key": "<script>", "type": "<b>"}])
@pytest.mark.parametrize("readonly", [(), ("key", "type", "stage")])
@pytest.mark.parametrize(
    ("name", "classes", "description"),
    [(None, (), ""), ("Help & layout", ("collapse",), "<i>All</i>"), ("Help", (), "")],
)
def test_group_is_what_django_draws(data, readonly, name, classes, description):
    def group():
        inline = FieldSpecInline(AuthMethod, admin.site)
        form = RowForm(data)
        # A page of errors is drawn of a form that was checked.
        assert form.errors or data is None
        return Fieldset(form, name, readonly, LINES, classes, description, model_admin=inline)

    parts = {
        "fieldset": group(),
        "prefix": "specs",
        "id_prefix": 2,
        "id_suffix": 1,
        "heading_level": 3,
    }
    expected = render_to_string("admin/includes/fieldset.html", parts)
    drawn = drawn_fieldset(group(), "specs", 2, 1, heading_level=3)
    assert Parts(drawn).found == Parts(expected).found
    assert "<script>" not in drawn


HOSTILE = '"><script>alert(1)</script>'
CHOICES = (
    ("", "---------"),
    (1, gettext_lazy("Configuration")),
    (HOSTILE, HOSTILE),
    (f"Group {HOSTILE}", [("a", "A"), ("b", mark_safe("<i>B</i>"))]),
)


class MarkedSelect(forms.Select):
    """Its options have attributes of every kind, as selects of other libraries have."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        marks = {
            "disabled": value == "",
            "hidden": value == "a",
            "data-of": value,
            "data-none": None,
        }
        return {**option, "attrs": {**option["attrs"], **marks}}


@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple, MarkedSelect])
@pytest.mark.parametrize("chosen", [None, "", 1, "b", HOSTILE, "unknown"])
@pytest.mark.parametrize(
    "attrs", [{}, {"id": "id_x", "required": True, "disabled": False, "title": HOSTILE}]
)
def test_select_is_what_django_draws(widget, chosen, attrs):
    value = [chosen, "a"] if widget is forms.SelectMultiple else chosen
    drawn, expected = (
        widget(choices=CHOICES).render("of", value, attrs, renderer=renderer)
        for renderer in (TemplatesSetting(), DjangoTemplates())
    )
    assert Parts(drawn).found == Parts(expected).found
    assert "<script>" not in drawn
