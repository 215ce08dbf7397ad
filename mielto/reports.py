"""Error reports that cannot carry a secret: no bodies, no local variables, few headers."""

from copy import copy
from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from mielto.logs import without_token

SHOWN_META = {"REQUEST_METHOD", "PATH_INFO", "CONTENT_TYPE", "CONTENT_LENGTH", "SERVER_PROTOCOL"}


class QuietFilter(SafeExceptionReporterFilter):
    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        shown = {name: value for name, value in request.META.items() if name in SHOWN_META}
        return {**shown, "PATH_INFO": without_token(shown.get("PATH_INFO", ""))}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> list[Any]:
        return []


class QuietReporter(ExceptionReporter):
    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        # The message of an exception may quote a value; its type and place say enough.
        data["exception_value"] = "(not shown)"
        data["exception_notes"] = ""
        if self.request is not None:
            # Without the query, which is a caller's to fill, and without the token of a link.
            data["request"] = copy(self.request)
            data["request"].path_info = without_token(self.request.path_info)
            data["request_insecure_uri"] = without_token(self.request.path)
        data["filtered_POST_items"] = []
        data["request_GET_items"] = []
        data["request_FILES_items"] = []
        return data
