"""What was stored in one wording is shown in every language."""

from datetime import UTC, datetime

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from connections.checks.outcomes import WORDS
from connections.models import Connection
from connections.services.refresh_reasons import REASONS
from integrations.texts import stored_in_words

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def stored(message, hint=None):
    row = Connection()
    row.mark_error(code="x", message=message, hint=hint, now=NOW)
    return row.status_reason


@pytest.mark.parametrize("language", ["de", "fr", "es", "ar"])
def test_every_reason_is_stored_as_programs_read_it_and_shown_as_people_do(language):
    reasons = [*WORDS.values(), *((one.message, one.hint) for one in REASONS.values())]
    for message, hint in reasons:
        with translation.override(language):
            kept = stored(message, hint)
            shown = str(message), str(hint)
            assert stored_in_words(kept["message"]).removesuffix(".") == shown[0].removesuffix(".")
            assert stored_in_words(kept["hint"]) == shown[1]
        with translation.override(None):
            original = str(message), str(hint)
            assert stored_in_words(kept["message"]) == kept["message"]
        assert kept["message"].removesuffix(".") == original[0].removesuffix(".")
        assert kept["hint"] == original[1]
        assert shown != original


@pytest.mark.parametrize(
    ("kept", "german"),
    [
        ("Field 'API key' is required.", "Feld „API-Schlüssel“ ist erforderlich."),
        ("Field 'API key' cannot be changed", "Feld „API-Schlüssel“ kann nicht geändert werden"),
        (
            "Field 'API key' must be at least 12 characters.",
            "Feld „API-Schlüssel“ muss mindestens 12 Zeichen haben.",
        ),
        ("Field 'Own key' must start with pk_.", "Feld „Own key“ muss mit pk_ beginnen."),
        ("Field 'Own' must rhyme.", "Feld „Own“ must rhyme."),
        ("Nobody knows this sentence.", "Nobody knows this sentence."),
        ("", ""),
    ],
    ids=["required", "const", "count", "pattern", "own-pattern", "unknown", "nothing"],
)
def test_problem_with_a_field_keeps_its_parameters(kept, german):
    with translation.override("de"):
        assert stored_in_words(kept) == german
    with translation.override(None):
        assert stored_in_words(kept) == kept


def test_lazy_text_is_not_stored_in_the_language_of_whoever_asked():
    with translation.override("de"):
        assert stored(gettext_lazy("Access was revoked at the service."))["message"] == (
            "Access was revoked at the service."
        )
