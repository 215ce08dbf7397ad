"""What the admin calls models and columns can be translated."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import Promise

OURS = ("connections", "integrations")


@pytest.mark.parametrize("app", OURS)
def test_app_and_models_have_names_in_every_language(app):
    config = apps.get_app_config(app)
    assert isinstance(config.verbose_name, Promise)
    unnamed = [
        model.__name__
        for model in config.get_models()
        if admin.site.is_registered(model)
        and not all(
            isinstance(name, Promise)
            for name in (model._meta.verbose_name, model._meta.verbose_name_plural)
        )
    ]
    assert unnamed == []


def columns_of(model, model_admin):
    named = {*model_admin.list_display, *(model_admin.readonly_fields or ())}
    for fieldset in model_admin.fieldsets or ():
        for name in fieldset[1]["fields"]:
            named |= set(name) if isinstance(name, tuple) else {name}
    for name in named:
        try:
            yield model._meta.get_field(name)
        except FieldDoesNotExist:
            continue


def test_columns_that_staff_see_have_names_in_every_language():
    unnamed = [
        f"{model.__name__}.{column.name}"
        for model, model_admin in admin.site._registry.items()
        if model._meta.app_label in OURS
        for column in columns_of(model, model_admin)
        if not isinstance(column.verbose_name, Promise)
    ]
    assert unnamed == []
