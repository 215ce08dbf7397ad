"""Whether the process runs, and whether it can do its work. Neither needs a key."""

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        answer = JsonResponse({"status": "unavailable"}, status=503)
        answer["Retry-After"] = "5"
        return answer
    return JsonResponse({"status": "ok"})
