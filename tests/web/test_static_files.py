"""Pages bring their own styles and scripts, and nothing points anywhere else."""

import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


def test_templates_load_nothing_from_elsewhere_and_hold_no_script_or_style():
    found = {
        path.name: hits
        for path in TEMPLATES
        if (
            hits := re.findall(
                r"(?:src|href)=\"(?:https?:)?//|<script>|<style|\son\w+=", path.read_text()
            )
        )
    }
    assert TEMPLATES
    assert found == {}


def test_every_static_file_of_a_template_exists():
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"{% static ['\"]([^'\"]+)['\"] %}", path.read_text())
    }
    assert named
    assert [name for name in named if finders.find(name) is None] == []


def test_stylesheet_survives_the_hashing_of_production(tmp_path: Path):
    name = "vendor/bootstrap/bootstrap-5.3.8.min.css"
    storage = CompressedManifestStaticFilesStorage(location=tmp_path, base_url="/static/")
    with open(finders.find(name), "rb") as opened:
        storage.save(name, opened)
    results = list(storage.post_process({name: (storage, name)}))
    assert [result for _name, _hashed, result in results if isinstance(result, Exception)] == []
    assert storage.stored_name(name) != name
    assert staticfiles_storage.url(name) == f"/static/{name}"


def test_license_of_what_is_not_ours_is_beside_it():
    folder = settings.BASE_DIR / "static" / "vendor"
    assert all((vendored / "LICENSE").is_file() for vendored in folder.iterdir())
