"""Every error of the API as JSON: `{"detail": sentence, "code": slug}` or the validation report."""

import logging
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response

from connections.api.parser import BodyTooLarge
from connections.services.locks import Overtaken
from integrations.problems import as_rows

logger = logging.getLogger("connections.api")


class NotFound(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_detail = gettext_lazy("Not found")
    default_code = "not_found"


class Forbidden(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = gettext_lazy("You may not do this.")
    default_code = "forbidden"


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = gettext_lazy("It was changed by somebody else meanwhile: read it again.")
    default_code = "conflict"


class BadRequestError(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad_request"
    default_detail = gettext_lazy("The request is not valid.")


class Unprocessable(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_mismatch"
    default_detail = gettext_lazy("This Idempotency-Key was used with another body.")


class Unavailable(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = gettext_lazy("The database cannot be reached right now: try again.")
    default_code = "unavailable"
    retry_after = 5


def validation_report(error: ValidationError) -> dict[str, Any]:
    """The published refusal, and ours beside it for programs."""
    rows = as_rows(error.detail)  # type: ignore[arg-type]
    return {
        "detail": {
            "message": _("Connection validation failed"),
            "errors": [row["message"] for row in rows],
            "fields": rows,
        }
    }


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None lets a programming error become a 500 and be logged."""
    if isinstance(error, ValidationError):
        return Response(validation_report(error), status=400)
    known = _as_api_exception(error)
    if known is None:
        return None
    detail = known.detail
    code = detail.code if isinstance(detail, ErrorDetail) else known.default_code
    return Response(
        {"detail": str(detail), "code": code},
        status=known.status_code,
        headers=_headers(known),
    )


def _as_api_exception(error: Exception) -> APIException | None:
    if isinstance(error, APIException):
        return error
    if isinstance(error, Overtaken):
        return Conflict()
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, PermissionDenied):
        return Forbidden()
    if isinstance(error, RequestDataTooBig):
        return BodyTooLarge()
    if isinstance(error, SuspiciousOperation | BadRequest):
        return BadRequestError()
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("database_unavailable", exc_info=error)
        return Unavailable()
    return None


def _headers(error: APIException) -> dict[str, str]:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)
    wait = getattr(error, "wait", None) or getattr(error, "retry_after", None)
    if wait:
        headers["Retry-After"] = str(int(wait))
    return headers
