"""Which definition a preview shows: the stored one, what the editor's form says, or a document that
the preview itself carries along. Nothing of it is stored.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest

from integrations.catalogue import integration_definition, with_fields
from integrations.editing import Edited, edited_integration, edited_method
from integrations.export import dump
from integrations.files import LARGEST_FILE, FileError, parse
from integrations.lint import Finding, lint
from integrations.models import AuthMethod, Integration
from integrations.services import definition_digest
from integrations.specs import IntegrationDefinition, MethodDefinition

# The hidden input of the form that carries the definition: no page stores it.
DOCUMENT = "revision"
# What such a finding is about cannot be drawn.
UNDRAWABLE = {"unknown_type", "example_fails"}


@dataclass(frozen=True)
class Drafted:
    """`row` is the integration that is edited; None for one that is being added."""

    row: Integration | None
    edited: Edited

    @property
    def definition(self) -> IntegrationDefinition:
        return self.edited.definition

    @cached_property
    def findings(self) -> list[Finding]:
        return lint(self.definition)

    @property
    def has_errors(self) -> bool:
        return any(finding.level == "error" for finding in self.findings)

    @property
    def can_be_drawn(self) -> bool:
        return not any(finding.code in UNDRAWABLE for finding in self.findings)

    @cached_property
    def document(self) -> str:
        return dump(self.definition)

    @cached_property
    def is_saved(self) -> bool:
        """Whether it says what is stored."""
        stored = self.stored
        return stored is not None and definition_digest(stored) == definition_digest(
            self.definition
        )

    @cached_property
    def stored(self) -> IntegrationDefinition | None:
        if self.row is None:
            return None
        return integration_definition(with_fields().get(pk=self.row.pk))

    def method(self, wished: str | None) -> MethodDefinition | None:
        return self.definition.method(wished or self.edited.method)


def drafted(request: HttpRequest, kind: str, pk: int) -> Drafted | None:
    """What the request is about; None where the editor has not said whose method it is.

    Raises Http404 for a row that is not there and FileError for a document that is none.
    """
    if kind not in ("integration", "method"):
        raise Http404
    row, method = _rows(kind, pk)
    if request.method != "POST":
        return _as_stored(row, method)
    if DOCUMENT in request.POST:
        return _carried(request.POST[DOCUMENT], row, method)
    if kind == "integration":
        return Drafted(row, edited_integration(request.POST, _with_fields(row)))
    edited = edited_method(request.POST, method)
    if edited is None:
        return None
    return Drafted(row or Integration.objects.get(pk=edited.definition.pk), edited)


def _rows(kind: str, pk: int) -> tuple[Integration | None, AuthMethod | None]:
    if not pk:
        return None, None
    if kind == "integration":
        found = Integration.objects.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found, None
    method = AuthMethod.objects.select_related("integration").filter(pk=pk).first()
    if method is None:
        raise Http404
    return method.integration, method


def _with_fields(row: Integration | None) -> Any:
    return None if row is None else with_fields().get(pk=row.pk)


def _as_stored(row: Integration | None, method: AuthMethod | None) -> Drafted | None:
    if row is None:
        return None
    definition = integration_definition(_with_fields(row))
    return Drafted(row, Edited(definition=definition, method=method.slug if method else None))


def _carried(text: str, row: Integration | None, method: AuthMethod | None) -> Drafted:
    if len(text.encode(errors="replace")) > LARGEST_FILE:
        raise FileError(f"the definition is larger than {LARGEST_FILE} bytes")
    definition = parse(text)
    return Drafted(row, Edited(definition=definition, method=method.slug if method else None))
